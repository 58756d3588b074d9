import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	type DraftRecord,
	editsOf,
	newRoom,
	recordsOf,
} from "../../../src/node/draft-records.ts";
import { seededRandom } from "../../sim/world/random.ts";

const ROOM = newRoom(seededRandom(1)).room;
const bytes = Uint8Array.of(1, 2);
const good: readonly DraftRecord[] = [
	{ kind: "draft", title: "Notes", made: 1 },
	{ kind: "edit", at: 1, update: bytes },
	{ kind: "edit", at: 2, update: bytes, room: ROOM, raw: bytes },
	{ kind: "room", room: ROOM, raw: bytes },
	{
		kind: "share",
		room: ROOM,
		password: "secret",
		base: "https://here/",
		nth: 1,
		epoch: 0,
	},
	{ kind: "end", room: ROOM },
	{ kind: "end", room: ROOM, reason: "Full." },
];
const factsOf = (values: readonly unknown[]) =>
	values.map((value, at) => ({
		key: `k${at}`,
		value,
		peer: "aa",
		device: "did:key:a",
	}));
const read = (value: unknown) =>
	recordsOf(factsOf([value])).map(
		({ peer: _, device: __, ...record }) => record,
	);

describe("[S3] the records of a draft", () => {
	it("are read as they were written", () => {
		for (const record of good) expect(read({ ...record })).toEqual([record]);
	});

	it("tell what came from outside by the room it came from", () => {
		const edits = editsOf(recordsOf(factsOf(good.map((one) => ({ ...one })))));
		expect(edits.map(({ outside }) => outside)).toEqual([false, true]);
	});

	const bad: Record<string, unknown> = {
		"no object": "draft",
		"an unknown kind": { kind: "html", body: "<b>" },
		"no title": { kind: "draft", made: 1 },
		"a title too long": { kind: "draft", title: "x".repeat(121), made: 1 },
		"an edit without a number": { kind: "edit", update: bytes },
		"an edit that is no bytes": { kind: "edit", at: 1, update: [1, 2] },
		"an edit from a room of another name": {
			kind: "edit",
			at: 1,
			update: bytes,
			room: "swarm",
			raw: bytes,
		},
		"a share of some other topic": { ...good[4], room: "a room" },
		"a share at no web address": { ...good[4], base: "javascript:alert(1)" },
		"a share without a password": { ...good[4], password: "" },
	};
	for (const [what, value] of Object.entries(bad))
		it(`leave out ${what}`, () => {
			expect(read(value)).toEqual([]);
		});

	it("are never thrown at by what else a member may write", () => {
		const value = fc.dictionary(
			fc.constantFrom("kind", "at", "update", "room", "raw", "title", "base"),
			fc.oneof(
				fc.constantFrom("draft", "edit", "share", "end", "room"),
				fc.anything(),
			),
		);
		fc.assert(
			fc.property(value, (made) => {
				expect(read(made).length).toBeLessThanOrEqual(1);
			}),
			{ numRuns: 3_000 },
		);
	});

	it("name rooms that nobody can guess", () => {
		const random = seededRandom(2);
		const rooms = Array.from({ length: 50 }, () => newRoom(random));
		expect(new Set(rooms.flatMap(Object.values)).size).toBe(100);
		for (const { room, password } of rooms) {
			expect(room).toMatch(/^shoal-draft-[\w-]{22}$/);
			expect(password).toMatch(/^[\w-]{22}$/);
		}
	});
});
