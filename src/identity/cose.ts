/**
 * COSE_Sign1 (RFC 9052 §4.2) with EdDSA: the one envelope of everything that is signed (E2).
 *
 *     d2 84                      tag 18, array of 4
 *        58 26 a2 01 27 04 58 20 key    protected { 1: -8 (EdDSA), 4: kid = the public key }
 *        a0                      no unprotected headers
 *        payload                 byte string
 *        58 40 signature
 *
 * Deterministic encoding leaves no choice in it, so it is read by comparing with that template: nothing is re-encoded,
 * and the payload is a view. Any COSE library reads and verifies it too.
 */
import { concatBytes, equalBytes } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";
import type { Signer, Verifier } from "./signer.ts";

const HEAD = Uint8Array.of(0xd2, 0x84, 0x58, 0x26);
const PROTECTED_HEAD = Uint8Array.of(0xa2, 0x01, 0x27, 0x04, 0x58, 0x20);
const NO_UNPROTECTED = Uint8Array.of(0xa0);
const SIGNATURE_HEAD = Uint8Array.of(0x58, 0x40);
/** Array of 4, the text "Signature1", and the head of the protected header. */
const SIG_STRUCTURE_HEAD = Uint8Array.of(
	...[0x84, 0x6a],
	...Array.from("Signature1", (char) => char.charCodeAt(0)),
	...[0x58, 0x26],
);

const KEY_AT = HEAD.length + PROTECTED_HEAD.length;
const PAYLOAD_AT = KEY_AT + 32 + NO_UNPROTECTED.length;
const TAIL_BYTES = SIGNATURE_HEAD.length + 64;

/** What an envelope adds to its payload, at most. */
export const ENVELOPE_OVERHEAD = PAYLOAD_AT + 5 + TAIL_BYTES;

/** An envelope that was read and not yet verified. All arrays are views into the envelope's bytes. */
export interface OpenedEnvelope {
	/** The signer's public key, 32 bytes, as claimed. */
	readonly key: Uint8Array;
	readonly payload: Uint8Array;
	/** 64 bytes. */
	readonly signature: Uint8Array;
	/** The bytes the signature is over (RFC 9052 §4.4), for an `external_aad` (see `aadOf`). Copies the payload once. */
	toVerify(aad: Uint8Array): Uint8Array;
}

/** Signs a payload. The result is stored and forwarded verbatim, never re-encoded (E2). */
export async function sign1(
	signer: Signer,
	payload: Uint8Array,
	aad: Uint8Array,
): Promise<Uint8Array> {
	const signature = await signer.sign(
		sigStructure(signer.publicKey, payload, aad),
	);
	return concatBytes(
		HEAD,
		PROTECTED_HEAD,
		signer.publicKey,
		NO_UNPROTECTED,
		byteStringHead(payload.length),
		payload,
		SIGNATURE_HEAD,
		signature,
	);
}

/**
 * Reads an envelope without verifying it.
 *
 * @param maxBytes cap on the whole envelope, checked before anything else (E3).
 * @throws ShoalError `too-large`, or `malformed` for anything but the one deterministic encoding.
 */
export function open1(bytes: Uint8Array, maxBytes: number): OpenedEnvelope {
	if (bytes.length > maxBytes)
		throw new ShoalError(
			"too-large",
			`an envelope of ${bytes.length} bytes exceeds ${maxBytes}`,
		);
	expect(bytes, 0, HEAD);
	expect(bytes, HEAD.length, PROTECTED_HEAD);
	const key = bytes.subarray(KEY_AT, KEY_AT + 32);
	expect(bytes, KEY_AT + 32, NO_UNPROTECTED);
	// The tail's size is fixed, so the payload's length is known and its head has one valid form.
	const payloadHead = byteStringHead(payloadLength(bytes));
	expect(bytes, PAYLOAD_AT, payloadHead);
	const tailAt = bytes.length - TAIL_BYTES;
	expect(bytes, tailAt, SIGNATURE_HEAD);
	const payload = bytes.subarray(PAYLOAD_AT + payloadHead.length, tailAt);
	return {
		key,
		payload,
		signature: bytes.subarray(tailAt + SIGNATURE_HEAD.length),
		toVerify: (aad) => sigStructure(key, payload, aad),
	};
}

/**
 * Reads an envelope and verifies it. `key` and `payload` are views into `bytes`.
 *
 * @throws ShoalError `too-large`, `malformed`, or `bad-signature` (also for a key that may not be admitted, E4).
 */
export async function verify1(
	verifier: Verifier,
	bytes: Uint8Array,
	aad: Uint8Array,
	maxBytes: number,
): Promise<{ key: Uint8Array; payload: Uint8Array }> {
	const { key, payload, signature, toVerify } = open1(bytes, maxBytes);
	if (!(await verifier.verify(key, toVerify(aad), signature)))
		throw new ShoalError("bad-signature", "the signature does not hold");
	return { key, payload };
}

function sigStructure(
	key: Uint8Array,
	payload: Uint8Array,
	aad: Uint8Array,
): Uint8Array {
	return concatBytes(
		SIG_STRUCTURE_HEAD,
		PROTECTED_HEAD,
		key,
		byteStringHead(aad.length),
		aad,
		byteStringHead(payload.length),
		payload,
	);
}

/** Length of the payload in an envelope of this size, by its own head; a wrong guess fails the comparison after. */
function payloadLength(bytes: Uint8Array): number {
	const rest = bytes.length - PAYLOAD_AT - TAIL_BYTES;
	for (const [width, limit] of [
		[1, 24],
		[2, 0x100],
		[3, 0x10000],
		[5, 0x100000000],
	] as const) {
		const length = rest - width;
		if (length < 0) break;
		if (length < limit) return length;
	}
	throw new ShoalError("malformed", "not an envelope");
}

function byteStringHead(length: number): Uint8Array {
	if (length < 24) return Uint8Array.of(0x40 | length);
	if (length < 0x100) return Uint8Array.of(0x58, length);
	if (length < 0x10000) return Uint8Array.of(0x59, length >>> 8, length & 0xff);
	const head = new Uint8Array(5);
	head[0] = 0x5a;
	new DataView(head.buffer).setUint32(1, length);
	return head;
}

function expect(bytes: Uint8Array, at: number, what: Uint8Array): void {
	if (!equalBytes(bytes.subarray(at, at + what.length), what))
		throw new ShoalError("malformed", "not an envelope");
}
