/** What the two ends of a detour say inside the packets that others carry (L6). CBOR arrays with a short tag. */
import { bytesOf, integerOf, listOf, textOf } from "../identity/shape.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { FRAME_BYTES, MAX_CERTIFICATE_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";

export type DetourMessage =
	/** Asks for a detour, or agrees to one. Not sealed: it brings what the key is made of; the hellos will bind it. */
	| {
			readonly kind: "open" | "accept";
			readonly id: string;
			/** The sender's, hex. */
			readonly nonce: string;
			readonly epoch: number;
			readonly certificate: Uint8Array;
	  }
	| {
			readonly kind: "sealed";
			readonly id: string;
			readonly lane: number;
			readonly seq: number;
			readonly sealed: Uint8Array;
	  };

const TAG_BYTES = 16;
const MAX_SEALED_FRAME = FRAME_BYTES + 64 + TAG_BYTES;
const MAX_BYTES = MAX_SEALED_FRAME + 256;
const MAX_NAME = 64;

export function encodeDetour(message: DetourMessage): Uint8Array {
	if (message.kind === "sealed")
		return encodeCbor([
			2,
			message.id,
			message.lane,
			message.seq,
			message.sealed,
		]);
	const { kind, id, nonce, epoch, certificate } = message;
	return encodeCbor([kind === "open" ? 0 : 1, id, nonce, epoch, certificate]);
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeDetour(bytes: Uint8Array): DetourMessage {
	const value = decodeCbor(bytes, { maxBytes: MAX_BYTES, maxDepth: 2 });
	const [tag, id, a, b, c] = listOf(value, 5, 5);
	if (tag === 2)
		return {
			kind: "sealed",
			id: textOf(id, MAX_NAME),
			lane: integerOf(a, 0, 1),
			seq: integerOf(b, 0, Number.MAX_SAFE_INTEGER),
			sealed: bytesOf(c, TAG_BYTES + 1, MAX_SEALED_FRAME),
		};
	if (tag !== 0 && tag !== 1)
		throw new ShoalError("malformed", "not a detour message");
	return {
		kind: tag === 0 ? "open" : "accept",
		id: textOf(id, MAX_NAME),
		nonce: textOf(a, MAX_NAME),
		epoch: integerOf(b, 0, Number.MAX_SAFE_INTEGER),
		certificate: bytesOf(c, 1, MAX_CERTIFICATE_BYTES),
	};
}
