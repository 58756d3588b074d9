/** Secrets sealed to devices, and what the relay carries (E1, L3, M2). */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	generateSealKey,
	openSealed,
	sealTo,
} from "../../../src/identity/agreement.ts";
import { inviteKeys, relayKeys } from "../../../src/identity/epoch.ts";
import { openRelay, sealRelay } from "../../../src/identity/seal.ts";
import { concatBytes, toHex, utf8 } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import { flipped, suite, webRandom } from "./fixtures.ts";

const text = fc.uint8Array({ maxLength: 6000 });

describe("sealing to a device", () => {
	const device = generateSealKey(webRandom);
	const aad = utf8("epoch 3");

	it("[E1] is read by the holder of the key, and nobody else", () => {
		fc.assert(
			fc.property(text, (plaintext) => {
				const sealed = sealTo(device.publicKey, webRandom, plaintext, aad);
				expect(sealed).toHaveLength(plaintext.length + 48);
				expect(openSealed(device, sealed, aad)).toEqual(
					Uint8Array.from(plaintext),
				);
				const other = generateSealKey(webRandom);
				expect(openSealed(other, sealed, aad)).toBeUndefined();
				expect(openSealed(device, sealed, utf8("epoch 4"))).toBeUndefined();
			}),
			{ numRuns: 20 },
		);
	});

	it("says nothing of any changed bytes, and never throws", () => {
		const sealed = sealTo(device.publicKey, webRandom, utf8("secret"), aad);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.nat(sealed.length * 8 - 1).map((bit) => flipped(sealed, bit)),
					fc.nat(sealed.length - 1).map((length) => sealed.subarray(0, length)),
					fc.uint8Array({ maxLength: 100 }),
				),
				(bytes) => {
					expect(openSealed(device, bytes, aad)).toBeUndefined();
				},
			),
			{ numRuns: 200 },
		);
	});

	it("[E1] seals to no key of small order and to no other length", () => {
		for (const key of [
			new Uint8Array(32),
			Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)),
			new Uint8Array(31),
		])
			expect(() => sealTo(key, webRandom, utf8("secret"), aad)).toThrow(
				expect.objectContaining({ code: "malformed" }),
			);
	});

	it("gives another box each time", () => {
		const seal = () =>
			toHex(sealTo(device.publicKey, webRandom, utf8("same"), aad));
		expect(seal()).not.toBe(seal());
	});
});

describe("what the relay carries", () => {
	const { key } = relayKeys({
		swarm: "ab".repeat(32),
		number: 0,
		secret: new Uint8Array(32).fill(3),
	});
	const seal = (plaintext: Uint8Array) =>
		sealRelay(key, "topic", "from", "to", plaintext, webRandom);

	it("[L3] is read on its topic, from its sender, by its recipient", () => {
		fc.assert(
			fc.property(text, (plaintext) => {
				const bytes = seal(plaintext);
				expect(openRelay(key, "topic", "from", "to", bytes)).toEqual(
					Uint8Array.from(plaintext),
				);
			}),
		);
		const bytes = seal(utf8("sdp"));
		const other = new Uint8Array(32);
		expect(openRelay(key, "other", "from", "to", bytes)).toBeUndefined();
		expect(openRelay(key, "topic", "other", "to", bytes)).toBeUndefined();
		expect(openRelay(key, "topic", "from", "other", bytes)).toBeUndefined();
		expect(openRelay(other, "topic", "from", "to", bytes)).toBeUndefined();
		// Names do not run into each other.
		expect(openRelay(key, "topicf", "rom", "to", bytes)).toBeUndefined();
	});

	it("[L3] says nothing of any changed bytes, and never throws", () => {
		const bytes = seal(utf8("sdp"));
		fc.assert(
			fc.property(
				fc.oneof(
					fc.nat(bytes.length * 8 - 1).map((bit) => flipped(bytes, bit)),
					fc.nat(bytes.length - 1).map((n) => bytes.subarray(0, n)),
					fc.uint8Array({ maxLength: 100 }),
				),
				(changed) => {
					expect(
						openRelay(key, "topic", "from", "to", changed),
					).toBeUndefined();
				},
			),
		);
	});

	it("[L3] tells lengths only up to a bucket", () => {
		const length = (n: number) => seal(new Uint8Array(n)).length - 40;
		expect([0, 1, 252].map(length)).toEqual([256, 256, 256]);
		expect([253, 508].map(length)).toEqual([512, 512]);
		expect([2044, 2045, 4092].map(length)).toEqual([2048, 4096, 4096]);
		expect([4093, 8188, 8189].map(length)).toEqual([8192, 8192, 12288]);
	});

	it("[L3] refuses a length that a member lied about", () => {
		for (const length of [0xffffffff, 253, 300]) {
			const padded = new Uint8Array(256);
			new DataView(padded.buffer).setUint32(0, length);
			const nonce = new Uint8Array(24);
			const aad = encodeCbor(["topic", "from", "to"]);
			const box = xchacha20poly1305(key, nonce, aad).encrypt(padded);
			expect(
				openRelay(key, "topic", "from", "to", concatBytes(nonce, box)),
			).toBeUndefined();
		}
	});

	it("holds no word of the plaintext", () => {
		const word = utf8("candidate");
		expect(toHex(seal(word))).not.toContain(toHex(word));
	});
});

describe("meeting on the relay", () => {
	const epoch = {
		swarm: "ab".repeat(32),
		number: 2,
		secret: new Uint8Array(32).fill(1),
	};

	it("[L3] leads all members to the same topics and key", () => {
		const [a, b] = [relayKeys(epoch), relayKeys({ ...epoch })];
		expect(a.key).toEqual(b.key);
		expect(a.swarmTopic).toBe(b.swarmTopic);
		expect(a.peerTopic("p")).toBe(b.peerTopic("p"));
	});

	it("[L3] leads other swarms, epochs, secrets and peers elsewhere", () => {
		const seen = [
			epoch,
			{ ...epoch, swarm: "cd".repeat(32) },
			{ ...epoch, number: 3 },
			{ ...epoch, secret: new Uint8Array(32).fill(2) },
		].flatMap((e) => {
			const keys = relayKeys(e);
			return [
				toHex(keys.key),
				keys.swarmTopic,
				keys.peerTopic("p"),
				keys.peerTopic("q"),
			];
		});
		expect(new Set(seen).size).toBe(seen.length);
		for (const name of seen) expect(name).toMatch(/^[0-9a-f]{64}$/);
	});

	it("[M2] gives both holders of a seed one key pair, topic and key", async () => {
		const seed = new Uint8Array(16).fill(9);
		const [a, b] = [inviteKeys(seed), inviteKeys(Uint8Array.from(seed))];
		expect(a.publicKey).toEqual(b.publicKey);
		expect(a.topic).toBe(b.topic);
		expect(a.topic).toBe(a.swarmTopic);
		expect(a.key).toEqual(b.key);
		const signature = await a.signer.sign(utf8("x"));
		expect(await suite.verify(b.publicKey, utf8("x"), signature)).toBe(true);
		const other = inviteKeys(new Uint8Array(16).fill(8));
		expect(other.publicKey).not.toEqual(a.publicKey);
		expect(other.topic).not.toBe(a.topic);
	});

	it("refuses a seed that could be searched for, and a swarm that is none", () => {
		expect(() => inviteKeys(new Uint8Array(15))).toThrow(
			expect.objectContaining({ code: "bad-invite" }),
		);
		expect(() => relayKeys({ ...epoch, swarm: "swarm" })).toThrow(
			expect.objectContaining({ code: "bad-input" }),
		);
	});
});
