/** Bodies of removals, epochs and delegations as bytes (M1, M2, M3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDelegate, encodeDelegate } from "../../../src/identity/acts.ts";
import {
	decodeEpoch,
	type EpochAct,
	encodeEpoch,
} from "../../../src/identity/epoch-act.ts";
import {
	decodeRemoval,
	encodeRemoval,
	type RemovalAct,
} from "../../../src/identity/removal-act.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";

const key = (n: number) => new Uint8Array(32).fill(n);

const removal: RemovalAct = {
	device: key(9),
	cuts: [
		{ space: "job:a", session: key(3), next: 4, head: key(40) },
		{ space: "swarm", session: key(2), next: 1, head: key(41) },
		{ space: "swarm", session: key(3), next: 7, head: key(42) },
	],
};
const epoch: EpochAct = {
	number: 3,
	covers: [key(1), key(2)],
	check: key(8),
	secrets: [
		{ device: key(1), sealed: new Uint8Array(80).fill(5) },
		{ device: key(2), sealed: new Uint8Array(80).fill(6) },
	],
};
const { check } = epoch;
const delegation = { key: key(1), device: key(2), seed: key(3) };

const rest = { key: key(1), device: key(2) };

describe("bodies of acts", () => {
	it("[M1] give back what was encoded, whatever order it was named in", () => {
		expect(decodeRemoval(encodeRemoval(removal))).toEqual(removal);
		const { device, cuts } = removal;
		expect(encodeRemoval({ device, cuts: cuts.toReversed() })).toEqual(
			encodeRemoval(removal),
		);
		expect(decodeRemoval(encodeRemoval({ device, cuts: [] })).cuts).toEqual([]);
		expect(decodeEpoch(encodeEpoch(epoch))).toEqual(epoch);
		const { covers, secrets } = epoch;
		expect(
			encodeEpoch({
				number: 3,
				check,
				covers: covers.toReversed(),
				secrets: secrets.toReversed(),
			}),
		).toEqual(encodeEpoch(epoch));
		expect(decodeDelegate(encodeDelegate(delegation))).toEqual(delegation);
	});

	it.each<[string, unknown, (body: Uint8Array) => unknown]>([
		["a removal of nobody", { cuts: [] }, decodeRemoval],
		[
			"a removal of a short key",
			{ device: key(1).slice(1), cuts: [] },
			decodeRemoval,
		],
		[
			"spaces out of order",
			{
				device: key(1),
				cuts: [
					["b", [[key(1), 1, key(1)]]],
					["a", [[key(1), 1, key(1)]]],
				],
			},
			decodeRemoval,
		],
		[
			"a log that is named twice",
			{
				device: key(1),
				cuts: [
					[
						"a",
						[
							[key(1), 1, key(1)],
							[key(1), 2, key(1)],
						],
					],
				],
			},
			decodeRemoval,
		],
		[
			"a log of which nothing was seen",
			{ device: key(1), cuts: [["a", [[key(1), 0, key(1)]]]] },
			decodeRemoval,
		],
		[
			"a space without logs",
			{ device: key(1), cuts: [["a", []]] },
			decodeRemoval,
		],
		["an epoch 0", { number: 0, covers: [], check, secrets: [] }, decodeEpoch],
		[
			"removals out of order",
			{ number: 1, covers: [key(2), key(1)], check, secrets: [] },
			decodeEpoch,
		],
		[
			"a device with two secrets",
			{
				number: 1,
				covers: [],
				check,
				secrets: [
					[key(1), key(1)],
					[key(1), key(2)],
				],
			},
			decodeEpoch,
		],
		["a delegation without a seed", rest, decodeDelegate],
		[
			"a delegation of an endless seed",
			{ ...rest, seed: new Uint8Array(4096) },
			decodeDelegate,
		],
	])("[E3] refuse %s", (_, value, decode) => {
		expect(() => decode(encodeCbor(value))).toThrow(
			expect.objectContaining({
				code: expect.stringMatching(/^(malformed|too-large)$/),
			}),
		);
	});

	it("[M1] cannot be made for a device with more logs than fit", () => {
		const many = Array.from({ length: 60_000 }, (_, at) => ({
			space: `memory:${at}`,
			session: key(1),
			next: 1,
			head: key(1),
		}));
		expect(() => encodeRemoval({ device: key(9), cuts: many })).toThrow(
			expect.objectContaining({ code: "too-large" }),
		);
	});

	it("[E3] damaged anywhere are read as themselves or refused by a code", () => {
		const bodies: readonly [Uint8Array, (body: Uint8Array) => Uint8Array][] = [
			[encodeRemoval(removal), (body) => encodeRemoval(decodeRemoval(body))],
			[encodeEpoch(epoch), (body) => encodeEpoch(decodeEpoch(body))],
			[encodeDelegate(delegation), (b) => encodeDelegate(decodeDelegate(b))],
		];
		fc.assert(
			fc.property(fc.nat(2), fc.nat(), fc.nat(255), (which, at, byte) => {
				const [whole, again] = bodies[which] ?? [new Uint8Array(0), (b) => b];
				const body = Uint8Array.from(whole);
				body[at % body.length] = byte;
				try {
					expect(again(body)).toEqual(body);
				} catch (error) {
					expect(error).toMatchObject({
						code: expect.stringMatching(/^(malformed|too-large)$/),
					});
				}
			}),
			{ numRuns: 3000 },
		);
	});
});
