import { x25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { openSealed, sealTo } from "../../../src/identity/agreement.ts";
import { newSealKey } from "../../../src/platform/seal-key.ts";
import { utf8 } from "../../../src/wire/bytes.ts";
import { seededRandom } from "../../sim/world/random.ts";

const random = seededRandom(1);
const withoutX25519 = {
	generateKey: () => Promise.reject(new Error("NotSupportedError")),
} as unknown as SubtleCrypto;

describe("a device's sealing key", () => {
	for (const [name, subtle] of [
		["made by the browser", globalThis.crypto.subtle],
		["made where the browser cannot", withoutX25519],
		["made without WebCrypto", undefined],
	] as const)
		it(`[E1] ${name} is a pair that opens what is sealed to it`, async () => {
			const { publicKey, privateKey } = await newSealKey(subtle, random);
			expect(publicKey).toEqual(x25519.getPublicKey(privateKey));
			const secret = utf8("the epoch's secret");
			const aad = utf8("place");
			const sealed = sealTo(publicKey, random, secret, aad);
			expect(openSealed({ publicKey, privateKey }, sealed, aad)).toEqual(
				secret,
			);
		});
});
