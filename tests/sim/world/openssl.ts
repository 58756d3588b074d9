/**
 * The primitives that the product's JavaScript spends a fifth of a run's time in, by Node's OpenSSL: same bytes in, same
 * bytes out. `scripts/sim.ts` puts them in the place of those modules; `bundle.test.ts` sees that a run stays the same.
 */
import {
	createHash,
	createHmac,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	hkdfSync,
	type KeyObject,
} from "node:crypto";
import {
	sha256 as nobleSha256,
	sha512 as nobleSha512,
} from "@noble/hashes/sha2.js";

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

/** DER of a key up to its 32 bytes (RFC 8410 §4 and §7). */
const SPKI_HEAD = Buffer.from("302a300506032b656e032100", "hex");
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");

export const x25519 = {
	getPublicKey(privateKey: Uint8Array): Uint8Array {
		const key = createPublicKey(privateOf(privateKey));
		const der = key.export({ format: "der", type: "spki" });
		return Uint8Array.from(der.subarray(SPKI_HEAD.length));
	},
	getSharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
		const der = Buffer.concat([SPKI_HEAD, publicKey]);
		const other = createPublicKey({ key: der, format: "der", type: "spki" });
		const own = privateOf(privateKey);
		return Uint8Array.from(
			diffieHellman({ privateKey: own, publicKey: other }),
		);
	},
};

function privateOf(bytes: Uint8Array): KeyObject {
	const der = Buffer.concat([PKCS8_HEAD, bytes]);
	return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}
