/**
 * The primitives that the product's JavaScript spends a fifth of a run's time in, by Node's OpenSSL: same bytes in, same
 * bytes out. `scripts/sim.ts` puts them in the place of those modules; `bundle.test.ts` sees that a run stays the same.
 */
import { createHash, createHmac, diffieHellman, hkdfSync } from "node:crypto";
import {
	sha256 as nobleSha256,
	sha512 as nobleSha512,
} from "@noble/hashes/sha2.js";
import { privateKeyOf, publicKeyOf, rawPublic } from "./raw-keys.ts";

/** With what those who hash piece by piece need. */
const hashOf = <T extends object>(name: string, noble: T): T =>
	Object.assign(
		(bytes: Uint8Array) =>
			Uint8Array.from(createHash(name).update(bytes).digest()),
		noble,
	) as T;

export const sha256 = hashOf("sha256", nobleSha256);
export const sha512 = hashOf("sha512", nobleSha512);

export const hmac = (
	_sha256: unknown,
	key: Uint8Array,
	message: Uint8Array,
): Uint8Array =>
	Uint8Array.from(createHmac("sha256", key).update(message).digest());

export const hkdf = (
	_sha256: unknown,
	key: Uint8Array,
	salt: Uint8Array | undefined,
	info: Uint8Array,
	length: number,
): Uint8Array =>
	new Uint8Array(hkdfSync("sha256", key, salt ?? NO_SALT, info, length));

const NO_SALT = new Uint8Array(0);

export const x25519 = {
	getPublicKey(privateKey: Uint8Array): Uint8Array {
		return rawPublic(privateKeyOf("X25519", privateKey));
	},
	getSharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
		const shared = diffieHellman({
			privateKey: privateKeyOf("X25519", privateKey),
			publicKey: publicKeyOf("X25519", publicKey),
		});
		return Uint8Array.from(shared);
	},
};
