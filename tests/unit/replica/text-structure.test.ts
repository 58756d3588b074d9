import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { TEXT } from "../../../src/replica/draft-text.ts";
import { applies, viewOf } from "../../../src/replica/shared-text.ts";
import {
	checkText,
	type TextRule,
} from "../../../src/replica/text-structure.ts";

const ME = 7;
const OTHER = 9;
const member: TextRule = { kind: "member", client: ME };
const outside: TextRule = {
	kind: "outside",
	isOurs: (client) => client === ME,
};

/** What one client's transaction on top of a document comes to. */
function updateOf(
	base: Y.Doc,
	client: number,
	change: (doc: Y.Doc) => void,
): Uint8Array {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
	doc.clientID = client;
	const updates: Uint8Array[] = [];
	doc.on("update", (update: Uint8Array) => updates.push(update));
	doc.transact(() => change(doc));
	return Y.mergeUpdates(updates);
}

function draftOf(...parts: readonly (readonly [number, string])[]): Y.Doc {
	const doc = new Y.Doc();
	for (const [client, text] of parts)
		Y.applyUpdate(
			doc,
			updateOf(doc, client, (of) => of.getText(TEXT).insert(0, text)),
		);
	doc.clientID = 0;
	doc.getText(TEXT);
	return doc;
}

const hostile: Record<string, (base: Y.Doc) => Uint8Array> = {
	"a map": (base) => updateOf(base, ME, (doc) => doc.getMap(TEXT).set("a", 1)),
	"another root": (base) =>
		updateOf(base, ME, (doc) => doc.getText("facts").insert(0, "x")),
	"an array": (base) =>
		updateOf(base, ME, (doc) => doc.getArray(TEXT).insert(0, [1])),
	"an embedded object": (base) =>
		updateOf(base, ME, (doc) => doc.getText(TEXT).insertEmbed(0, { a: 1 })),
	"a nested text": (base) =>
		updateOf(base, ME, (doc) =>
			doc.getText(TEXT).insertEmbed(0, new Y.Text("x")),
		),
	formatting: (base) =>
		updateOf(base, ME, (doc) => doc.getText(TEXT).format(0, 1, { b: true })),
	"a document inside": (base) =>
		updateOf(base, ME, (doc) => doc.getMap("d").set("d", new Y.Doc())),
	"a gap": (base) => {
		const first = updateOf(base, ME, (doc) =>
			doc.getText(TEXT).insert(0, "first"),
		);
		const then = new Y.Doc();
		Y.applyUpdate(then, Y.encodeStateAsUpdate(base));
		Y.applyUpdate(then, first);
		return updateOf(then, ME, (doc) => doc.getText(TEXT).insert(0, "x"));
	},
	// {7: [0, 1e6)}: what a client will write is deleted before it is there (Y8).
	"a delete of what is to come": () =>
		new Uint8Array([0, 1, OTHER, 1, 0, 0xc0, 0x84, 0x3d]),
	nothing: () => new Uint8Array([0, 0]),
	"no update": () => new Uint8Array([1, 2, 3]),
};

describe("[S4] an update of a draft", () => {
	const base = draftOf([OTHER, "hello "], [ME, "world "]);

	for (const [what, make] of Object.entries(hostile))
		it(`that holds ${what} is refused, from members and from outside`, () => {
			expect(checkText(make(base), viewOf(base), member).ok).toBe(false);
			const any: TextRule = { kind: "outside", isOurs: () => false };
			expect(checkText(make(base), viewOf(base), any).ok).toBe(false);
		});

	it("may insert beside, and delete, what others wrote", () => {
		const update = updateOf(base, ME, (doc) => {
			doc.getText(TEXT).delete(0, 8);
			doc.getText(TEXT).insert(2, "x");
		});
		expect(checkText(update, viewOf(base), member).ok).toBe(true);
	});

	it("writes under the client id of its author alone", () => {
		const update = updateOf(base, OTHER, (doc) =>
			doc.getText(TEXT).insert(0, "x"),
		);
		expect(checkText(update, viewOf(base), member).ok).toBe(false);
	});

	it("from outside may not write as the page that holds the room", () => {
		const forged = updateOf(base, ME, (doc) =>
			doc.getText(TEXT).insert(0, "x"),
		);
		expect(checkText(forged, viewOf(base), outside).ok).toBe(false);
	});

	it("from outside may bring what several wrote and deleted", () => {
		const doc = draftOf([OTHER, "hello "], [ME, "world "]);
		const before = Y.encodeStateVector(doc);
		for (const client of [20, 21]) {
			doc.clientID = client;
			doc.getText(TEXT).insert(3, "abc");
			doc.getText(TEXT).delete(4, 1);
		}
		const update = Y.encodeStateAsUpdate(doc, before);
		expect(checkText(update, viewOf(base), outside).ok).toBe(true);
	});

	it("of many blocks of one client is refused: applying and decoding would differ", () => {
		const update = updateOf(base, 30, (doc) =>
			doc.getText(TEXT).insert(0, "x"),
		);
		const twice = new Uint8Array(update.length * 2 - 2);
		twice.set([2]);
		twice.set(update.subarray(1, -1), 1);
		twice.set(update.subarray(1), update.length - 1);
		expect(checkText(twice, viewOf(base), outside).ok).toBe(false);
	});

	it("changed in any bytes is refused, or applies whole and leaves plain text", () => {
		const updates = [
			updateOf(base, 30, (doc) => doc.getText(TEXT).insert(4, "some words")),
			updateOf(base, 30, (doc) => doc.getText(TEXT).delete(2, 6)),
			updateOf(base, ME, (doc) => doc.getText(TEXT).insert(4, "some words")),
		];
		fc.assert(
			fc.property(
				fc.constantFrom(...updates),
				fc.array(fc.tuple(fc.nat(80), fc.nat(255)), {
					minLength: 1,
					maxLength: 4,
				}),
				fc.constantFrom(member, outside),
				(update, changes, rule) => {
					const bytes = Uint8Array.from(update);
					for (const [at, to] of changes) bytes[at % bytes.length] = to;
					const check = checkText(bytes, viewOf(base), rule);
					if (!check.ok) return;
					const doc = draftOf([OTHER, "hello "], [ME, "world "]);
					expect(applies(doc, bytes, check.reached)).toBe(true);
					const delta: { insert: unknown }[] = doc.getText(TEXT).toDelta();
					for (const { insert } of delta) expect(typeof insert).toBe("string");
				},
			),
			{ numRuns: 20_000 },
		);
	});

	it("made of noise is refused without a throw", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
				checkText(bytes, viewOf(base), member);
				checkText(bytes, viewOf(base), outside);
			}),
			{ numRuns: 5_000 },
		);
	});
});
