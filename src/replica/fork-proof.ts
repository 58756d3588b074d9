/**
 * The proof that a session told two histories of one log (S5): `[certificate, entry, entry]` as CBOR, both entries
 * verbatim. Either both have one seq, or the second follows the first and names another as the one before. Its author
 * alone could sign both, so it needs no witness, and whoever holds it can pass it on.
 */
import type { Certificate } from "../identity/certificate.ts";
import { bytesOf } from "../identity/shape.ts";
import { compareBytes, equalBytes, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import {
	MAX_CERTIFICATE_BYTES,
	MAX_ENTRY_BYTES,
	MAX_STATE_BYTES,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId, SpaceId, SwarmId } from "../wire/ids.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import type { EntryVerifier } from "./verify.ts";

/** Where a log forks, and what shows it. */
export interface Fork {
	readonly space: SpaceId;
	readonly session: PeerId;
	/** The first seq that there are two of. The log is frozen here: it keeps what comes before, and grows no more. */
	readonly seq: number;
	readonly certificate: Certificate;
	readonly proof: Uint8Array;
}

/** Puts a proof together. In one order, so that two peers with the same two entries make the same proof. */
export function encodeProof(
	certificate: Uint8Array,
	one: Entry,
	other: Entry,
): Uint8Array {
	const isOrdered =
		one.seq === other.seq
			? compareBytes(one.bytes, other.bytes) < 0
			: one.seq < other.seq;
	const [first, second] = isOrdered ? [one, other] : [other, one];
	return encodeCbor([certificate, first.bytes, second.bytes]);
}

/**
 * Reads a proof and verifies all three signatures in it.
 *
 * @throws ShoalError `malformed` (also for two entries that prove nothing), `too-large`, `bad-signature`
 */
export async function verifyProof(
	bytes: Uint8Array,
	swarm: SwarmId,
	verifier: EntryVerifier,
): Promise<Fork> {
	const { certificate, first, second } = readProof(bytes, swarm);
	const { session, space, seq } = first;
	const certified = await verifier.certificate(session, certificate);
	for (const entry of [first, second]) await verifier.signature(entry);
	return { space, session, seq, certificate: certified, proof: bytes };
}

function readProof(
	bytes: Uint8Array,
	swarm: SwarmId,
): {
	readonly certificate: Uint8Array;
	readonly first: Entry;
	readonly second: Entry;
} {
	const parts = decodeCbor(bytes, { maxBytes: MAX_STATE_BYTES, maxDepth: 2 });
	if (!Array.isArray(parts) || parts.length !== 3)
		throw new ShoalError("malformed", "not a proof");
	const [certificate, ...both] = parts;
	const [first, second] = both.map((part) =>
		decodeEntry(bytesOf(part, 1, MAX_ENTRY_BYTES)),
	);
	if (first === undefined || second === undefined || !proves(first, second))
		throw new ShoalError("malformed", "two entries that prove nothing");
	// The genesis binds no swarm: one session may honestly begin several, each with its own first entry.
	for (const { kind, hash } of [first, second])
		if (kind === "genesis" && toHex(hash) !== swarm)
			throw new ShoalError("malformed", "the genesis of another swarm");
	return {
		certificate: bytesOf(certificate, 1, MAX_CERTIFICATE_BYTES),
		first,
		second,
	};
}

/** Whether nobody honest signs both. */
function proves(first: Entry, second: Entry): boolean {
	if (first.space !== second.space || first.session !== second.session)
		return false;
	if (first.seq === second.seq)
		return compareBytes(first.bytes, second.bytes) < 0;
	return (
		second.seq === first.seq + 1 &&
		second.prev !== null &&
		!equalBytes(second.prev, first.hash)
	);
}
