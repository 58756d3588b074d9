/**
 * Messages of the state channel (S6), as CBOR arrays with a one-letter tag:
 *
 *     ["d", isAnswer, [[space, heads, state], …]]         DIGEST   how each space stands here; state may be null
 *     ["h", space, isReply, [[session, next, head], …]]   HAVE     how far each log of a space reaches here
 *     ["w", space, [[session, from], …]]                  WANT     send these logs from there on, or the proof of a fork
 *     ["e", [entry, …]]                                   ENTRIES  signed bytes, verbatim
 *     ["p", [proof, …]]                                   PROOF    of forks (S5), see fork-proof.ts
 *
 * A log that forks has a fourth item in HAVE, the seq of the fork, and head null where it holds nothing before it.
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
import { headTuple } from "./space.ts";

export const MAX_DIGESTS = 1_000;
export const MAX_LOGS = 10_000;
export const MAX_ENTRIES = 10_000;
const MAX_PROOFS = 100;

export interface HaveLog {
	readonly session: PeerId;
	readonly next: number;
	/** Hash of the last entry; `null` where next is 0, which only a log that forks there says. */
	readonly head: Uint8Array | null;
	/** The seq of its fork, where it is known to have one (S5). */
	readonly frozen?: number;
}

export interface WantLog {
	readonly session: PeerId;
	readonly from: number;
}

/** Digests in hex. */
export interface ToldDigest {
	readonly space: SpaceId;
	/** Of the heads (S6). */
	readonly digest: string;
	/** Of the facts that these heads give (S11); `null` while what is shown is ahead of them. */
	readonly state: string | null;
}

export type SyncMessage =
	| {
			readonly kind: "digest";
			/** Said in answer to a DIGEST: it is not answered with another. */
			readonly isAnswer: boolean;
			readonly spaces: readonly ToldDigest[];
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
	| { readonly kind: "entries"; readonly entries: readonly Uint8Array[] }
	| { readonly kind: "proof"; readonly proofs: readonly Uint8Array[] };

export function encodeSync(message: SyncMessage): Uint8Array {
	switch (message.kind) {
		case "digest":
			return encodeCbor([
				"d",
				message.isAnswer,
				message.spaces.map(({ space, digest, state }) => [
					space,
					hexBytes(digest),
					state === null ? null : hexBytes(state),
				]),
			]);
		case "have":
			return encodeCbor([
				"h",
				message.space,
				message.isReply,
				message.logs.map((log) =>
					headTuple({ ...log, session: hexBytes(log.session) }),
				),
			]);
		case "want":
			return encodeCbor([
				"w",
				message.space,
				message.logs.map(({ session, from }) => [hexBytes(session), from]),
			]);
		case "entries":
			return encodeCbor(["e", message.entries]);
		case "proof":
			return encodeCbor(["p", message.proofs]);
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
				const [space, digest, state] = tupleOf(item, 3);
				return {
					space: spaceOf(space),
					digest: toHex(bytesOf(digest, 32)),
					state: state === null ? null : toHex(bytesOf(state, 32)),
				};
			}),
		};
	if (tag === "h" && size === 4 && typeof second === "boolean")
		return {
			kind: "have",
			space: spaceOf(first),
			isReply: second,
			logs: listOf(third, MAX_LOGS).map(haveOf),
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
	if (tag === "p" && size === 2)
		return {
			kind: "proof",
			proofs: listOf(first, MAX_PROOFS).map((item) =>
				bytesOf(item, 1, MAX_STATE_BYTES),
			),
		};
	throw new ShoalError("malformed", "not a message of the replica");
}

function haveOf(item: unknown): HaveLog {
	const parts = listOf(item, 4);
	const [session, next, head, frozen] = parts;
	const log = {
		session: toHex(bytesOf(session, 32)),
		next: integerOf(next, parts.length === 4 ? 0 : 1, Number.MAX_SAFE_INTEGER),
		// A view would keep the whole message for one head.
		head:
			next === 0 && head === null ? null : Uint8Array.from(bytesOf(head, 32)),
	};
	if ((log.next === 0) !== (log.head === null))
		throw new ShoalError("malformed", "a head without entries");
	if (parts.length === 3) return log;
	// What comes after the fork is not held.
	return {
		...log,
		frozen: integerOf(frozen, log.next, Number.MAX_SAFE_INTEGER),
	};
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
