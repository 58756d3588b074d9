import { x25519 as whole } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { x25519 } from "../../../src/identity/x25519.ts";
import { fromHex, toHex } from "../../../src/wire/bytes.ts";

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("X25519", () => {
	it("[E1] agrees as RFC 7748 §6.1 does", () => {
		const secret = bytes(
			"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
		);
		const other = bytes(
			"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		);
		expect(toHex(x25519.getPublicKey(secret))).toBe(
			"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
		);
		expect(toHex(x25519.getSharedSecret(secret, other))).toBe(
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
		);
	});

	it("gives what noble's whole curve gives, for any keys", () => {
		fc.assert(
			fc.property(key, key, (a, b) => {
				const mine = x25519.getPublicKey(a);
				expect(mine).toEqual(whole.getPublicKey(a));
				expect(x25519.getSharedSecret(b, mine)).toEqual(
					whole.getSharedSecret(b, mine),
				);
			}),
			{ numRuns: 30 },
		);
	});

	it("refuses points of small order", () => {
		for (const point of [
			"0000000000000000000000000000000000000000000000000000000000000000",
			"0100000000000000000000000000000000000000000000000000000000000000",
			"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		])
			expect(() =>
				x25519.getSharedSecret(new Uint8Array(32).fill(9), bytes(point)),
			).toThrow();
	});
});
