/**
 * Makes signatures at the edges where Ed25519 verifiers differ (E4). `crafted-vectors.json` holds what it makes;
 * a test keeps the two equal, so each vector has an explanation in code.
 */
import { etc, Point, utils } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import "../../../src/identity/noble.ts";
import { concatBytes, fromHex, toHex, utf8 } from "../../../src/wire/bytes.ts";

export interface SignatureVector {
	readonly name: string;
	readonly publicKey: string;
	readonly message: string;
	readonly signature: string;
	readonly valid: boolean;
}

const { n: L, p } = Point.CURVE();
/** A point of order 8. */
const TORSION = Point.fromHex(
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
);
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const { scalar: a, pointBytes: A } = utils.getExtendedPublicKey(seed);

function le(value: bigint): Uint8Array {
	const hex = value.toString(16).padStart(64, "0");
	return (fromHex(hex) ?? new Uint8Array(32)).reverse();
}

function challenge(R: Uint8Array, key: Uint8Array, m: Uint8Array): bigint {
	const digest = sha512(concatBytes(R, key, m)).reverse();
	return etc.mod(BigInt(`0x${toHex(digest)}`), L);
}

/** The first message of a family whose challenge is a multiple of `of`, so that torsion times it vanishes. */
function ground(R: Uint8Array, key: Uint8Array, of: bigint): Uint8Array {
	for (let i = 0; ; i++) {
		const message = utf8(`message ${i}`);
		if (challenge(R, key, message) % of === 0n) return message;
	}
}

function vector(
	name: string,
	key: Uint8Array,
	m: Uint8Array,
	R: Uint8Array,
	s: bigint,
	valid = false,
): SignatureVector {
	return {
		name,
		publicKey: toHex(key),
		message: toHex(m),
		signature: toHex(concatBytes(R, le(s))),
		valid,
	};
}

/** R and S of `secret` where R is whatever bytes are given and commits to `r`. */
function answer(
	R: Uint8Array,
	r: bigint,
	key: Uint8Array,
	secret: bigint,
	m: Uint8Array,
): bigint {
	return etc.mod(r + challenge(R, key, m) * secret, L);
}

export function craft(): SignatureVector[] {
	const m = utf8("shoal");
	const r = 0x1234567890abcdefn;
	const rB = Point.BASE.multiply(r);
	const R = rB.toBytes();
	const s = answer(R, r, A, a, m);
	const plain = vector("an ordinary signature", A, m, R, s, true);

	const torsionR = rB.add(TORSION).toBytes();
	const mixed = Point.fromBytes(A).add(TORSION).toBytes();
	const mixedMessage = ground(R, mixed, 8n);
	const small = TORSION.toBytes();
	const smallMessage = ground(R, small, 8n);
	const identity = le(1n);
	const unreduced = le(p + 1n);
	const negativeZero = le(1n | (1n << 255n));
	const smallR = TORSION.toBytes();

	return [
		plain,
		vector(
			"torsion-free key, torsion component in R",
			A,
			m,
			torsionR,
			answer(torsionR, r, A, a, m),
		),
		vector(
			"key with a torsion component, equation holds without cofactor",
			mixed,
			mixedMessage,
			R,
			answer(R, r, mixed, a, mixedMessage),
		),
		vector("key of order 8", small, smallMessage, R, r),
		vector("identity as key", identity, m, R, r),
		vector("identity as key, y not reduced", unreduced, m, R, r),
		vector("identity as key, x = 0 with sign bit", negativeZero, m, R, r),
		vector("S plus the group order", A, m, R, s + L),
		vector("R is the identity", A, m, identity, answer(identity, 0n, A, a, m)),
		vector(
			"R is the identity, y not reduced",
			A,
			m,
			unreduced,
			answer(unreduced, 0n, A, a, m),
		),
		vector(
			"R is the identity, x = 0 with sign bit",
			A,
			m,
			negativeZero,
			answer(negativeZero, 0n, A, a, m),
		),
		vector("R of order 8", A, m, smallR, answer(smallR, 0n, A, a, m)),
		{ ...plain, name: "another message", message: "00", valid: false },
		{ ...plain, name: "short", signature: "00".repeat(63), valid: false },
		{
			...plain,
			name: "one byte too many",
			signature: `${plain.signature}00`,
			valid: false,
		},
		{ ...plain, name: "empty signature", signature: "", valid: false },
		{
			...plain,
			name: "short key",
			publicKey: plain.publicKey.slice(2),
			valid: false,
		},
		{
			...plain,
			name: "key that is no point",
			publicKey: toHex(le(2n)),
			valid: false,
		},
	];
}
