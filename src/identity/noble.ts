/** Ed25519 in JavaScript, for pages without WebCrypto: plain HTTP on a LAN, older browsers (E1, B1). */
import { getPublicKey, hashes, Point, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { equalBytes } from "../wire/bytes.ts";
import type { Random } from "../wire/clock.ts";
import { ShoalError } from "../wire/error.ts";
import type { KeySuite, Signer } from "./signer.ts";
import { admissiblePoint, isStrictSignature } from "./torsion.ts";

hashes.sha512 = sha512;

const GROUP_ORDER = Point.CURVE().n;

/** A signer over a 32-byte RFC 8032 seed held in memory. */
export function nobleSigner(seed: Uint8Array): Signer {
	const secret = Uint8Array.from(seed);
	return {
		publicKey: getPublicKey(secret),
		sign: async (message) => sign(message, secret),
	};
}

/**
 * @param subtle opens WebCrypto keys made earlier in this browser. Without it they are refused: a key that cannot be
 * read cannot be used by JavaScript.
 */
export function nobleSuite(random: Random, subtle?: SubtleCrypto): KeySuite {
	return {
		protection: "software",
		async generate() {
			const seed = random.bytes(32);
			return { kind: "noble", publicKey: getPublicKey(seed), seed };
		},
		fromSeed: async (seed) => nobleSigner(seed),
		async open(key) {
			if (key.kind === "noble") return nobleSigner(key.seed);
			if (subtle === undefined)
				throw new ShoalError(
					"unsupported",
					"This browser can no longer use the key it made for this device.",
				);
			return webCryptoSigner(subtle, key.publicKey, key.privateKey);
		},
		verify: async (publicKey, message, signature) =>
			verifyCofactorless(publicKey, message, signature),
	};
}

/** A signer over a key that WebCrypto holds. */
export function webCryptoSigner(
	subtle: SubtleCrypto,
	publicKey: Uint8Array,
	privateKey: CryptoKey,
): Signer {
	return {
		publicKey,
		async sign(message) {
			const signature = await subtle.sign(
				"Ed25519",
				privateKey,
				unshared(message),
			);
			return new Uint8Array(signature);
		},
	};
}

/** WebCrypto takes no views of shared memory; nothing of ours is shared, so this copies nothing in practice. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	return isUnshared(bytes) ? bytes : Uint8Array.from(bytes);
}

function isUnshared(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
	return bytes.buffer instanceof ArrayBuffer;
}

/**
 * RFC 8032 §5.1.7 without the cofactor: encode(S·B − k·A) must be R to the byte. The library's own `verify` multiplies
 * by the cofactor even in its strict mode, and so accepts an R with a torsion component (E4, C2).
 */
function verifyCofactorless(
	publicKey: Uint8Array,
	message: Uint8Array,
	signature: Uint8Array,
): boolean {
	if (!isStrictSignature(signature)) return false;
	const key = admissiblePoint(publicKey);
	if (key === undefined) return false;
	const r = signature.subarray(0, 32);
	const s = littleEndian(signature.subarray(32));
	const digest = sha512.create().update(r).update(publicKey).update(message);
	const k = littleEndian(digest.digest()) % GROUP_ORDER;
	const expected = Point.BASE.multiply(s, false).subtract(
		key.multiply(k, false),
	);
	return equalBytes(expected.toBytes(), r);
}

function littleEndian(bytes: Uint8Array): bigint {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let value = 0n;
	for (let at = bytes.length - 8; at >= 0; at -= 8)
		value = (value << 64n) | view.getBigUint64(at, true);
	return value;
}
