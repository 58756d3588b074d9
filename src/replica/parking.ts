/** Entries that stand on something not here yet: bounded, so that nobody can fill a peer with them (E3). */
import { MAX_PARKED_BYTES, MAX_PARKED_ENTRIES } from "../wire/constants.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";
import type { VerifiedEntry } from "./verify.ts";

interface Parked {
	readonly verified: VerifiedEntry;
	readonly from: PeerId;
}

interface ParkedLog {
	readonly space: SpaceId;
	readonly session: PeerId;
	readonly bySeq: Map<number, Parked>;
	/** The last checkpoint among them: the log can go on from it, whatever is missing before (S7). */
	checkpoint: number;
}

export class Parking {
	readonly #logs = new Map<string, ParkedLog>();
	/** Entries parked for each peer that sent them. */
	readonly #shares = new Map<PeerId, number>();
	#entries = 0;
	#bytes = 0;

	get entries(): number {
		return this.#entries;
	}

	get bytes(): number {
		return this.#bytes;
	}

	/**
	 * Keeps an entry, unless that passes a bound; what is dropped here is asked for again later. One peer gets half of
	 * the room at most, so that a hostile one leaves some for the others. Of two at one seq the first stays.
	 */
	add(verified: VerifiedEntry, from: PeerId): boolean {
		const { space, session, seq, bytes } = verified.entry;
		const share = this.#shares.get(from) ?? 0;
		if (
			this.#entries >= MAX_PARKED_ENTRIES ||
			this.#bytes + bytes.length > MAX_PARKED_BYTES ||
			share >= MAX_PARKED_ENTRIES / 2
		)
			return false;
		const name = nameOf(space, session);
		const log = this.#logs.get(name) ?? {
			space,
			session,
			bySeq: new Map(),
			checkpoint: -1,
		};
		if (log.bySeq.has(seq)) return false;
		log.bySeq.set(seq, { verified, from });
		if (verified.entry.kind === "checkpoint")
			log.checkpoint = Math.max(log.checkpoint, seq);
		this.#logs.set(name, log);
		this.#shares.set(from, share + 1);
		this.#entries++;
		this.#bytes += bytes.length;
		return true;
	}

	/** Takes out the entry that a log can go on with from here, and lets go of what is before it. */
	following(space: SpaceId, session: PeerId, next: number): Parked | undefined {
		const log = this.#logs.get(nameOf(space, session));
		if (log === undefined) return undefined;
		const start = Math.max(next, log.checkpoint);
		for (const seq of [...log.bySeq.keys()])
			if (seq < start) this.take(space, session, seq);
		return this.take(space, session, start);
	}

	/** Takes the entry at a seq out. */
	take(space: SpaceId, session: PeerId, seq: number): Parked | undefined {
		const name = nameOf(space, session);
		const log = this.#logs.get(name);
		const parked = log?.bySeq.get(seq);
		if (log === undefined || parked === undefined) return undefined;
		log.bySeq.delete(seq);
		if (log.bySeq.size === 0) this.#logs.delete(name);
		this.#entries--;
		this.#bytes -= parked.verified.entry.bytes.length;
		const share = (this.#shares.get(parked.from) ?? 1) - 1;
		if (share === 0) this.#shares.delete(parked.from);
		else this.#shares.set(parked.from, share);
		return parked;
	}

	/** Forgets a log that will never go on. */
	drop(space: SpaceId, session: PeerId): void {
		const log = this.#logs.get(nameOf(space, session));
		for (const seq of [...(log?.bySeq.keys() ?? [])])
			this.take(space, session, seq);
	}

	/** The first seq from `next` on that is not parked. */
	reach(space: SpaceId, session: PeerId, next: number): number {
		const log = this.#logs.get(nameOf(space, session));
		let seq = Math.max(next, log?.checkpoint ?? next);
		while (log?.bySeq.has(seq)) seq++;
		return seq;
	}

	logs(): { readonly space: SpaceId; readonly session: PeerId }[] {
		return [...this.#logs.values()];
	}
}

const nameOf = (space: SpaceId, session: PeerId): string =>
	`${session} ${space}`;
