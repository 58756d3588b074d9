import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agree, generateSealKey } from "../../../src/identity/agreement.ts";
import { detourKeys } from "../../../src/identity/detour-keys.ts";
import { Detour } from "../../../src/mesh/detour.ts";
import {
	decodeDetour,
	encodeDetour,
} from "../../../src/mesh/detour-messages.ts";
import { CHANNELS } from "../../../src/mesh/ports.ts";
import { DETOUR_CONFIRM_BYTES } from "../../../src/wire/constants.ts";
import { seededRandom } from "../../sim/world/random.ts";

const SWARM = "ab".repeat(32);

/** Two ends of a detour; what they say waits in `said` until it is carried on. */
function ends() {
	const random = seededRandom(4);
	const keys = [generateSealKey(random), generateSealKey(random)] as const;
	const context = {
		swarm: SWARM,
		opener: "01".repeat(32),
		other: "02".repeat(32),
		openerNonce: "aa",
		otherNonce: "bb",
	};
	return keys.map((own, i) => {
		const theirs = keys[1 - i] ?? own;
		const shared = agree(own.privateKey, theirs.publicKey);
		if (shared === undefined) throw new Error();
		const said: Uint8Array[] = [];
		const heard: string[] = [];
		const detour = new Detour({
			id: "detour",
			carriers: ["carrier"],
			keys: detourKeys(shared, context, i === 0),
			fingerprints: { local: "", remote: "" },
			post: (_lane, body) => said.push(body),
			onClosed: () => heard.push("closed"),
		});
		detour.events = {
			onFrame: (channel, frame) => heard.push(`${channel} ${frame.join()}`),
			onDrain: () => undefined,
			onClose: (reason) => heard.push(reason),
		};
		const take = (body: Uint8Array): void => {
			const message = decodeDetour(body);
			if (message.kind === "sealed" && message.id === "detour")
				detour.take(message);
		};
		return { detour, said, heard, take };
	});
}

function twoEnds() {
	const [a, b] = ends();
	if (a === undefined || b === undefined) throw new Error();
	return { a, b };
}

describe("a detour", () => {
	it("[L6] carries the frames of each channel in order", () => {
		const { a, b } = twoEnds();
		for (const [i, channel] of CHANNELS.entries())
			a.detour.send(channel, Uint8Array.of(i, 7));
		b.detour.send("bulk", Uint8Array.of(9));
		for (const body of a.said) b.take(body);
		for (const body of b.said) a.take(body);
		expect(b.heard).toEqual(["control 0,7", "state 1,7", "bulk 2,7"]);
		expect(a.heard).toEqual(["bulk 9"]);
	});

	it("[L6] takes nothing twice, and nothing that a carrier changed or made", () => {
		const { a, b } = twoEnds();
		a.detour.send("state", Uint8Array.of(1, 2, 3));
		const [body = new Uint8Array()] = a.said;
		fc.assert(
			fc.property(
				fc.nat(body.length - 1),
				fc.integer({ min: 1, max: 255 }),
				(at, flip) => {
					try {
						b.take(body.with(at, (body[at] ?? 0) ^ flip));
					} catch {
						// It is not even such a message any more.
					}
				},
			),
		);
		// What an end said itself is not taken for the other's word.
		a.take(body);
		expect(a.heard).toEqual([]);
		expect(b.heard).toEqual([]);
		b.take(body);
		b.take(body);
		expect(b.heard).toEqual(["state 1,2,3"]);
	});

	it("[L4] ends where a part of it is lost on the way", () => {
		const { a, b } = twoEnds();
		a.detour.send("state", Uint8Array.of(1));
		a.detour.send("state", Uint8Array.of(2));
		b.take(a.said[1] ?? new Uint8Array());
		b.take(a.said[0] ?? new Uint8Array());
		expect(b.heard).toEqual(["closed", "a part was lost on the way"]);
	});

	it("[L4] is full until the other end confirms what arrived", () => {
		const { a, b } = twoEnds();
		const frame = new Uint8Array(DETOUR_CONFIRM_BYTES / 4);
		for (let i = 0; i < 5; i++) a.detour.send("bulk", frame);
		expect(a.detour.buffered("bulk")).toBe(frame.length * 5);
		for (const body of a.said) b.take(body);
		for (const body of b.said) a.take(body);
		expect(a.detour.buffered("bulk")).toBe(frame.length);
	});

	it("[L6] is closed by its ends only", () => {
		const { a, b } = twoEnds();
		a.detour.close();
		for (const body of a.said) b.take(body);
		expect(b.heard).toEqual(["closed", "the other end closed the connection"]);
		a.detour.send("control", Uint8Array.of(1));
		expect(a.said).toHaveLength(1);
	});
});

describe("what the ends of a detour say", () => {
	const id = fc.string({ minLength: 1, maxLength: 32 });
	const bytes = (min: number) =>
		fc.uint8Array({ minLength: min, maxLength: 64 });
	const message = fc.oneof(
		fc.record({
			kind: fc.constantFrom("open" as const, "accept" as const),
			id,
			nonce: id,
			epoch: fc.nat(),
			certificate: bytes(1),
		}),
		fc.record({
			kind: fc.constant("sealed" as const),
			id,
			lane: fc.nat(1),
			seq: fc.maxSafeNat(),
			sealed: bytes(17),
		}),
	);

	it("[E3] is read back as it was written", () => {
		fc.assert(
			fc.property(message, (said) => {
				expect(decodeDetour(encodeDetour(said))).toEqual(said);
			}),
		);
	});

	it("[E3] is refused with a code where it is anything else", () => {
		fc.assert(
			fc.property(
				message,
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				(said, at, flip) => {
					const wire = encodeDetour(said);
					const i = at % wire.length;
					try {
						decodeDetour(wire.with(i, (wire[i] ?? 0) ^ flip));
					} catch (error) {
						expect(error).toMatchObject({
							code: expect.stringMatching(/malformed|too-large/),
						});
					}
				},
			),
		);
	});
});
