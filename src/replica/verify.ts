/** The part of accepting that takes time: signatures of an entry, its certificate and a join proof (S3, E3). */

import {
	decodeAdmit,
	decodeDelegate,
	decodeGenesis,
	decodeInviteAct,
} from "../identity/acts.ts";
import {
	type Certificate,
	verifyCertificate,
} from "../identity/certificate.ts";
import { decodeEpoch } from "../identity/epoch-act.ts";
import { type JoinProof, verifyJoin } from "../identity/invite.ts";
import { decodeRemoval } from "../identity/removal-act.ts";
import type { Verifier } from "../identity/signer.ts";
import { equalBytes } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId, SwarmId } from "../wire/ids.ts";
import { type Entry, type EntryKind, entryAad } from "./entry.ts";
import { decodeSeal } from "./seal.ts";

/** An entry whose signatures hold. */
export interface VerifiedEntry {
	readonly entry: Entry;
	/** Of seq 0 and of checkpoints. */
	readonly certificate?: Certificate;
	/** Of an admit. */
	readonly proof?: JoinProof;
}

/** Sessions whose certificates are remembered: each log of a session begins with the same one. */
const MAX_REMEMBERED = 4_096;

export class EntryVerifier {
	readonly #verifier: Verifier;
	readonly #swarm: SwarmId;
	readonly #certificates = new Map<
		PeerId,
		{ readonly bytes: Uint8Array; readonly certificate: Certificate }
	>();

	constructor(verifier: Verifier, swarm: SwarmId) {
		this.#verifier = verifier;
		this.#swarm = swarm;
	}

	/**
	 * Verifies an entry that came from somebody else.
	 *
	 * @throws ShoalError `bad-signature`, `malformed`, `too-large`
	 */
	async verify(entry: Entry): Promise<VerifiedEntry> {
		await this.signature(entry);
		return this.carried(entry);
	}

	/** Verifies an entry's own signature, and nothing else. @throws ShoalError `bad-signature` */
	async signature({ envelope, kind }: Entry): Promise<void> {
		const message = envelope.toVerify(entryAad(kind, this.#swarm));
		const { key, signature } = envelope;
		if (!(await this.#verifier.verify(key, message, signature)))
			throw new ShoalError(
				"bad-signature",
				"an entry's signature does not hold",
			);
	}

	/**
	 * Verifies what a signed entry carries along. Only for entries whose own signature holds, or that were stored.
	 *
	 * @throws ShoalError `bad-signature`, `malformed`, `too-large`
	 */
	async carried(entry: Entry): Promise<VerifiedEntry> {
		const { cert, kind, body, session } = entry;
		const certificate =
			cert === undefined ? undefined : await this.certificate(session, cert);
		const proof = await this.body(kind, body);
		return {
			entry,
			...(certificate !== undefined && { certificate }),
			...(proof !== undefined && { proof }),
		};
	}

	/** @throws ShoalError `bad-signature`, `malformed` (also where it is another session's), `too-large` */
	async certificate(session: PeerId, bytes: Uint8Array): Promise<Certificate> {
		const known = this.#certificates.get(session);
		if (known !== undefined && equalBytes(known.bytes, bytes))
			return known.certificate;
		const certificate = await verifyCertificate(this.#verifier, bytes);
		if (certificate.peer !== session)
			throw new ShoalError(
				"malformed",
				"the certificate is of another session",
			);
		if (this.#certificates.size >= MAX_REMEMBERED) this.#certificates.clear();
		this.#certificates.set(session, { bytes, certificate });
		return certificate;
	}

	/**
	 * Reads the body of an act. Returns the proof in an admit's; updates are looked at elsewhere.
	 *
	 * @throws ShoalError `bad-signature`, `malformed`, `too-large`
	 */
	async body(
		kind: EntryKind,
		body: Uint8Array,
	): Promise<JoinProof | undefined> {
		switch (kind) {
			case "genesis":
				decodeGenesis(body);
				return undefined;
			case "invite":
				decodeInviteAct(body);
				return undefined;
			case "admit":
				return verifyJoin(this.#verifier, decodeAdmit(body).proof, this.#swarm);
			case "delegate":
				decodeDelegate(body);
				return undefined;
			case "remove":
				decodeRemoval(body);
				return undefined;
			case "epoch":
				decodeEpoch(body);
				return undefined;
			case "seal":
				decodeSeal(body);
				return undefined;
			case "update":
			case "checkpoint":
				return undefined;
		}
	}
}
