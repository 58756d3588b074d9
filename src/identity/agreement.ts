/** Sealing a secret to a device that may be asleep: ephemeral X25519, HKDF-SHA256, XChaCha20-Poly1305 (E1, M3). */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8 } from "../wire/bytes.ts";
import type { Random } from "../wire/clock.ts";
import { ShoalError } from "../wire/error.ts";
import { x25519 } from "./x25519.ts";

const KEY_INFO = utf8("shoal/v1/sealed/key");
const NONCE_INFO = utf8("shoal/v1/sealed/nonce");
const TAG_BYTES = 16;
/** What sealing adds: the ephemeral key and the tag. */
export const SEAL_OVERHEAD = 32 + TAG_BYTES;

/** A raw X25519 key pair (RFC 7748), 32 bytes each. */
export interface SealKey {
	readonly publicKey: Uint8Array;
	readonly privateKey: Uint8Array;
}

export function generateSealKey(random: Random): SealKey {
	const privateKey = random.bytes(32);
	return { privateKey, publicKey: x25519.getPublicKey(privateKey) };
}

/**
 * Encrypts so that only the holder of the private key can read. It says nothing about who wrote it: put it where it is
 * signed, and bind that place by `aad`.
 *
 * @returns the ephemeral key (32 bytes) and the ciphertext with its tag (16 bytes more than the plaintext).
 * @throws ShoalError `malformed` where `publicKey` is no X25519 key or of small order.
 */
export function sealTo(
	publicKey: Uint8Array,
	random: Random,
	plaintext: Uint8Array,
	aad: Uint8Array,
): Uint8Array {
	const ephemeral = generateSealKey(random);
	const shared = agree(ephemeral.privateKey, publicKey);
	if (shared === undefined)
		throw new ShoalError("malformed", "the key cannot be sealed to");
	return concatBytes(
		ephemeral.publicKey,
		box(shared, ephemeral.publicKey, publicKey, aad).encrypt(plaintext),
	);
}

/** The plaintext, or `undefined` where the bytes were not sealed to this key with this `aad`. Never throws on them. */
export function openSealed(
	{ publicKey, privateKey }: SealKey,
	bytes: Uint8Array,
	aad: Uint8Array,
): Uint8Array | undefined {
	if (bytes.length < SEAL_OVERHEAD) return undefined;
	const ephemeral = bytes.subarray(0, 32);
	const shared = agree(privateKey, ephemeral);
	if (shared === undefined) return undefined;
	try {
		return box(shared, ephemeral, publicKey, aad).decrypt(bytes.subarray(32));
	} catch {
		return undefined; // the tag does not hold
	}
}

/** The secret that two X25519 keys share, or `undefined` where the other one is no key to share a secret with. */
export function agree(
	privateKey: Uint8Array,
	publicKey: Uint8Array,
): Uint8Array | undefined {
	if (publicKey.length !== 32) return undefined;
	try {
		return x25519.getSharedSecret(privateKey, publicKey);
	} catch {
		return undefined; // a point of small order: the secret would be known to all
	}
}

/** Both keys go into the derivation, so neither can be swapped; each ephemeral key gives one nonce, used once. */
function box(
	shared: Uint8Array,
	ephemeral: Uint8Array,
	recipient: Uint8Array,
	aad: Uint8Array,
): ReturnType<typeof xchacha20poly1305> {
	const salt = concatBytes(ephemeral, recipient);
	const key = hkdf(sha256, shared, salt, KEY_INFO, 32);
	const nonce = hkdf(sha256, shared, salt, NONCE_INFO, 24);
	return xchacha20poly1305(key, nonce, aad);
}
