/**
 * X25519 (RFC 7748) from noble's ladder alone. Its ready-made `x25519` brings the whole of Ed25519 with it to make
 * public keys three times faster, which is 7 kB of every first load for what a device does a few times a day.
 */
import { pow } from "@noble/curves/abstract/modular.js";
import { montgomery } from "@noble/curves/abstract/montgomery.js";

const P = 2n ** 255n - 19n;

/** `getPublicKey` and `getSharedSecret` throw on what is no key, or a point of small order (RFC 7748 §6.1). */
export const x25519 = montgomery({
	P,
	type: "x25519",
	// Fermat: the exponent is public, so the time says nothing about x.
	powPminus2: (x) => pow(x, P - 2n, P),
	// RFC 7748 §5: a multiple of the cofactor, with the top bit at a fixed place.
	adjustScalarBytes(bytes: Uint8Array) {
		bytes[0] = (bytes[0] ?? 0) & 248;
		bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
		return bytes;
	},
});
