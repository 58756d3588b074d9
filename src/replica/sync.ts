/**
 * Brings peers to the same entries (S6): a digest a space, HAVE where digests differ, then WANT and ENTRIES. New own
 * entries go to every linked peer at once and are not passed on; what that misses, differing digests show.
 */

import { equalBytes, toHex } from "../wire/bytes.ts";
import type { Clock } from "../wire/clock.ts";
import { WANT_TIMEOUT_MS } from "../wire/constants.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";
import type { Frozen } from "./log.ts";
import { PeerQueue } from "./peer-queue.ts";
import { type EntrySource, entriesMessages, Repairs } from "./repair.ts";
import type { LogHead } from "./space.ts";
import {
	encodeSync,
	type HaveLog,
	MAX_LOGS,
	type SyncMessage,
	type ToldDigest,
	type WantLog,
} from "./sync-messages.ts";
import { Tellings } from "./tellings.ts";

/** What is held here, as the sync sees it. */
export interface SyncSource extends EntrySource {
	/** The swarm's own space first. */
	spaces(): readonly SpaceId[];
	/** Of a space that is not known: the digest of nothing. */
	digest(space: SpaceId): string;
	/** Of the facts; `undefined` where they are ahead of the heads (S11). */
	state(space: SpaceId): string | undefined;
	heads(space: SpaceId): readonly LogHead[];
	/** The first seq of a log that is neither held nor parked; Infinity where nothing more of it is wanted. */
	reach(space: SpaceId, session: PeerId): number;
	hashAt(space: SpaceId, session: PeerId, seq: number): Uint8Array | undefined;
	frozen(space: SpaceId, session: PeerId): Frozen | undefined;
	/** Nothing of it is told, sent or asked for any more (S7). */
	isSealed(space: SpaceId): boolean;
}

export interface SyncDeps {
	readonly clock: Clock;
	readonly source: SyncSource;
	readonly me: PeerId;
	send(to: PeerId, bytes: Uint8Array): Promise<void>;
	/** A peer says that it holds more of our own log than we do. Not proved yet (S8). */
	onOwnLogClaim(from: PeerId): void;
	/** A peer with the same entries sees other facts (S11). */
	onStateDiffers(space: SpaceId, state: string): void;
}

/** A range that a peer was asked for, so that no second one is asked meanwhile. */
interface Asked {
	readonly peer: PeerId;
	readonly upTo: number;
	at: number;
}

/** Whether a fork is known at an earlier seq than the other side knows of. */
const isBelow = (one: number | undefined, other: number | undefined): boolean =>
	one !== undefined && one < (other ?? Number.POSITIVE_INFINITY);

/** How much a peer can make us remember of what it says it has. */
const MAX_ASKED = 20_000;
/** HAVE lists every log of a space: a peer that tells digests faster gets it no faster. */
const HAVE_INTERVAL_MS = 200;

export class Sync {
	readonly #deps: SyncDeps;
	readonly #queues = new Map<PeerId, PeerQueue>();
	readonly #tellings: Tellings;
	readonly #repairs: Repairs;
	readonly #asked = new Map<string, Asked>();
	readonly #saidHave = new Map<string, number>();
	readonly #saidProof = new Map<string, number>();

	constructor(deps: SyncDeps) {
		this.#deps = deps;
		const { clock, source } = deps;
		this.#tellings = new Tellings(clock, source, (peer, message) =>
			this.#queues.get(peer)?.push(message),
		);
		this.#repairs = new Repairs(clock, source);
	}

	linkUp(peer: PeerId): void {
		this.linkDown(peer);
		const queue = new PeerQueue((bytes) => this.#deps.send(peer, bytes));
		this.#queues.set(peer, queue);
		this.#repairs.open(peer, queue);
		this.#tellings.open(peer);
	}

	linkDown(peer: PeerId): void {
		this.#queues.get(peer)?.close();
		if (!this.#queues.delete(peer)) return;
		this.#repairs.close(peer);
		this.#tellings.close(peer);
		for (const [name, asked] of this.#asked)
			if (asked.peer === peer) this.#asked.delete(name);
		for (const said of [this.#saidHave, this.#saidProof])
			for (const name of said.keys())
				if (name.startsWith(peer)) said.delete(name);
		// What this peer was to send may be had from another.
		this.#tellings.retry();
	}

	stop(): void {
		for (const peer of [...this.#queues.keys()]) this.linkDown(peer);
		this.#tellings.stop();
	}

	/** A space holds more than before. */
	changed(space: SpaceId): void {
		this.#tellings.changed(space);
	}

	/** A space was sealed (S7). */
	forget(space: SpaceId): void {
		this.#tellings.forget(space);
	}

	/** What was refused or dropped for want of something may be good now. */
	retry(): void {
		this.#tellings.retry();
	}

	/** Sends new own entries to every linked peer: n-1 sends in a full mesh, nobody passes them on (S6). */
	live(entries: readonly Uint8Array[]): void {
		for (const message of entriesMessages(entries))
			for (const queue of this.#queues.values()) queue.push(message);
	}

	/** Passes the proof of a fork on, once: who has it already does not (S5). */
	forked(space: SpaceId, session: PeerId, proof: Uint8Array): void {
		this.#asked.delete(`${session} ${space}`);
		const message = encodeSync({ kind: "proof", proofs: [proof] });
		for (const queue of this.#queues.values()) queue.push(message);
		this.changed(space);
	}

	/** Peers whose last told digest of a space equals ours. */
	holders(space: SpaceId): readonly PeerId[] {
		return this.#tellings.equalPeers(space);
	}

	/** Works a message in; entries go to the replica instead. */
	receive(
		from: PeerId,
		message: Exclude<SyncMessage, { kind: "entries" | "proof" }>,
	): void {
		if (!this.#queues.has(from)) return;
		switch (message.kind) {
			case "digest":
				for (const told of message.spaces)
					this.#heard(from, told, message.isAnswer);
				break;
			case "have":
				if (!this.#deps.source.isSealed(message.space))
					this.#compare(from, message);
				break;
			case "want":
				this.#repairs.want(from, message.space, message.logs);
				this.#prove(from, message.space, message.logs);
				break;
		}
	}

	/** Entries of a log came from a peer and were worked in. */
	arrived(from: PeerId, space: SpaceId, session: PeerId): void {
		const name = `${session} ${space}`;
		const asked = this.#asked.get(name);
		if (asked === undefined) return;
		if (this.#deps.source.reach(space, session) >= asked.upTo)
			this.#asked.delete(name);
		else if (asked.peer === from) asked.at = this.#deps.clock.now();
	}

	#heard(
		from: PeerId,
		{ space, digest, state }: ToldDigest,
		isAnswer: boolean,
	): void {
		const { source, onStateDiffers } = this.#deps;
		if (source.isSealed(space)) return;
		if (this.#tellings.heard(from, space, digest, isAnswer))
			this.#sayHave(from, space);
		else if (state !== null && state !== (source.state(space) ?? state))
			onStateDiffers(space, state);
	}

	/** Sends the proofs of those logs that fork, to who asks for them; not again and again. */
	#prove(to: PeerId, space: SpaceId, logs: readonly WantLog[]): void {
		const { clock, source } = this.#deps;
		for (const { session } of logs) {
			const frozen = source.frozen(space, session);
			if (frozen === undefined) continue;
			const name = `${to} ${session} ${space}`;
			const before = this.#saidProof.get(name) ?? Number.NEGATIVE_INFINITY;
			if (clock.now() - before < WANT_TIMEOUT_MS / 2) continue;
			this.#saidProof.set(name, clock.now());
			this.#queues
				.get(to)
				?.push(encodeSync({ kind: "proof", proofs: [frozen.proof] }));
		}
	}

	#sayHave(to: PeerId, space: SpaceId): void {
		const { clock, source } = this.#deps;
		const name = `${to} ${space}`;
		const before = this.#saidHave.get(name);
		if (before !== undefined && clock.now() - before < HAVE_INTERVAL_MS) return;
		this.#saidHave.set(name, clock.now());
		this.#sendHave(to, space, false, source.heads(space));
	}

	#sendHave(
		to: PeerId,
		space: SpaceId,
		isReply: boolean,
		heads: readonly LogHead[],
	): void {
		const logs: HaveLog[] = heads.map((head) => ({
			...head,
			session: toHex(head.session),
		}));
		for (let at = 0; at === 0 || at < logs.length; at += MAX_LOGS)
			this.#queues.get(to)?.push(
				encodeSync({
					kind: "have",
					space,
					isReply,
					logs: logs.slice(at, at + MAX_LOGS),
				}),
			);
	}

	/**
	 * Asks for what a peer has more of, and tells it what it has less of. Where it holds another history of a log, all
	 * of that is asked for: what is the same is skipped unread, and the first difference proves the fork (S5).
	 */
	#compare(from: PeerId, have: Extract<SyncMessage, { kind: "have" }>): void {
		const { source, me } = this.#deps;
		const { space } = have;
		const theirs = new Map<PeerId, HaveLog>();
		const wants: WantLog[] = [];
		for (const log of have.logs) {
			const { session, next, head, frozen } = log;
			theirs.set(session, log);
			const reach = source.reach(space, session);
			const held = source.hashAt(space, session, next - 1);
			const isOther =
				held !== undefined && head !== null && !equalBytes(held, head);
			const knowsFork = isBelow(frozen, source.frozen(space, session)?.seq);
			if (next <= reach && !isOther && !knowsFork) continue;
			if (session === me) this.#deps.onOwnLogClaim(from);
			if (this.#ask(from, space, session, next))
				wants.push({ session, from: isOther ? 0 : Math.min(reach, next) });
		}
		if (wants.length > 0)
			this.#queues
				.get(from)
				?.push(encodeSync({ kind: "want", space, logs: wants }));
		if (have.isReply) return;
		const more = source.heads(space).filter(({ session, next, frozen }) => {
			const their = theirs.get(toHex(session));
			return next > (their?.next ?? 0) || isBelow(frozen, their?.frozen);
		});
		if (more.length > 0) this.#sendHave(from, space, true, more);
	}

	/** Whether to ask this peer: not while another that is still linked is sending it. */
	#ask(peer: PeerId, space: SpaceId, session: PeerId, upTo: number): boolean {
		const name = `${session} ${space}`;
		const now = this.#deps.clock.now();
		const asked = this.#asked.get(name);
		if (asked !== undefined && now - asked.at < WANT_TIMEOUT_MS) return false;
		if (asked === undefined && this.#asked.size >= MAX_ASKED) return false;
		this.#asked.set(name, { peer, upTo, at: now });
		return true;
	}
}
