/** Decoders of what peers send: mutated input gives a clear error, never anything else (E2, E3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import {
	decodeBlobMessage,
	encodeBlobMessage,
} from "../../../src/replica/blob-messages.ts";
import { Corner } from "../../../src/replica/corner.ts";
import { checkStructure } from "../../../src/replica/structure.ts";
import {
	decodeSync,
	encodeSync,
	MAX_DIGESTS,
	type SyncMessage,
} from "../../../src/replica/sync-messages.ts";
import { copyPlain } from "../../../src/replica/value.ts";
import { equalBytes } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import { MAX_VALUE_DEPTH } from "../../../src/wire/constants.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { isPlain } from "../../../src/wire/plain.ts";

const hash = fc
	.uint8Array({ minLength: 32, maxLength: 32 })
	.map((bytes) => Buffer.from(bytes).toString("hex"));
const space = fc.string({
	minLength: 1,
	maxLength: 200,
	unit: "grapheme-ascii",
});
const head = fc.uint8Array({ minLength: 32, maxLength: 32 });
const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const message: fc.Arbitrary<SyncMessage> = fc.oneof(
	fc.record({
		kind: fc.constant("digest" as const),
		isAnswer: fc.boolean(),
		spaces: fc.array(
			fc.record({
				space,
				digest: hash,
				state: fc.option(hash),
			}),
		),
	}),
	fc.record({
		kind: fc.constant("have" as const),
		space,
		isReply: fc.boolean(),
		logs: fc.array(
			fc.oneof(
				fc.record({ session: hash, next: seq, head }),
				fc
					.record({ session: hash, next: seq, head, more: fc.nat(9) })
					.map(({ more, ...log }) => ({
						...log,
						frozen: Math.min(log.next + more, Number.MAX_SAFE_INTEGER),
					})),
				fc.record({
					session: hash,
					next: fc.constant(0),
					head: fc.constant(null),
					frozen: fc.nat(),
				}),
			),
		),
	}),
	fc.record({
		kind: fc.constant("want" as const),
		space,
		logs: fc.array(fc.record({ session: hash, from: seq })),
	}),
	fc.record({
		kind: fc.constant("entries" as const),
		entries: fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 })),
	}),
	fc.record({
		kind: fc.constant("proof" as const),
		proofs: fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 })),
	}),
);

/** Flips, cuts and inserts. */
function mutate(bytes: Uint8Array, at: number, by: number): Uint8Array {
	const place = at % (bytes.length + 1);
	const copy = [...bytes];
	if (by % 3 === 0) copy.splice(place, 1);
	else if (by % 3 === 1) copy.splice(place, 0, by & 0xff);
	else copy[place] = (copy[place] ?? 0) ^ (1 << (by & 7));
	return Uint8Array.from(copy);
}

describe("messages of the state channel", () => {
	it("reads back what it wrote", () => {
		fc.assert(
			fc.property(message, (said) => {
				expect(decodeSync(encodeSync(said))).toEqual(said);
			}),
		);
	});

	it("[E3] gives a code for whatever was changed on the way", () => {
		fc.assert(
			fc.property(message, fc.nat(), fc.nat(), (said, at, by) => {
				const bytes = mutate(encodeSync(said), at, by);
				try {
					// What is accepted is the one encoding of what it says.
					expect(equalBytes(encodeSync(decodeSync(bytes)), bytes)).toBe(true);
				} catch (error) {
					expect(["malformed", "too-large"]).toContain(codeOf(error));
				}
			}),
			{ numRuns: 2_000 },
		);
	});

	it("[E3] caps lists before they are looked at", () => {
		const item = ["swarm", new Uint8Array(32)];
		const long = Array.from({ length: MAX_DIGESTS + 1 }, () => item);
		expect(() => decodeSync(encodeCbor(["d", false, long]))).toThrow(
			expect.objectContaining({ code: "too-large" }),
		);
	});
});

describe("messages of the bulk channel", () => {
	it("[E3] reads back what it wrote, and gives a code for the rest", () => {
		const id = "ab".repeat(32);
		const messages = [
			...(["ask", "none", "cancel", "offer", "kept"] as const).map((kind) => ({
				kind,
				id,
			})),
			{
				kind: "piece" as const,
				id,
				size: 10,
				offset: 2,
				bytes: Uint8Array.of(1, 2),
			},
		];
		for (const said of messages)
			expect(decodeBlobMessage(encodeBlobMessage(said))).toEqual(said);
		fc.assert(
			fc.property(
				fc.constantFrom(...messages),
				fc.nat(),
				fc.nat(),
				(original, at, by) => {
					const bytes = mutate(encodeBlobMessage(original), at, by);
					try {
						const said = encodeBlobMessage(decodeBlobMessage(bytes));
						expect(equalBytes(said, bytes)).toBe(true);
					} catch (error) {
						expect(["malformed", "too-large"]).toContain(codeOf(error));
					}
				},
			),
			{ numRuns: 1_000 },
		);
	});
});

/** No fact may have this name. */
const isWritable = (name: string): boolean => name !== "__proto__";

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 3 },
		fc.constant(null),
		fc.boolean(),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.integer(),
		fc.string({ unit: "binary" }),
		fc.uint8Array({ maxLength: 20 }),
		fc.array(tie("value"), { maxLength: 4 }),
		fc.dictionary(
			fc.string({ unit: "grapheme-ascii" }).filter(isWritable),
			tie("value"),
			{
				maxKeys: 4,
				noNullPrototype: true,
			},
		),
	),
})).value;

const batches = fc.array(
	fc
		.dictionary(fc.string({ minLength: 1, maxLength: 8 }), value, {
			minKeys: 1,
			maxKeys: 5,
			noNullPrototype: true,
		})
		.filter((facts) => Object.keys(facts).every(isWritable)),
	{ minLength: 1, maxLength: 8 },
);

/** Writes batches into a corner; returns it and the updates. */
function written(list: readonly Record<string, unknown>[]) {
	const corner = new Corner();
	corner.openForWriting();
	const updates = list.map((facts) =>
		corner.write(
			new Map(
				Object.entries(facts).map(([key, given]) => [
					key,
					copyPlain(given).value,
				]),
			),
		),
	);
	return { corner, updates };
}

describe("corners", () => {
	it("[S1] are the same when their updates are replayed", () => {
		fc.assert(
			fc.property(batches, (list) => {
				const { corner, updates } = written(list);
				const again = Corner.replay(updates, false);
				expect([...again.values]).toEqual([...corner.values]);
				expect(again.next).toBe(corner.next);
			}),
		);
	});

	it("[Y10] write only under the one client id, after all of the log was replayed", () => {
		const { updates } = written([{ a: 1 }, { a: 2, b: 3 }]);
		const corner = Corner.replay(updates, false);
		expect(() => corner.write(new Map([["c", 1]]))).toThrow();
		corner.openForWriting();
		const update = corner.write(new Map([["c", 1]]));
		expect(Y.parseUpdateMeta(update).from).toEqual(new Map([[1, 3]]));
		expect(() => corner.apply(update, [])).toThrow();
	});

	it("[S3] [Y7] take a mutated update whole or refuse it, and Yjs takes all that passes", () => {
		let passed = 0;
		fc.assert(
			fc.property(batches, fc.nat(), fc.nat(), (list, at, by) => {
				const { updates } = written(list);
				const last = updates.at(-1) ?? new Uint8Array();
				const corner = Corner.replay(updates.slice(0, -1), false);
				const before = corner.next;
				const bytes = mutate(last, at, by);
				const check = checkStructure(bytes, corner, false);
				expect(corner.next).toBe(before);
				if (!check.ok) return;
				passed++;
				corner.apply(bytes, check.sets);
				expect(corner.next).toBe(before + check.sets.length);
				for (const { key, value: set } of check.sets) {
					expect(corner.values.get(key)).toEqual(set);
					expect(isPlain(set, MAX_VALUE_DEPTH)).toBe(true);
				}
			}),
			{ numRuns: 3_000 },
		);
		expect(passed).toBeGreaterThan(0);
	});

	it("[T1] of jobs refuse a key they hold", () => {
		const { updates } = written([{ a: 1 }, { a: 2 }]);
		expect(() => Corner.replay(updates, true)).toThrow(
			expect.objectContaining({ code: "malformed" }),
		);
		const [first = new Uint8Array()] = updates;
		expect(Corner.replay([first], true).values.get("a")).toBe(1);
	});
});
