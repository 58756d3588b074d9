/** Entries: the signed, hash-chained links of a session's log in a space (S1). */
import { sha256 } from "@noble/hashes/sha2.js";
import { ACT_KINDS } from "../identity/act-book.ts";
import { type OpenedEnvelope, open1, sign1 } from "../identity/cose.ts";
import { aadOf } from "../identity/domain.ts";
import { bytesOf, fieldsOf, integerOf, textOf } from "../identity/shape.ts";
import type { Signer } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import {
	MAX_CERTIFICATE_BYTES,
	MAX_ENTRY_BYTES,
	MAX_SPACE_ID_LENGTH,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId, SpaceId, SwarmId } from "../wire/ids.ts";

/**
 * An update carries a Yjs update; a checkpoint one that holds all of the corner, in place of all that came before (S7);
 * a seal closes a space for good (S7). The other kinds are membership acts. All but updates and checkpoints live in the
 * swarm's own space (M1).
 */
const KINDS = [...ACT_KINDS, "update", "checkpoint", "seal"] as const;
export type EntryKind = (typeof KINDS)[number];

/** What an author signs. */
export interface EntryFields {
	readonly space: SpaceId;
	/** Position in the session's log of this space, from 0. */
	readonly seq: number;
	/** Hash of the entry before, `null` at seq 0. */
	readonly prev: Uint8Array | null;
	readonly kind: EntryKind;
	readonly body: Uint8Array;
	/** The session's certificate: where a log can begin, in seq 0 and in checkpoints, and only there. */
	readonly cert?: Uint8Array;
}

/** An entry that was read; its signature is not verified by that. */
export interface Entry extends EntryFields {
	readonly session: PeerId;
	/** SHA-256 of `bytes`. */
	readonly hash: Uint8Array;
	/** The signed bytes, verbatim, in a buffer of their own. */
	readonly bytes: Uint8Array;
	readonly envelope: OpenedEnvelope;
}

/** Signs an entry. The genesis binds no swarm, because the swarm's id is its hash (M1). */
export function signEntry(
	signer: Signer,
	swarm: SwarmId | null,
	fields: EntryFields,
): Promise<Uint8Array> {
	const { space, seq, prev, kind, body, cert } = fields;
	const payload = { space, seq, prev, kind, body };
	return sign1(
		signer,
		encodeCbor(cert === undefined ? payload : { ...payload, cert }),
		entryAad(kind, swarm),
	);
}

/** What an entry's signature binds besides its bytes. Not the epoch: a sleeper's offline entries stay good (E2). */
export function entryAad(kind: EntryKind, swarm: SwarmId | null): Uint8Array {
	return aadOf("shoal/v1/entry", kind === "genesis" ? null : swarm);
}

/**
 * Reads an entry without verifying its signature.
 *
 * @throws ShoalError `too-large`, `malformed`
 */
export function decodeEntry(bytes: Uint8Array): Entry {
	// A view would keep the whole message it came in, and IndexedDB would store all of it.
	const own =
		bytes.byteLength === bytes.buffer.byteLength
			? bytes
			: Uint8Array.from(bytes);
	const envelope = open1(own, MAX_ENTRY_BYTES);
	const fields = fieldsOf(
		decodeCbor(envelope.payload, { maxBytes: MAX_ENTRY_BYTES, maxDepth: 1 }),
		["space", "seq", "prev", "kind", "body"],
		["cert"],
	);
	const seq = integerOf(fields.get("seq"), 0, Number.MAX_SAFE_INTEGER);
	const prev = fields.get("prev");
	const cert = fields.get("cert");
	if ((seq === 0) !== (prev === null))
		throw new ShoalError(
			"malformed",
			"a first entry, and only it, has none before",
		);
	const kind = kindOf(fields.get("kind"));
	if (kind === "checkpoint" && seq === 0)
		throw new ShoalError(
			"malformed",
			"a checkpoint stands for what was before",
		);
	if ((seq === 0 || kind === "checkpoint") !== fields.has("cert"))
		throw new ShoalError(
			"malformed",
			"a first entry or a checkpoint, and only it, has a certificate",
		);
	const entry = {
		space: textOf(fields.get("space"), MAX_SPACE_ID_LENGTH),
		seq,
		prev: prev === null ? null : bytesOf(prev, 32),
		kind,
		body: bytesOf(fields.get("body"), 0, MAX_ENTRY_BYTES),
		session: toHex(envelope.key),
		hash: sha256(own),
		bytes: own,
		envelope,
	};
	return cert === undefined
		? entry
		: { ...entry, cert: bytesOf(cert, 1, MAX_CERTIFICATE_BYTES) };
}

function kindOf(value: unknown): EntryKind {
	const kind = KINDS.find((name) => name === value);
	if (kind === undefined)
		throw new ShoalError("malformed", "not a kind of entry");
	return kind;
}
