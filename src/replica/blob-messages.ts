/**
 * Messages of the bulk channel (S12), as CBOR arrays with a one-letter tag:
 *
 *     ["a", id]                       ASK     send this body
 *     ["n", id]                       NONE    it is not here
 *     ["p", id, size, offset, bytes]  PIECE   a part of it, in order
 *     ["c", id]                       CANCEL  no more of it, please
 *     ["o", id]                       OFFER   here is a body: ask for it
 *     ["k", id]                       KEPT    the offered body is stored
 */
import { bytesOf, integerOf } from "../identity/shape.ts";
import { fromHex, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { BLOB_PIECE_BYTES, MAX_BULK_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { BlobId } from "../wire/ids.ts";

const TAGS = {
	a: "ask",
	n: "none",
	c: "cancel",
	o: "offer",
	k: "kept",
} as const;
type Tag = keyof typeof TAGS;

export type BlobMessage =
	| { readonly kind: (typeof TAGS)[Tag]; readonly id: BlobId }
	| {
			readonly kind: "piece";
			readonly id: BlobId;
			/** Of the whole body. */
			readonly size: number;
			readonly offset: number;
			readonly bytes: Uint8Array;
	  };

export function encodeBlobMessage(message: BlobMessage): Uint8Array {
	const id = fromHex(message.id);
	if (id === undefined) throw new ShoalError("bad-input", "not a blob's id");
	return encodeCbor(
		message.kind === "piece"
			? ["p", id, message.size, message.offset, message.bytes]
			: [tagOf(message.kind), id],
	);
}

/** @throws ShoalError `too-large`, `malformed` */
export function decodeBlobMessage(bytes: Uint8Array): BlobMessage {
	const parts = decodeCbor(bytes, {
		maxBytes: BLOB_PIECE_BYTES + 128,
		maxDepth: 1,
	});
	if (!Array.isArray(parts))
		throw new ShoalError("malformed", "expected a list");
	const [tag, hash, size, offset, body]: readonly unknown[] = parts;
	const id = toHex(bytesOf(hash, 32));
	if (tag === "p" && parts.length === 5) {
		const whole = integerOf(size, 0, MAX_BULK_BYTES);
		const at = integerOf(offset, 0, whole);
		const piece = bytesOf(body, 0, BLOB_PIECE_BYTES);
		if (at + piece.length > whole)
			throw new ShoalError("malformed", "a piece beyond the end");
		return { kind: "piece", id, size: whole, offset: at, bytes: piece };
	}
	if (isTag(tag) && parts.length === 2) return { kind: TAGS[tag], id };
	throw new ShoalError("malformed", "not a message about a blob");
}

function isTag(value: unknown): value is Tag {
	return typeof value === "string" && Object.hasOwn(TAGS, value);
}

function tagOf(kind: (typeof TAGS)[Tag]): Tag {
	for (const [tag, name] of Object.entries(TAGS))
		if (name === kind && isTag(tag)) return tag;
	throw new Error("a kind without a tag");
}
