/**
 * Updates that no honest corner makes (S3, S4, Y7-Y11). Each continues a corner whose one update set the key `first`; no
 * peer may take any of them.
 */
import * as Y from "yjs";
import type { Random } from "../../src/wire/clock.ts";

/** @param corner the update that set `first` */
type Make = (corner: Uint8Array, random: Random) => Uint8Array;

/** An update by a document with this client id that already holds the corner. */
export function update(
	edit: (map: () => Y.Map<unknown>, doc: Y.Doc) => void,
	client = 1,
	before?: Uint8Array,
): Uint8Array {
	const doc = new Y.Doc();
	doc.clientID = 0;
	if (before !== undefined) Y.applyUpdate(doc, before);
	doc.clientID = client;
	let bytes = new Uint8Array();
	doc.on("update", (made: Uint8Array) => {
		bytes = Uint8Array.from(made);
	});
	doc.transact(() => edit(() => doc.getMap("facts"), doc));
	return bytes;
}

/** A good update that sets `x`. */
export const oneSet = (corner: Uint8Array): Uint8Array => setX(1)(corner);

/** An update that sets `x` to something. */
const setX =
	(value: unknown) =>
	(corner: Uint8Array): Uint8Array =>
		update((map) => map().set("x", value), 1, corner);

/** The same items with another delete set. */
const withDeletes = (good: Uint8Array, ...deletes: number[]): Uint8Array =>
	Uint8Array.from([...good.subarray(0, -1), ...deletes]);

/** Ranges that begin here and reach over a million clocks, as Yjs writes them. */
const MILLION = [0xc0, 0x84, 0x3d];

export const HOSTILE_UPDATES: readonly (readonly [what: string, make: Make])[] =
	[
		["the same clock again [Y7]", () => update((map) => map().set("first", 2))],
		[
			"a pre-delete of a million clocks of another client [Y8]",
			() => Uint8Array.of(0, 1, 7, 1, 0, ...MILLION),
		],
		[
			"a pre-delete of the own corner's future [Y8]",
			() => Uint8Array.of(0, 1, 1, 1, 1, ...MILLION),
		],
		[
			"a set with a pre-delete of another client behind it [Y8]",
			(corner) => withDeletes(oneSet(corner), 1, 7, 1, 0, ...MILLION),
		],
		[
			"a set with a pre-delete of the own future behind it [Y8]",
			(corner) => withDeletes(oneSet(corner), 1, 1, 1, 2, ...MILLION),
		],
		[
			"a set that deletes another key's item [Y8]",
			(corner) => withDeletes(oneSet(corner), 1, 1, 1, 0, 1),
		],
		[
			"another client's items [Y8]",
			(corner) => update((map) => map().set("x", 1), 7, corner),
		],
		[
			"a gap in the clock [Y7]",
			(corner) =>
				Y.diffUpdate(
					update(
						(map) => {
							map().set("a", 1);
							map().set("b", 2);
							map().set("c", 3);
						},
						1,
						corner,
					),
					Uint8Array.of(1, 1, 3),
				),
		],
		[
			"a delete without a set",
			(corner) => update((map) => map().delete("first"), 1, corner),
		],
		[
			"another root type",
			(corner) =>
				update((_, doc) => doc.getMap("other").set("x", 1), 1, corner),
		],
		[
			"a list in the root map's place",
			(corner) =>
				update((_, doc) => doc.getArray("facts").insert(0, [1]), 1, corner),
		],
		["a nested type", (corner) => setX(new Y.Map())(corner)],
		[
			"a sub-document",
			(corner) => setX(new Y.Doc({ guid: "sub-document" }))(corner),
		],
		["a big integer", setX(2n ** 60n)],
		["not a number", setX(Number.NaN)],
		[
			"a poisoned prototype",
			setX(JSON.parse('{"__proto__": {"isAdmin": true}}')),
		],
		[
			"a key too long",
			(corner) => update((map) => map().set("k".repeat(2_000), 1), 1, corner),
		],
		[
			"an origin that holds the key no more",
			(corner) => {
				// The clock is moved on by one set; the item still names the replaced one as its left.
				const bytes = update((map) => map().set("first", 2), 1, corner);
				bytes[3] = 2;
				return bytes;
			},
		],
		[
			"an item whose neighbours lie ahead of it",
			// Struct: info with origin (0x80), content any (8); origin is client 1, clock 9.
			() => Uint8Array.of(1, 1, 1, 1, 0x88, 1, 9, 1, 0x7d, 5, 0),
		],
		[
			"two blocks of one client, which Yjs reads in two ways",
			(corner) => {
				// A block is [items, client, clock, …]: the second one goes on where the first ends, with another key.
				const block = oneSet(corner).subarray(1, -1);
				const second = Uint8Array.from(block);
				second[2] = 2;
				second[second.lastIndexOf(0x78)] = 0x79;
				return Uint8Array.from([2, ...block, ...second, 0]);
			},
		],
		["no bytes", () => new Uint8Array()],
		["an empty update", () => Uint8Array.of(0, 0)],
		["noise", (_, random) => random.bytes(60)],
	];
