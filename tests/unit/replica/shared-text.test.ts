import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { TEXT } from "../../../src/replica/draft-text.ts";
import {
	SharedText,
	type TextEdit,
	textClient,
} from "../../../src/replica/shared-text.ts";
import { seededRandom } from "../../sim/world/random.ts";

const SPACE = "draft:d";
const sessions = ["aa", "bb", "cc"];

/** Three people who type at once, and hear of each other now and then. */
function history(seed: number, count: number, people = 3) {
	const random = seededRandom(seed);
	const pick = (below: number) => Math.floor(random.fraction() * below);
	const texts = sessions.map(() => new SharedText(SPACE));
	const held: TextEdit[][] = sessions.map(() => []);
	for (let n = 0; n < count; n++) {
		const who = pick(people);
		const shared = texts[who];
		const own = held[who];
		const session = sessions[who];
		if (shared === undefined || own === undefined || session === undefined)
			continue;
		if (random.fraction() < 0.4) {
			// Hears all that somebody else holds.
			for (const edit of held[pick(3)] ?? [])
				if (!own.includes(edit)) own.push(edit);
			shared.take(own);
		}
		const { text } = shared;
		const at = pick(text.length + 1);
		const remove = Math.min(pick(4), text.length - at);
		const insert = random.fraction() < 0.8 ? `${n},` : "";
		if (remove > 0 || insert !== "")
			own.push(shared.write(session, pick(4) === 0, [{ at, remove, insert }]));
	}
	const all = [...new Set(held.flat())];
	return { all: logs(all), random };
}

/** The edits of each session in the order of its log, the sessions one after another. */
const logs = (edits: readonly TextEdit[]): TextEdit[] =>
	sessions.flatMap((session) =>
		edits
			.filter((edit) => edit.session === session)
			.sort((a, b) => a.at - b.at),
	);

/** Adds the edits to a text in another order each time: logs advance at their own pace. */
function arrive(edits: readonly TextEdit[], random: { fraction(): number }) {
	const text = new SharedText(SPACE);
	const held = new Map(sessions.map((session) => [session, 0]));
	for (;;) {
		const open = sessions.filter(
			(session) => (held.get(session) ?? 0) < logOf(edits, session).length,
		);
		const next = open[Math.floor(random.fraction() * open.length)];
		if (next === undefined) return text;
		held.set(
			next,
			(held.get(next) ?? 0) + 1 + Math.floor(random.fraction() * 3),
		);
		text.take(
			sessions.flatMap((session) =>
				logOf(edits, session).slice(0, held.get(session)),
			),
		);
	}
}
const logOf = (edits: readonly TextEdit[], session: string) =>
	edits.filter((edit) => edit.session === session);

/** What a member signs that follows no rules. */
function hostileEdits(random: ReturnType<typeof seededRandom>): TextEdit[] {
	const client = textClient(SPACE, "cc", false);
	const doc = new Y.Doc();
	doc.clientID = client;
	const updates: Uint8Array[] = [];
	doc.on("update", (update: Uint8Array) => updates.push(update));
	doc.getText(TEXT).insert(0, "evil");
	doc.getMap("facts").set("a", 1);
	doc.getText(TEXT).delete(0, 2);
	const other = new Y.Doc();
	other.clientID = client;
	other.on("update", (update: Uint8Array) => updates.push(update));
	other.getText(TEXT).insert(0, "good");
	updates.push(random.bytes(40), new Uint8Array([0, 0]));
	return updates.map((update, n) => ({
		at: 1 + Math.floor(random.fraction() * 40) + n * (n % 3),
		session: "cc",
		outside: false,
		update,
	}));
}

describe("[S4] a draft that several write", () => {
	it("is the same text in whatever order the logs arrive", () => {
		fc.assert(
			fc.property(fc.integer(), (seed) => {
				const { all, random } = history(seed, 60);
				const whole = new SharedText(SPACE);
				whole.take(all);
				const other = arrive(all, random);
				expect(other.text).toBe(whole.text);
				expect(other.spans()).toEqual(whole.spans());
				// Honest edits are merged, not chosen from.
				const doc = new Y.Doc();
				for (const { update } of all) Y.applyUpdate(doc, update);
				expect(whole.text).toBe(doc.getText(TEXT).toString());
			}),
			{ numRuns: 60 },
		);
	});

	it("is the same text, with all that honest members wrote, though one follows no rules", () => {
		fc.assert(
			fc.property(fc.integer(), (seed) => {
				const made = history(seed, 40, 2);
				const honest = made.all;
				const alone = new SharedText(SPACE);
				alone.take(honest);
				// The order of a log is what its author made it, whatever the numbers say.
				const edits = [...honest, ...hostileEdits(made.random)];
				const one = new SharedText(SPACE);
				one.take(edits);
				expect(arrive(edits, made.random).text).toBe(one.text);
				const kept = one
					.spans()
					.filter(({ session }) => session !== "cc")
					.map(({ start, end }) => one.text.slice(start, end))
					.join("");
				expect(kept).toBe(alone.text);
			}),
			{ numRuns: 60 },
		);
	});

	it("tells who wrote what, and what came from outside", () => {
		const text = new SharedText(SPACE);
		text.write("aa", false, [{ at: 0, remove: 0, insert: "one three" }]);
		text.write("bb", true, [{ at: 4, remove: 0, insert: "two " }]);
		expect(text.text).toBe("one two three");
		expect(text.spans()).toEqual([
			{ start: 0, end: 4, session: "aa", outside: false },
			{ start: 4, end: 8, session: "bb", outside: true },
			{ start: 8, end: 13, session: "aa", outside: false },
		]);
	});

	it("gives every session client ids of its own, within 53 bits", () => {
		const ids = ["aa", "bb"].flatMap((session) => [
			textClient(SPACE, session, false),
			textClient(SPACE, session, true),
			textClient("draft:e", session, false),
		]);
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids.every(Number.isSafeInteger)).toBe(true);
	});

	it("leaves out an edit that builds on what comes after it, whenever it arrives", () => {
		const writer = new SharedText(SPACE);
		const type = (session: string, at: number, insert: string) =>
			writer.write(session, false, [{ at, remove: 0, insert }]);
		const before = [type("aa", 0, "one "), type("aa", 4, "two ")];
		const forged = { ...type("cc", 8, "three"), at: 1 };
		const late = new SharedText(SPACE);
		late.take(before);
		late.take([...before, forged]);
		const whole = new SharedText(SPACE);
		whole.take([forged, ...before]);
		expect(late.text).toBe("one two ");
		expect(whole.text).toBe("one two ");
	});

	it("does not let an edit take the place of what others have built on", () => {
		const writer = new SharedText(SPACE);
		const first = writer.write("cc", false, [
			{
				at: 0,
				remove: 0,
				insert: "base",
			},
		]);
		const built = writer.write("aa", false, [
			{
				at: 4,
				remove: 0,
				insert: " and more",
			},
		]);
		// Another history of the same clocks, numbered to come first.
		const other = new SharedText(SPACE).write("cc", false, [
			{
				at: 0,
				remove: 0,
				insert: "evil",
			},
		]);
		const text = new SharedText(SPACE);
		text.take([built, first, { ...other, at: first.at }]);
		expect(text.text).toBe("base and more");
	});
});
