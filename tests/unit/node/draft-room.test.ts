import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { DraftRoom } from "../../../src/node/draft-room.ts";
import { TEXT } from "../../../src/replica/draft-text.ts";
import {
	MAX_ROOM_BYTES,
	OUTSIDE_BURST,
	OUTSIDE_PER_SECOND,
} from "../../../src/wire/constants.ts";
import {
	applySplices,
	type Splice,
	wellFormed,
} from "../../../src/wire/text-splice.ts";
import { VirtualClock } from "../../sim/world/clock.ts";

/** A draft of the swarm, its room, and a page outside that hears what the room says. */
async function roomOf(
	text: string,
	options: { history?: Uint8Array[]; client?: number } = {},
) {
	const clock = new VirtualClock();
	const draft = { text };
	const kept: Uint8Array[] = [...(options.history ?? [])];
	const brought: Splice[] = [];
	const ends: string[] = [];
	const storage = { isFull: false, stored: Promise.resolve() };
	const guest = new Y.Doc();
	const keep = async (raw: Uint8Array): Promise<void> => {
		if (storage.isFull) throw new Error("no space");
		kept.push(raw);
		await storage.stored;
	};
	const room = new DraftRoom({
		clock,
		client: options.client ?? 1,
		history: options.history ?? [],
		text: () => draft.text,
		keep,
		async bringIn(raw, splices) {
			draft.text = applySplices(draft.text, splices);
			brought.push(...splices);
			room.follow();
			await keep(raw);
		},
		name: "room",
		sink: {
			say: (update) => Y.applyUpdate(guest, update),
			end: () => undefined,
		},
		onEnd: (reason) => ends.push(reason),
	});
	const state = await room.open();
	if (state !== undefined) Y.applyUpdate(guest, state);
	return {
		clock,
		room,
		draft,
		kept,
		brought,
		ends,
		storage,
		guest,
		/** What a page outside writes, taken in as one update. */
		outside(change: (doc: Y.Doc) => void): void {
			const before = Y.encodeStateVector(guest);
			guest.transact(() => change(guest));
			room.take(Y.encodeStateAsUpdate(guest, before));
		},
		get heard() {
			return guest.getText(TEXT).toString();
		},
	};
}

/** A member writes. */
async function write(
	world: Awaited<ReturnType<typeof roomOf>>,
	text: string,
): Promise<void> {
	world.draft.text = text;
	world.room.follow();
	await world.clock.run(0);
}

describe("a draft open to people outside", () => {
	it("tells them its text, and every edit of it", async () => {
		const world = await roomOf("Dear board,");
		expect(world.heard).toBe("Dear board,");
		await write(world, "Dear all,");
		expect(world.heard).toBe("Dear all,");
	});

	it("takes what they write as the smallest splice, and says it to nobody again", async () => {
		const world = await roomOf("one three");
		const { length } = world.kept;
		world.outside((doc) => doc.getText(TEXT).insert(4, "two "));
		expect(world.draft.text).toBe("one two three");
		expect(world.brought).toEqual([{ at: 4, remove: 0, insert: "two " }]);
		expect(world.kept).toHaveLength(length + 1);
		expect(world.ends).toEqual([]);
	});

	it("[S2] says nothing before it is stored", async () => {
		const world = await roomOf("");
		let store = (): void => undefined;
		world.storage.stored = new Promise((resolve) => {
			store = () => resolve(undefined);
		});
		await write(world, "not yet");
		expect(world.heard).toBe("");
		store();
		await world.clock.run(0);
		expect(world.heard).toBe("not yet");
	});

	it("[S9] closes, with a word, where what is said cannot be stored", async () => {
		const world = await roomOf("");
		world.storage.isFull = true;
		await write(world, "lost");
		expect(world.heard).toBe("");
		expect(world.ends).toHaveLength(1);
	});

	it("[Y11] goes on from what was said before, under another client id", async () => {
		const first = await roomOf("one", { client: 1 });
		first.outside((doc) => doc.getText(TEXT).insert(3, " two"));
		const second = await roomOf("one two three", {
			client: 2,
			history: first.kept,
		});
		// A page outside that was there before hears the rest, and nothing twice.
		Y.applyUpdate(first.guest, Y.encodeStateAsUpdate(second.guest));
		expect(first.heard).toBe("one two three");
		const clients = [...first.guest.store.clients.keys()];
		expect(clients).toEqual(
			expect.arrayContaining([1, 2, first.guest.clientID]),
		);
	});

	it("puts a whole character where somebody outside sent half of one", async () => {
		const world = await roomOf("a");
		world.outside((doc) => doc.getText(TEXT).insert(1, "\uD83D"));
		expect(world.draft.text).toBe(wellFormed("a\uFFFD"));
	});

	const hostile: Record<string, (doc: Y.Doc) => void> = {
		"formatted text": (doc) => doc.getText(TEXT).insert(0, "x", { bold: true }),
		"another text": (doc) => doc.getText("notes").insert(0, "x"),
		"a map": (doc) => doc.getMap("facts").set("a", 1),
		"a picture": (doc) => doc.getText(TEXT).insertEmbed(0, { src: "x" }),
	};
	for (const [what, change] of Object.entries(hostile))
		it(`[Y3] ends, the draft as it was, when somebody sends ${what}`, async () => {
			const world = await roomOf("ours");
			world.outside(change);
			expect(world.ends).toHaveLength(1);
			expect(world.draft.text).toBe("ours");
			world.outside((doc) => doc.getText(TEXT).insert(0, "more"));
			await write(world, "ours, still");
			expect(world.draft.text).toBe("ours, still");
			expect(world.heard).not.toContain("still");
		});

	it("[Y7] takes no update in its own name", async () => {
		const world = await roomOf("ours", { client: 77 });
		const forger = new Y.Doc();
		Y.applyUpdate(forger, Y.encodeStateAsUpdate(world.guest));
		const before = Y.encodeStateVector(forger);
		forger.clientID = 77;
		forger.getText(TEXT).insert(0, "forged ");
		world.room.take(Y.encodeStateAsUpdate(forger, before));
		expect(world.draft.text).toBe("ours");
		expect(world.ends).toHaveLength(1);
	});

	it("[E3] takes no more than its allowance, which comes back with time", async () => {
		const world = await roomOf("");
		const chunk = "x".repeat(60_000);
		const change = (doc: Y.Doc): void => {
			const text = doc.getText(TEXT);
			text.delete(0, text.length);
			text.insert(0, chunk);
		};
		for (let n = 0; n < Math.floor(OUTSIDE_BURST / 60_100); n++)
			world.outside(change);
		expect(world.ends).toEqual([]);
		await world.clock.run((70_000 / OUTSIDE_PER_SECOND) * 1000);
		world.outside(change);
		expect(world.ends).toEqual([]);
		world.outside(change);
		world.outside(change);
		expect(world.ends).toEqual([
			"Somebody outside wrote more than a room may take.",
		]);
	});

	it("[Y1] closes before a message is larger than y-webrtc carries, whoever wrote it", async () => {
		const near = "x".repeat(MAX_ROOM_BYTES - 200);
		const byMember = await roomOf(near);
		expect(byMember.ends).toEqual([]);
		await write(byMember, `${near}${"y".repeat(300)}`);
		expect(byMember.ends).toHaveLength(1);
		expect(byMember.heard).toBe(near);

		const byGuest = await roomOf(near);
		byGuest.outside((doc) => doc.getText(TEXT).insert(0, "y".repeat(300)));
		expect(byGuest.ends).toHaveLength(1);
		expect(byGuest.draft.text).toBe(near);
	});
});
