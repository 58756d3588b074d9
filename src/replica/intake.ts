/** Takes entries of others in: verifies, decides, carries out, parks, and tries again what was parked (S3, E3). */
import { equalBytes } from "../wire/bytes.ts";
import { codeOf, type ErrorCode, ShoalError } from "../wire/error.ts";
import type { PeerId, SpaceId, SwarmId } from "../wire/ids.ts";
import type { Decision } from "./accept.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import { encodeProof, type Fork, verifyProof } from "./fork-proof.ts";
import type { Holdings } from "./holdings.ts";
import { Parking } from "./parking.ts";
import type { EntryVerifier, VerifiedEntry } from "./verify.ts";

export interface IntakeDeps {
	readonly swarm: SwarmId;
	readonly me: PeerId;
	readonly holdings: Holdings;
	readonly verifier: EntryVerifier;
	/** Entries were accepted and may be stored and shown. */
	onAccepted(entry: Entry): void;
	/** A peer sent what no honest peer forwards. */
	onOffence(peer: PeerId, code: ErrorCode): void;
	/** Two histories of one log, found here or told by a peer (S5). */
	onFork(fork: Fork): void;
	/** An entry of the own session that is not held here, signed with the own key (S8). */
	onOwnEntry(): void;
	/** Entries of a log came from a peer and were worked in. */
	onArrived(from: PeerId, space: SpaceId, session: PeerId): void;
}

/** Signatures under way at once. */
const VERIFY_AT_ONCE = 64;

interface Arrival {
	readonly verified: VerifiedEntry;
	readonly from: PeerId;
}

/** An entry with its signatures verified, what is wrong with it, or `undefined` where it is held already. */
type Outcome = VerifiedEntry | ShoalError | undefined;

interface Batch {
	/** Those that could be read. */
	readonly entries: readonly Entry[];
	/** One for each that came. */
	readonly outcomes: readonly Outcome[];
}

export class Intake {
	readonly #deps: IntakeDeps;
	readonly #parking = new Parking();

	constructor(deps: IntakeDeps) {
		this.#deps = deps;
	}

	/** The first seq of a log that is neither held nor parked; Infinity where nothing more of it is wanted. */
	reach(space: SpaceId, session: PeerId): number {
		const { holdings } = this.#deps;
		const log = holdings.log(space, session);
		const reach = this.#parking.reach(space, session, log?.next ?? 0);
		const end = Math.min(
			log?.frozen?.seq ?? Number.POSITIVE_INFINITY,
			holdings.reach(space, session),
		);
		return reach >= end || holdings.isSealed(space)
			? Number.POSITIVE_INFINITY
			: reach;
	}

	/** Works in proofs of forks. Those of sessions that nobody here knows are let go: they are told again (E3). */
	async takeProofs(from: PeerId, proofs: readonly Uint8Array[]): Promise<void> {
		const { swarm, verifier, onFork, onOffence } = this.#deps;
		for (const proof of proofs)
			try {
				onFork(await verifyProof(proof, swarm, verifier));
			} catch (error) {
				if (!(error instanceof ShoalError)) throw error;
				onOffence(from, error.code);
				return;
			}
	}

	/**
	 * Works the entries of one message in, in their order. What follows a bad signature is not worked in. While some are
	 * worked in, the signatures of the next are being verified.
	 */
	async take(from: PeerId, messages: readonly Uint8Array[]): Promise<void> {
		let next = this.#read(messages.slice(0, VERIFY_AT_ONCE));
		for (let at = 0; at < messages.length; at += VERIFY_AT_ONCE) {
			const { entries, outcomes } = await next;
			const end = at + VERIFY_AT_ONCE;
			next = this.#read(messages.slice(end, end + VERIFY_AT_ONCE));
			const offence = this.#workIn(from, outcomes);
			const arrived = new Map(
				entries.map(({ space, session }) => [
					`${session} ${space}`,
					{ space, session },
				]),
			);
			for (const { space, session } of arrived.values())
				this.#deps.onArrived(from, space, session);
			if (offence === undefined) continue;
			this.#deps.onOffence(from, offence);
			break;
		}
		await next;
	}

	/** Tries parked entries again, after an act came from elsewhere than here. */
	membershipChanged(): void {
		this.#settle(this.#candidates());
	}

	/** Reads some entries of a message and verifies their signatures, all at once. */
	async #read(messages: readonly Uint8Array[]): Promise<Batch> {
		const entries: Entry[] = [];
		const outcomes = await Promise.all(
			messages.map((bytes) => this.#verify(bytes, entries)),
		);
		return { entries, outcomes };
	}

	/** Returns the code of the first offence. */
	#workIn(from: PeerId, outcomes: readonly Outcome[]): ErrorCode | undefined {
		for (const outcome of outcomes) {
			if (outcome === undefined) continue;
			if (outcome instanceof ShoalError) return outcome.code;
			const code = this.#settle([{ verified: outcome, from }]);
			if (code !== undefined) return code;
		}
		return undefined;
	}

	async #verify(bytes: Uint8Array, read: Entry[]): Promise<Outcome> {
		try {
			const entry = decodeEntry(bytes);
			read.push(entry);
			const { space, session, seq, hash } = entry;
			const held = this.#deps.holdings.log(space, session)?.hashAt(seq);
			if (held !== undefined && equalBytes(held, hash)) return undefined;
			return await this.#deps.verifier.verify(entry);
		} catch (error) {
			if (error instanceof ShoalError) return error;
			throw error;
		}
	}

	/** Decides over entries and over all that waited for them. Returns the code of an offence of the first. */
	#settle(arrivals: readonly Arrival[]): ErrorCode | undefined {
		let offence: ErrorCode | undefined;
		const queue = [...arrivals];
		const [first] = arrivals;
		for (
			let arrival = queue.shift();
			arrival !== undefined;
			arrival = queue.shift()
		) {
			const { entry } = arrival.verified;
			if (entry.session === this.#deps.me && !this.#isHeld(entry))
				this.#deps.onOwnEntry();
			const decision = this.#deps.holdings.decide(arrival.verified);
			const outcome = this.#carryOut(arrival, decision);
			if (outcome === "refused" && decision.kind === "refused") {
				if (arrival === first) offence = decision.code;
				else this.#deps.onOffence(arrival.from, decision.code);
			}
			if (outcome !== "accepted") continue;
			if (entry.kind !== "update") queue.push(...this.#candidates());
			queue.push(...this.#following(entry.space, entry.session));
		}
		return offence;
	}

	#carryOut(arrival: Arrival, decision: Decision): Decision["kind"] {
		const { holdings, onAccepted } = this.#deps;
		const { verified, from } = arrival;
		const { entry } = verified;
		switch (decision.kind) {
			case "accepted":
				try {
					holdings.accept(verified, decision);
				} catch (error) {
					if (codeOf(error) !== "malformed") throw error;
					this.#blame(verified);
					return "refused";
				}
				onAccepted(entry);
				break;
			case "parked":
				this.#parking.add(verified, from);
				break;
			case "refused":
				this.#blame(verified);
				break;
			case "fork":
				this.#prove(verified, decision.with);
				break;
			case "duplicate":
			case "closed":
				break;
		}
		return decision.kind;
	}

	/** A member signed what cannot be accepted: that is kept, for nothing else may come in its place (S5). */
	#blame({ entry, certificate }: VerifiedEntry): void {
		const { holdings } = this.#deps;
		const { space, session } = entry;
		// The genesis binds no swarm: another's, honestly made, could be sent here by anybody.
		if (entry.kind === "genesis") return;
		const device = certificate?.device ?? holdings.log(space, session)?.device;
		if (device === undefined || !holdings.membership().isMember(device)) return;
		holdings.open(space, session).refused = entry;
		this.#parking.drop(space, session);
	}

	/** Makes the proof of a fork from an entry and the one it contradicts. */
	#prove({ entry, certificate }: VerifiedEntry, seq: number): void {
		const { space, session, cert } = entry;
		const log = this.#deps.holdings.log(space, session);
		const held = log?.bytesAt(seq);
		const other = held === undefined ? log?.refused : decodeEntry(held);
		const certified = log?.certificate ?? certificate;
		const bytes = log?.certificateBytes ?? cert;
		if (other === undefined || certified === undefined || bytes === undefined)
			return;
		this.#parking.drop(space, session);
		const proof = encodeProof(bytes, entry, other);
		this.#deps.onFork({ space, session, seq, certificate: certified, proof });
	}

	/** Whether an entry is nothing new: held, or from before a checkpoint, or of a space that is gone. */
	#isHeld({ space, session, seq, hash }: Entry): boolean {
		const { holdings } = this.#deps;
		const log = holdings.log(space, session);
		const held = log?.hashAt(seq);
		return held === undefined
			? seq < (log?.base ?? 0) || holdings.isSealed(space)
			: equalBytes(held, hash);
	}

	/** Takes the parked entry that comes next in a log. */
	#following(space: SpaceId, session: PeerId): Arrival[] {
		const next = this.#deps.holdings.log(space, session)?.next ?? 0;
		const parked = this.#parking.following(space, session, next);
		return parked === undefined ? [] : [parked];
	}

	#candidates(): Arrival[] {
		return this.#parking
			.logs()
			.flatMap(({ space, session }) => this.#following(space, session));
	}
}
