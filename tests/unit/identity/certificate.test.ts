/** Devices by name, and their word for their sessions (E1). */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
	issueCertificate,
	verifyCertificate,
} from "../../../src/identity/certificate.ts";
import { sign1 } from "../../../src/identity/cose.ts";
import { deviceIdOf, keyOfDevice } from "../../../src/identity/did.ts";
import { aadOf } from "../../../src/identity/domain.ts";
import type { Signer } from "../../../src/identity/signer.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import crafted from "./crafted-vectors.json" with { type: "json" };
import { flipped, suite, unhex } from "./fixtures.ts";

describe("did:key", () => {
	it("[E1] names a key as the did:key specification does", () => {
		const key = unhex(
			"2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6",
		);
		const id = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
		expect(deviceIdOf(key)).toBe(id);
		expect(keyOfDevice(id)).toEqual(key);
	});

	it("[E1] gives back any key", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
				expect(keyOfDevice(deviceIdOf(key))).toEqual(Uint8Array.from(key));
			}),
		);
		for (const fill of [0, 255]) {
			const key = new Uint8Array(32).fill(fill);
			expect(keyOfDevice(deviceIdOf(key))).toEqual(key);
		}
	});

	it("[E1] reads one spelling of a key only", () => {
		const id = deviceIdOf(new Uint8Array(32).fill(7));
		fc.assert(
			fc.property(
				fc.nat(id.length - 1),
				fc.string({ minLength: 0, maxLength: 2 }),
				(at, insert) => {
					const text = id.slice(0, at) + insert + id.slice(at + 1);
					const key = keyOfDevice(text);
					if (key !== undefined) expect(deviceIdOf(key)).toBe(text);
				},
			),
			{ numRuns: 500 },
		);
	});

	it.each([
		"",
		"did:key:z",
		"did:web:example.org",
		// another kind of key: X25519
		"did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
		`did:key:z${"0".repeat(47)}`,
		`did:key:z${"z".repeat(47)}`,
	])("[E1] reads no key from %j", (text) => {
		expect(keyOfDevice(text)).toBeUndefined();
	});

	it("refuses a key of another length", () => {
		expect(() => deviceIdOf(new Uint8Array(31))).toThrow(
			expect.objectContaining({ code: "malformed" }),
		);
	});
});

describe("a certificate", () => {
	const seal = new Uint8Array(32).fill(5);
	const aad = aadOf("shoal/v1/certificate", null);
	let device: Signer;
	let session: Uint8Array;
	let bytes: Uint8Array;

	beforeAll(async () => {
		device = await suite.open(await suite.generate());
		session = (await suite.generate()).publicKey;
		bytes = await issueCertificate(device, session, seal);
	});

	it("[E1] names device, session and seal key", async () => {
		expect(await verifyCertificate(suite, bytes)).toEqual({
			device: deviceIdOf(device.publicKey),
			deviceKey: device.publicKey,
			session,
			peer: toHex(session),
			seal,
		});
	});

	it("keeps nothing of the message it came in", async () => {
		const message = new Uint8Array(10_000);
		message.set(bytes, 100);
		const certificate = await verifyCertificate(
			suite,
			message.subarray(100, 100 + bytes.length),
		);
		for (const part of [
			certificate.deviceKey,
			certificate.session,
			certificate.seal,
		])
			expect(part.buffer.byteLength).toBeLessThan(1000);
	});

	it("[E1] is refused with any bit flipped", async () => {
		for (let bit = 0; bit < bytes.length * 8; bit += 3)
			await expect(
				verifyCertificate(suite, flipped(bytes, bit)),
			).rejects.toMatchObject({
				code: expect.stringMatching(/^(malformed|bad-signature)$/),
			});
	});

	it("[E2] cannot be what was signed as something else", async () => {
		const payload = encodeCbor({ session, seal });
		const other = await sign1(device, payload, aadOf("shoal/v1/join", null));
		await expect(verifyCertificate(suite, other)).rejects.toMatchObject({
			code: "bad-signature",
		});
	});

	it.each([
		["another field", { more: 1 }],
		["a short session key", { session: new Uint8Array(31) }],
		["a seal key that is text", { seal: "x".repeat(32) }],
		["no seal key", { seal: undefined }],
	])("is refused with %s", async (_, change) => {
		const payload = encodeCbor({ session, seal, ...change });
		await expect(
			verifyCertificate(suite, await sign1(device, payload, aad)),
		).rejects.toMatchObject({ code: "malformed" });
	});

	it("[E4] is refused for a session key with a torsion component", async () => {
		const mixed = crafted.find(({ name }) => name.includes("with a torsion"));
		const bad = await issueCertificate(device, unhex(mixed?.publicKey), seal);
		await expect(verifyCertificate(suite, bad)).rejects.toMatchObject({
			code: "malformed",
		});
	});

	it("[E3] is refused over its cap", async () => {
		await expect(
			verifyCertificate(suite, new Uint8Array(513)),
		).rejects.toMatchObject({ code: "too-large" });
	});
});
