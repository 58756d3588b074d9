/**
 * Messages of the state channel (S6), as CBOR arrays with a one-letter tag:
 *
 *     ["d", isAnswer, [[space, digest], …]]               DIGEST   how each space stands here
 *     ["h", space, isReply, [[session, next, head], …]]   HAVE     how far each log of a space reaches here
 *     ["w", space, [[session, from], …]]                  WANT     send these logs from there on
 *     ["e", [entry, …]]                                   ENTRIES  signed bytes, verbatim
 */
import { bytesOf, integerOf, textOf } from "../identity/shape.ts";
import { fromHex, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import {
	MAX_ENTRY_BYTES,
	MAX_SPACE_ID_LENGTH,
	MAX_STATE_BYTES,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";

export const MAX_DIGESTS = 1_000;
export const MAX_LOGS = 10_000;
export const MAX_ENTRIES = 10_000;

export interface HaveLog {
	readonly session: PeerId;
	readonly next: number;
	/** Hash of the last entry. */
	readonly head: Uint8Array;
}

export interface WantLog {
	readonly session: PeerId;
	readonly from: number;
}

export type SyncMessage =
	| {
			readonly kind: "digest";
			/** Said in answer to a DIGEST: it is not answered with another. */
			readonly isAnswer: boolean;
			/** Digests in hex. */
			readonly spaces: readonly {
				readonly space: SpaceId;
				readonly digest: string;
			}[];
	  }
	| {
			readonly kind: "have";
			readonly space: SpaceId;
			/** Said in answer to a HAVE: it is not answered with another. */
			readonly isReply: boolean;
			readonly logs: readonly HaveLog[];
	  }
	| {
			readonly kind: "want";
			readonly space: SpaceId;
			readonly logs: readonly WantLog[];
	  }
	| { readonly kind: "entries"; readonly entries: readonly Uint8Array[] };

export function encodeSync(message: SyncMessage): Uint8Array {
	switch (message.kind) {
		case "digest":
			return encodeCbor([
				"d",
				message.isAnswer,
				message.spaces.map(({ space, digest }) => [space, hexBytes(digest)]),
			]);
		case "have":
			return encodeCbor([
				"h",
				message.space,
				message.isReply,
				message.logs.map(({ session, next, head }) => [
					hexBytes(session),
					next,
					head,
				]),
			]);
		case "want":
			return encodeCbor([
				"w",
				message.space,
				message.logs.map(({ session, from }) => [hexBytes(session), from]),
			]);
		case "entries":
			return encodeCbor(["e", message.entries]);
	}
}

/** @throws ShoalError `too-large`, `malformed` */
export function decodeSync(bytes: Uint8Array): SyncMessage {
	const parts = listOf(
		decodeCbor(bytes, { maxBytes: MAX_STATE_BYTES, maxDepth: 4 }),
		4,
	);
	const [tag, first, second, third] = parts;
	const size = parts.length;
	if (tag === "d" && size === 3 && typeof first === "boolean")
		return {
			kind: "digest",
			isAnswer: first,
			spaces: listOf(second, MAX_DIGESTS).map((item) => {
				const [space, digest] = tupleOf(item, 2);
				return { space: spaceOf(space), digest: toHex(bytesOf(digest, 32)) };
			}),
		};
	if (tag === "h" && size === 4 && typeof second === "boolean")
		return {
			kind: "have",
			space: spaceOf(first),
			isReply: second,
			logs: listOf(third, MAX_LOGS).map((item) => {
				const [session, next, head] = tupleOf(item, 3);
				return {
					session: toHex(bytesOf(session, 32)),
					next: integerOf(next, 1, Number.MAX_SAFE_INTEGER),
					// A view would keep the whole message for one head.
					head: Uint8Array.from(bytesOf(head, 32)),
				};
			}),
		};
	if (tag === "w" && size === 3)
		return {
			kind: "want",
			space: spaceOf(first),
			logs: listOf(second, MAX_LOGS).map((item) => {
				const [session, from] = tupleOf(item, 2);
				return {
					session: toHex(bytesOf(session, 32)),
					from: integerOf(from, 0, Number.MAX_SAFE_INTEGER),
				};
			}),
		};
	if (tag === "e" && size === 2)
		return {
			kind: "entries",
			entries: listOf(first, MAX_ENTRIES).map((item) =>
				bytesOf(item, 1, MAX_ENTRY_BYTES),
			),
		};
	throw new ShoalError("malformed", "not a message of the replica");
}

function listOf(value: unknown, max: number): readonly unknown[] {
	if (!Array.isArray(value))
		throw new ShoalError("malformed", "expected a list");
	if (value.length > max)
		throw new ShoalError("too-large", `a list longer than ${max}`);
	return value;
}

function tupleOf(value: unknown, size: number): readonly unknown[] {
	const items = listOf(value, size);
	if (items.length !== size)
		throw new ShoalError("malformed", "expected a list of another length");
	return items;
}

const spaceOf = (value: unknown): SpaceId => textOf(value, MAX_SPACE_ID_LENGTH);

function hexBytes(hex: string): Uint8Array {
	const bytes = fromHex(hex);
	if (bytes === undefined) throw new Error("expected hex");
	return bytes;
}
