/**
 * Which Ed25519 keys and signatures are looked at, before any library is asked. Libraries differ at the edges
 * (cofactored or not, small orders, encodings); what they differ about is refused here, for all of them alike (E4).
 */
import { Point } from "@noble/ed25519";
import { fromHex } from "../wire/bytes.ts";
import { KeyedCache } from "./keyed-cache.ts";

/** A verdict costs about as much as a verification, and a swarm has few keys. */
const points = new KeyedCache<{ readonly point: Point | undefined }>(1024);

/** The point of a public key that may be admitted, else `undefined`. */
export function admissiblePoint(publicKey: Uint8Array): Point | undefined {
	if (publicKey.length !== 32) return undefined;
	return points.take(publicKey, () => ({ point: decode(publicKey) })).point;
}

/**
 * Whether a public key is 32 bytes, canonically encoded (RFC 8032 §5.1.3), of large order and without a torsion
 * component. With any other key two verifiers may disagree about a signature, and then two peers about the truth.
 */
export function isAdmissibleKey(publicKey: Uint8Array): boolean {
	return admissiblePoint(publicKey) !== undefined;
}

function decode(publicKey: Uint8Array): Point | undefined {
	let point: Point;
	try {
		point = Point.fromBytes(publicKey, false);
	} catch {
		return undefined; // not a canonical encoding of a point
	}
	return !point.isSmallOrder() && point.isTorsionFree() ? point : undefined;
}

/** y coordinates of the eight points of small order: 1, -1, 0 and the two of order 8. Little endian, no sign bit. */
const SMALL_ORDER_Y = [
	`01${"00".repeat(31)}`,
	`ec${"ff".repeat(30)}7f`,
	"00".repeat(32),
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map((hex) => fromHex(hex) ?? new Uint8Array(32));

/** 2^255 - 19 and the group order, little endian. */
const FIELD = fromHex(`ed${"ff".repeat(30)}7f`) ?? new Uint8Array(32);
const ORDER =
	fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010") ??
	new Uint8Array(32);

/**
 * Whether a signature has 64 bytes, S below the group order, and an R that is canonically encoded and not of small
 * order (the WebCrypto draft refuses such an R, browsers do not).
 */
export function isStrictSignature(signature: Uint8Array): boolean {
	if (signature.length !== 64) return false;
	const y = signature.slice(0, 32);
	y[31] = (y[31] ?? 0) & 0x7f;
	return (
		isBelow(signature.subarray(32), ORDER) &&
		isBelow(y, FIELD) &&
		!SMALL_ORDER_Y.some((small) => small.every((byte, i) => byte === y[i]))
	);
}

/** a < b for 32 little-endian bytes. All of it is public, so it need not be constant time. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
	for (let i = 31; i >= 0; i--) {
		const difference = (a[i] ?? 0) - (b[i] ?? 0);
		if (difference !== 0) return difference < 0;
	}
	return false;
}
