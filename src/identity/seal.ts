/** What the relay carries: XChaCha20-Poly1305 over padded bytes, bound to topic, sender and recipient (L3). */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import type { Random } from "../wire/clock.ts";

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;

/**
 * Encrypts for a topic.
 *
 * @param from who sends it, and
 * @param to for whom (empty for all), as the envelope around it says in clear: both are authenticated.
 * @returns nonce, ciphertext, tag; its length tells the plaintext's only up to a bucket.
 */
export function sealRelay(
	key: Uint8Array,
	topic: string,
	from: string,
	to: string,
	plaintext: Uint8Array,
	random: Random,
): Uint8Array {
	const padded = new Uint8Array(bucketOf(LENGTH_BYTES + plaintext.length));
	new DataView(padded.buffer).setUint32(0, plaintext.length);
	padded.set(plaintext, LENGTH_BYTES);
	const nonce = random.bytes(NONCE_BYTES);
	const box = xchacha20poly1305(key, nonce, encodeCbor([topic, from, to]));
	return concatBytes(nonce, box.encrypt(padded));
}

/** The plaintext, or `undefined` where anything about it was not as sealed. Never throws on what came in. */
export function openRelay(
	key: Uint8Array,
	topic: string,
	from: string,
	to: string,
	bytes: Uint8Array,
): Uint8Array | undefined {
	if (bytes.length < NONCE_BYTES + LENGTH_BYTES + TAG_BYTES) return undefined;
	const nonce = bytes.subarray(0, NONCE_BYTES);
	const box = xchacha20poly1305(key, nonce, encodeCbor([topic, from, to]));
	let padded: Uint8Array;
	try {
		padded = box.decrypt(bytes.subarray(NONCE_BYTES));
	} catch {
		return undefined; // the tag does not hold: another key, or changed on the way
	}
	const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
	if (bucketOf(LENGTH_BYTES + length) !== padded.length) return undefined;
	return padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

/** Powers of two from 256 to 4,096, then multiples of 4,096: an SDP and a candidate differ, two SDPs do not. */
function bucketOf(length: number): number {
	for (let bucket = 256; bucket < 4096; bucket *= 2)
		if (length <= bucket) return bucket;
	return Math.ceil(length / 4096) * 4096;
}
