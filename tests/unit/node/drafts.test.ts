import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { encodeRemoval } from "../../../src/identity/removal-act.ts";
import type { DraftView } from "../../../src/node/api.ts";
import { newRoom } from "../../../src/node/draft-records.ts";
import { Drafts } from "../../../src/node/drafts.ts";
import { TEXT } from "../../../src/replica/draft-text.ts";
import {
	MAX_DRAFT_LENGTH,
	MAX_ROOM_BYTES,
	ROOM_TAKEOVER_MS,
	ROOM_WARNING_BYTES,
} from "../../../src/wire/constants.ts";
import { draftSpace } from "../../../src/wire/ids.ts";
import { parseOutsideLink } from "../../../src/wire/outside-link.ts";
import {
	type Page,
	replicaWorld,
	twoReplicas,
	type World,
} from "../../helpers/replica-world.ts";

const draftsOf = (world: World, page: Page): Drafts =>
	new Drafts({
		replica: page.replica,
		clock: world.clock,
		random: world.random,
		session: page.peer,
		device: page.device,
		inviteBase: async () => "https://here.example/",
	});

/** Lets what was begun be stored and sent. */
async function done<T>(world: World, work: Promise<T>): Promise<T> {
	// Whoever awaits it below hears of a failure.
	work.catch(() => undefined);
	await world.clock.run(500);
	return work;
}

async function twoPages() {
	const { world, one, other } = await twoReplicas();
	const here = draftsOf(world, one);
	const there = draftsOf(world, other);
	return { world, one, other, here, there };
}
type Pages = Awaited<ReturnType<typeof twoPages>>;

/** A page holds the room of a draft that it opened; `guest` is a page outside. */
async function openRoom({ world, here }: Pages, id: string) {
	const share = await done(world, here.share(id));
	const guest = new Y.Doc();
	const room = { ended: false };
	const state = await done(
		world,
		here.hold(
			id,
			share.room,
			{
				say: (update) => Y.applyUpdate(guest, update),
				end: () => {
					room.ended = true;
				},
			},
			false,
		),
	);
	if (state !== undefined) Y.applyUpdate(guest, state);
	return {
		share,
		guest,
		room,
		state,
		async write(change: (doc: Y.Doc) => void): Promise<void> {
			const before = Y.encodeStateVector(guest);
			guest.transact(() => change(guest));
			here.fromOutside(id, Y.encodeStateAsUpdate(guest, before));
			await world.clock.run(500);
		},
		get text() {
			return guest.getText(TEXT).toString();
		},
	};
}

describe("the drafts of a swarm", () => {
	it("are there on every device, with their text and who wrote it", async () => {
		const { world, one, here, there } = await twoPages();
		const { id } = await done(
			world,
			here.create({ title: " Notes ", text: "Hello" }),
		);
		expect(there.list()).toEqual([
			{
				id,
				title: "Notes",
				device: one.device,
				createdAt: expect.any(Number),
				isShared: false,
			},
		]);
		const view = there.read(id);
		expect(view.text).toBe("Hello");
		expect(view.spans).toEqual([
			{ start: 0, end: 5, device: one.device, outside: false },
		]);
		expect(view.share).toBeNull();
	});

	it("merge what two write at once, whole on both", async () => {
		const { world, here, there } = await twoPages();
		const { id } = await done(world, here.create({ text: "middle" }));
		await done(
			world,
			Promise.all([
				here.edit(id, { at: 0, remove: 0, insert: "start " }),
				there.edit(id, { at: 6, remove: 0, insert: " end" }),
			]),
		);
		expect(here.read(id).text).toBe("start middle end");
		expect(there.read(id).text).toBe("start middle end");
	});

	it("take an edit that was meant for an earlier version where it belongs now", async () => {
		const { world, here, there } = await twoPages();
		const { id } = await done(world, here.create({ text: "one three" }));
		const { version } = here.read(id);
		await done(world, there.edit(id, { at: 0, remove: 0, insert: "zero " }));
		await done(
			world,
			here.edit(id, { at: 4, remove: 0, insert: "two " }, version),
		);
		expect(there.read(id).text).toBe("zero one two three");
	});

	it("are told of to whoever watches, once they change", async () => {
		const { world, here, there } = await twoPages();
		const lists: number[] = [];
		const stop = there.watch((list) => lists.push(list.length));
		const { id } = await done(world, here.create({ text: "a" }));
		const views: DraftView[] = [];
		const close = there.open(id, (view) => views.push(view));
		await done(world, here.edit(id, { at: 1, remove: 0, insert: "b" }));
		expect(lists).toEqual([0, 1]);
		expect(views.map(({ text }) => text)).toEqual(["a", "ab"]);
		close();
		stop();
		await done(world, here.edit(id, { at: 2, remove: 0, insert: "c" }));
		expect(views).toHaveLength(2);
	});

	it("survive a reload, and are written on", async () => {
		const { world, one, here } = await twoPages();
		const { id } = await done(world, here.create({ text: "kept" }));
		here.stop();
		const again = draftsOf(world, await world.reopen(one));
		expect(again.read(id).text).toBe("kept");
		await done(world, again.edit(id, { at: 4, remove: 0, insert: " on" }));
		expect(again.read(id).text).toBe("kept on");
	});

	it("are gone everywhere once one who may has removed them", async () => {
		const { world, here, there } = await twoPages();
		const { id } = await done(world, here.create({ text: "secret" }));
		await expect(done(world, there.remove(id))).rejects.toThrow();
		await done(world, here.remove(id));
		expect(there.list()).toEqual([]);
		expect(() => there.read(id)).toThrow(
			expect.objectContaining({ code: "no-such-draft" }),
		);
	});

	it("refuse what is no edit, with a code", async () => {
		const { world, here } = await twoPages();
		const { id } = await done(world, here.create({ text: "abc" }));
		const bad: [unknown, number | undefined, string][] = [
			[{ at: 9, remove: 0, insert: "x" }, undefined, "bad-input"],
			[{ at: 0, remove: 9, insert: "x" }, undefined, "bad-input"],
			[{ at: -1, remove: 0, insert: "x" }, undefined, "bad-input"],
			[{ at: 0.5, remove: 0, insert: "x" }, undefined, "bad-input"],
			[{ at: 0, remove: 0, insert: 7 }, undefined, "bad-input"],
			[{ at: 0, remove: 0, insert: "x" }, 99, "bad-input"],
			[{ at: 0, remove: 0, insert: "x" }, 0.5, "bad-input"],
			[
				{ at: 0, remove: 0, insert: "x".repeat(MAX_DRAFT_LENGTH) },
				undefined,
				"too-large",
			],
		];
		for (const [splice, version, code] of bad)
			await expect(
				done(world, here.edit(id, splice as never, version)),
			).rejects.toMatchObject({ code });
		expect(here.read(id).text).toBe("abc");
		await expect(
			done(world, here.create({ title: "x".repeat(121) })),
		).rejects.toMatchObject({ code: "bad-input" });
		expect(here.list()).toHaveLength(1);
	});

	it("[S3] show nothing of what a member writes that follows no rules", async () => {
		const { world, other, here, there } = await twoPages();
		const { id } = await done(world, here.create({ text: "ours" }));
		const evil = new Y.Doc();
		evil.getMap("facts").set("a", 1);
		await done(
			world,
			other.replica.put(draftSpace(id), {
				"edit:90": {
					kind: "edit",
					at: 2,
					update: Y.encodeStateAsUpdate(evil),
				},
				"edit:91": { kind: "edit", at: 3, update: Uint8Array.of(255, 1) },
				"share:92": { kind: "share", room: "swarm", password: "x" },
				html: "<script>",
			}),
		);
		expect(here.read(id).text).toBe("ours");
		expect(here.read(id).share).toBeNull();
		await done(world, here.edit(id, { at: 4, remove: 0, insert: "!" }));
		expect(there.read(id).text).toBe("ours!");
	});
});

describe("a draft opened to people outside", () => {
	it("has a room and a password of its own, in a link that no server reads", async () => {
		const pages = await twoPages();
		const { world, one, here, there } = pages;
		const { id } = await done(world, here.create({ text: "hi" }));
		const share = await done(world, here.share(id));
		expect(there.read(id).share).toEqual(share);
		expect(share.device).toBe(one.device);
		expect(share.signaling).toBe("wss://here.example/relay");
		const url = new URL(share.url);
		expect(url.origin + url.pathname + url.search).toBe(
			"https://here.example/",
		);
		const { room, password } = share;
		expect(parseOutsideLink(url.hash)).toEqual({ room, password });
		// Neither is derived from anything of the swarm.
		const again = await done(world, here.create({ text: "hi" }));
		const other = await done(world, here.share(again.id));
		expect(other.room).not.toBe(share.room);
		expect(other.password).not.toBe(share.password);
	});

	it("is held by the device that opened it, once", async () => {
		const pages = await twoPages();
		const { world, here, there } = pages;
		const { id } = await done(world, here.create({ text: "hi" }));
		const own: number[] = [];
		const others: number[] = [];
		here.watchRooms((rooms) => own.push(rooms.length));
		there.watchRooms((rooms) => others.push(rooms.length));
		const { share, state } = await openRoom(pages, id);
		expect(state).toBeDefined();
		expect(own.at(-1)).toBe(1);
		expect(others.at(-1)).toBe(0);
		const sink = { say: () => undefined, end: () => undefined };
		for (const page of [here, there])
			expect(
				await done(world, page.hold(id, share.room, sink, false)),
			).toBeUndefined();
	});

	it("carries edits both ways, and marks on every device what came from outside", async () => {
		const pages = await twoPages();
		const { world, one, here, there } = pages;
		const { id } = await done(world, here.create({ text: "Dear board," }));
		const room = await openRoom(pages, id);
		expect(room.text).toBe("Dear board,");
		await done(world, there.edit(id, { at: 11, remove: 0, insert: " hello." }));
		expect(room.text).toBe("Dear board, hello.");
		await room.write((doc) => doc.getText(TEXT).insert(11, " HI"));
		for (const page of [here, there]) {
			expect(page.read(id).text).toBe("Dear board, HI hello.");
			expect(
				page
					.read(id)
					.spans.filter(({ outside }) => outside)
					.map(({ start, end, device }) => [start, end, device]),
			).toEqual([[11, 14, one.device]]);
		}
	});

	it("gives nothing of any other draft or space", async () => {
		const pages = await twoPages();
		const { world, one, here } = pages;
		const { id } = await done(world, here.create({ text: "open" }));
		await done(world, here.create({ text: "PRIVATE" }));
		await done(world, one.replica.put("memory:m", { a: "PRIVATE" }));
		const room = await openRoom(pages, id);
		await done(world, here.edit(id, { at: 4, remove: 0, insert: " text" }));
		const said = new TextDecoder().decode(Y.encodeStateAsUpdate(room.guest));
		expect(said).toContain("open text");
		expect(said).not.toContain("PRIVATE");
		expect([...room.guest.share.keys()]).toEqual([TEXT]);
	});

	it("ends for everybody once anybody of the swarm has closed it", async () => {
		const pages = await twoPages();
		const { world, here, there } = pages;
		const { id } = await done(world, here.create({ text: "hi" }));
		const room = await openRoom(pages, id);
		await done(world, there.unshare(id));
		expect(room.room.ended).toBe(true);
		expect(here.read(id).share).toBeNull();
		expect(here.read(id).closedBecause).toBeNull();
		await done(world, here.edit(id, { at: 2, remove: 0, insert: " more" }));
		expect(room.text).toBe("hi");
		await room.write((doc) => doc.getText(TEXT).insert(0, "late "));
		expect(here.read(id).text).toBe("hi more");
	});

	it("says on every device why it ended by itself, and opens a fresh room after", async () => {
		const pages = await twoPages();
		const { world, here, there } = pages;
		const { id } = await done(world, here.create({ text: "hi" }));
		const room = await openRoom(pages, id);
		await room.write((doc) => doc.getMap("m").set("a", 1));
		expect(room.room.ended).toBe(true);
		expect(there.read(id).share).toBeNull();
		expect(there.read(id).closedBecause).toMatch(/plain text/);
		const again = await openRoom(pages, id);
		expect(again.share.room).not.toBe(room.share.room);
		expect(again.text).toBe("hi");
		expect(there.read(id).closedBecause).toBeNull();
	});

	it("goes on in another page of the device, with all that was said", async () => {
		const pages = await twoPages();
		const { world, one, here } = pages;
		const { id } = await done(world, here.create({ text: "one" }));
		const room = await openRoom(pages, id);
		await room.write((doc) => doc.getText(TEXT).insert(3, " two"));
		here.stop();
		const next = draftsOf(world, await world.reopen(one));
		const sink = { say: () => undefined, end: () => undefined };
		const held = next.hold(id, room.share.room, sink, true);
		await world.clock.run(ROOM_TAKEOVER_MS + 500);
		const state = await held;
		expect(state).toBeDefined();
		if (state !== undefined) Y.applyUpdate(room.guest, state);
		expect(room.text).toBe("one two");
	});

	it("[Y1] warns before it is as large as y-webrtc carries, and is not opened above", async () => {
		const pages = await twoPages();
		const { world, here, there } = pages;
		const stateOf = (id: string) => there.read(id).size.state;
		const texts = [1_000, ROOM_WARNING_BYTES + 10, MAX_ROOM_BYTES + 10];
		const ids: string[] = [];
		for (const length of texts)
			ids.push(
				(await done(world, here.create({ text: "é".repeat(length / 2) }))).id,
			);
		const [fine = "", near = "", over = ""] = ids;
		expect([fine, near, over].map(stateOf)).toEqual(["fine", "near", "over"]);
		await expect(done(world, here.share(over))).rejects.toMatchObject({
			code: "too-large",
		});
		const room = await openRoom(pages, near);
		expect(here.read(near).size.state).toBe("near");
		expect(here.read(near).size.bytes).toBeGreaterThan(ROOM_WARNING_BYTES);
		expect(room.text).toHaveLength(texts[1] === undefined ? 0 : texts[1] / 2);
		// One edit too many: nothing is said that would be lost, and people are told.
		await done(
			world,
			here.edit(near, { at: 0, remove: 0, insert: "x".repeat(60_000) }),
		);
		expect(room.room.ended).toBe(true);
		expect(room.text.startsWith("x")).toBe(false);
		expect(there.read(near).closedBecause).toMatch(/y-webrtc/);
	});

	it("[Y1] tells every device how large its room has grown, history and all", async () => {
		const pages = await twoPages();
		const { world, here, there } = pages;
		const { id } = await done(world, here.create({ text: "" }));
		const room = await openRoom(pages, id);
		await room.write((doc) => {
			// Each is an item of its own: none continues the one before.
			for (let n = 0; n < 2_000; n++) doc.getText(TEXT).insert(0, "x");
		});
		const { bytes } = here.read(id).size;
		expect(bytes).toBeGreaterThan(8_000);
		expect(there.read(id).size.bytes).toBe(bytes);
		await done(world, there.edit(id, { at: 9, remove: 100, insert: "yy" }));
		expect(there.read(id).size).toEqual(here.read(id).size);
		await done(world, here.unshare(id));
		expect(there.read(id).size.bytes).toBeLessThan(3_000);
	});

	it("[M3] ends when a device is removed, which knew its password", async () => {
		const pages = await twoPages();
		const { world, one, other, here } = pages;
		const { id } = await done(world, here.create({ text: "hi" }));
		const room = await openRoom(pages, id);
		await done(
			world,
			one.replica.act({
				kind: "remove",
				body: encodeRemoval({
					device: other.deviceKey,
					cuts: one.replica.heads(other.device),
				}),
			}),
		);
		expect(room.room.ended).toBe(true);
		expect(here.read(id).share).toBeNull();
		expect(here.read(id).closedBecause).toMatch(/no longer in the swarm/);
		const again = await openRoom(pages, id);
		expect(again.share.password).not.toBe(room.share.password);
		expect(here.read(id).share).not.toBeNull();
	});

	it("cannot be taken over by a member that numbers a share of its own for ever", async () => {
		const pages = await twoPages();
		const { world, other, here, there } = pages;
		const { id } = await done(world, here.create({ text: "hi" }));
		const evil = {
			kind: "share",
			...newRoom(world.random),
			base: "https://evil.example/",
			nth: Number.MAX_SAFE_INTEGER,
			epoch: Number.MAX_SAFE_INTEGER,
		};
		await done(world, other.replica.put(draftSpace(id), { "share:90": evil }));
		expect(here.read(id).share).toBeNull();
		const share = await done(world, here.share(id));
		expect(share.url).toMatch(/^https:\/\/here\.example\//);
		expect(there.read(id).share?.room).toBe(share.room);
	});

	it("is not opened twice", async () => {
		const { world, here, there } = await twoPages();
		const { id } = await done(world, here.create({ text: "hi" }));
		const first = await done(world, here.share(id));
		expect(await done(world, there.share(id))).toEqual(first);
	});
});

describe("drafts without a swarm around them", () => {
	it("work on one device", async () => {
		const world = await replicaWorld();
		const drafts = draftsOf(world, world.founder);
		const { id } = await done(world, drafts.create({}));
		expect(drafts.read(id)).toMatchObject({
			title: "Untitled draft",
			text: "",
			spans: [],
		});
	});
});
