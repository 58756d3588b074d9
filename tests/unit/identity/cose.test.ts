/** Envelopes: one encoding, bound to their domain, readable by any COSE library (E2, E3). */
import { decode, encode } from "cborg";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
	ENVELOPE_OVERHEAD,
	open1,
	sign1,
	verify1,
} from "../../../src/identity/cose.ts";
import { aadOf } from "../../../src/identity/domain.ts";
import type { Signer } from "../../../src/identity/signer.ts";
import { concatBytes, utf8 } from "../../../src/wire/bytes.ts";
import { flipped, suite } from "./fixtures.ts";

const swarm = "ab".repeat(32);
const aad = aadOf("shoal/v1/entry", swarm);
const payload = utf8("what was said");
const MAX = 1 << 20;
let signer: Signer;
let envelope: Uint8Array;

beforeAll(async () => {
	signer = await suite.open(await suite.generate());
	envelope = await sign1(signer, payload, aad);
});

describe("an envelope", () => {
	it.each([0, 1, 23, 24, 255, 256, 65_535, 65_536, 300_000])(
		"[E2] gives back its key and a payload of %i bytes",
		async (length) => {
			const body = new Uint8Array(length).fill(9);
			const bytes = await sign1(signer, body, aad);
			expect(bytes.length).toBeLessThanOrEqual(length + ENVELOPE_OVERHEAD);
			const read = await verify1(suite, bytes, aad, MAX);
			expect(read.key).toEqual(signer.publicKey);
			expect(read.payload).toEqual(body);
			// A view, so that nothing of 5 MB is copied to be read.
			expect(read.payload.buffer).toBe(bytes.buffer);
		},
	);

	it("[E2] is a COSE_Sign1 as another library reads it", async () => {
		const list = decode(envelope, {
			useMaps: true,
			tags: { 18: (content) => content() },
		});
		expect(list).toHaveLength(4);
		const [head, unprotected, body, signature] = list;
		expect(decode(head, { useMaps: true })).toEqual(
			new Map<number, unknown>([
				[1, -8],
				[4, signer.publicKey],
			]),
		);
		expect(unprotected).toEqual(new Map());
		expect(body).toEqual(payload);
		const structure = encode(["Signature1", head, aad, body]);
		expect(open1(envelope, MAX).toVerify(aad)).toEqual(structure);
		expect(await suite.verify(signer.publicKey, structure, signature)).toBe(
			true,
		);
	});

	it("[E2] holds in its own domain, swarm and epoch only", async () => {
		for (const other of [
			aadOf("shoal/v1/message", swarm),
			aadOf("shoal/v1/entry", "cd".repeat(32)),
			aadOf("shoal/v1/entry", null),
			aadOf("shoal/v1/entry", swarm, 0),
			aadOf("shoal/v1/entry", swarm, 1),
		])
			await expect(verify1(suite, envelope, other, MAX)).rejects.toMatchObject({
				code: "bad-signature",
			});
	});

	it("[E2] is refused with any one bit flipped", async () => {
		for (let bit = 0; bit < envelope.length * 8; bit++)
			await expect(
				verify1(suite, flipped(envelope, bit), aad, MAX),
			).rejects.toMatchObject({
				code: expect.stringMatching(/^(malformed|bad-signature)$/),
			});
	});

	it("[E2] is refused cut short or with bytes around it", () => {
		for (let length = 0; length < envelope.length; length++)
			expect(() => open1(envelope.subarray(0, length), MAX)).toThrow(
				expect.objectContaining({ code: "malformed" }),
			);
		const extra = Uint8Array.of(0);
		for (const bytes of [
			concatBytes(envelope, extra),
			concatBytes(extra, envelope),
		])
			expect(() => open1(bytes, MAX)).toThrow(
				expect.objectContaining({ code: "malformed" }),
			);
	});

	it("[E2] is refused in every other encoding of the same content", () => {
		const [head, , body, signature] = decode(envelope, {
			tags: { 18: (content) => content() },
			useMaps: true,
		});
		const tagged = (...parts: Uint8Array[]) => concatBytes(...parts);
		const at = envelope.length - 66 - payload.length - 1;
		const others = [
			// without the tag
			envelope.subarray(1),
			// the tag in two bytes
			tagged(Uint8Array.of(0xd8, 18), envelope.subarray(1)),
			// the payload's length in two bytes
			tagged(
				envelope.subarray(0, at),
				Uint8Array.of(0x58, payload.length),
				envelope.subarray(at + 1),
			),
			// an unprotected header
			tagged(
				Uint8Array.of(0xd2),
				encode([head, new Map([[1, 1]]), body, signature]),
			),
			// protected headers in the other order
			tagged(
				Uint8Array.of(0xd2),
				encode([
					concatBytes(
						Uint8Array.of(0xa2, 4, 0x58, 32),
						signer.publicKey,
						Uint8Array.of(1, 0x27),
					),
					new Map(),
					body,
					signature,
				]),
			),
			// an indefinite array
			tagged(
				Uint8Array.of(0xd2, 0x9f),
				envelope.subarray(2),
				Uint8Array.of(0xff),
			),
		];
		for (const bytes of others)
			expect(() => open1(bytes, MAX)).toThrow(
				expect.objectContaining({ code: "malformed" }),
			);
	});

	it("[E3] is refused over its cap before anything is read", async () => {
		await expect(
			verify1(suite, envelope, aad, envelope.length - 1),
		).rejects.toMatchObject({ code: "too-large" });
		await expect(
			verify1(suite, envelope, aad, envelope.length),
		).resolves.toBeDefined();
	});

	it("reads or refuses any bytes with a code", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.uint8Array({ maxLength: 300 }),
					fc
						.tuple(fc.nat(), fc.uint8Array({ maxLength: 40 }))
						.map(([at, splice]) => {
							const cut = at % envelope.length;
							return concatBytes(
								envelope.subarray(0, cut),
								splice,
								envelope.subarray(cut),
							);
						}),
				),
				(bytes) => {
					try {
						const { key, payload, signature } = open1(bytes, MAX);
						expect([key.length, signature.length]).toEqual([32, 64]);
						expect(payload.length).toBeLessThan(bytes.length);
					} catch (error) {
						expect(error).toMatchObject({ code: "malformed" });
					}
				},
			),
			{ numRuns: 500 },
		);
	});
});

describe("domains", () => {
	it("[E2] refuse a swarm that is not hex", () => {
		expect(() => aadOf("shoal/v1/entry", "no")).toThrow(
			expect.objectContaining({ code: "bad-input" }),
		);
	});
});
