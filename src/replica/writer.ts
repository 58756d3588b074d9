/**
 * The own logs: gathers writes, signs them, commits them to the store and only then lets them be sent (S2). While
 * storage refuses, what was written stays visible and is tried again (S9). Once another tab owns the slot, or a peer
 * proves a longer own log, nothing is written any more (E1, S8).
 */
import type { JoinProof } from "../identity/invite.ts";
import type { Signer } from "../identity/signer.ts";
import type { Clock } from "../wire/clock.ts";
import { MAX_ENTRY_BYTES } from "../wire/constants.ts";
import { codeOf, messageOf, ShoalError } from "../wire/error.ts";
import { type SpaceId, SWARM_SPACE, type SwarmId } from "../wire/ids.ts";
import { isImmutable } from "./accept.ts";
import { bodyOf, kindOf } from "./batch-entry.ts";
import { Corner } from "./corner.ts";
import {
	type Batch,
	batchesOf,
	copyFacts,
	type Draft,
	dropRecorded,
	ENTRY_OVERHEAD,
	type Waiter,
} from "./draft.ts";
import { decodeEntry, type Entry, signEntry } from "./entry.ts";
import { Gathering } from "./gathering.ts";
import type { Log } from "./log.ts";
import { Backoff, type SaveStatus } from "./saving.ts";
import type { EntryStore, SlotFence } from "./store.ts";
import type { Act } from "./types.ts";
import type { VerifiedEntry } from "./verify.ts";

export interface WriterDeps {
	readonly swarm: SwarmId;
	readonly signer: Signer;
	readonly certificate: Uint8Array;
	readonly store: EntryStore;
	readonly fence: SlotFence;
	readonly clock: Clock;
	readonly status: SaveStatus;
	/** The own log of a space, open for writing; made where there is none. */
	ownLog(space: SpaceId): Log;
	isSealed(space: SpaceId): boolean;
	/** Entries got into the store that may not count: the session ended, or their space was sealed, meanwhile. */
	onOrphans(written: readonly Entry[]): void;
	/** Facts became visible or were withdrawn. */
	onFacts(space: SpaceId): void;
	/** Entries are in the store: they may be counted and sent. */
	onCommitted(written: readonly VerifiedEntry[]): void;
	/** The slot has another owner, or the key no longer signs. */
	onEnd(reason: ShoalError): void;
}

/** Signed and visible, not yet stored. */
interface Unsaved {
	readonly entry: Entry;
	readonly proof: JoinProof | undefined;
	readonly waiters: Waiter[];
}

export class Writer {
	readonly #deps: WriterDeps;
	readonly #backoff: Backoff;
	readonly #gathering: Gathering;
	readonly #unsaved: Unsaved[] = [];
	#work: Promise<void> | undefined;
	#heldUntil = Number.NEGATIVE_INFINITY;
	#ended: ShoalError | undefined;
	#isStopping = false;

	constructor(deps: WriterDeps) {
		this.#deps = deps;
		this.#backoff = new Backoff(deps.clock);
		this.#gathering = new Gathering(deps.clock, () => this.#start());
	}

	/** @throws ShoalError `bad-input`, `too-large`, `not-saved`, `slot-lost` */
	async put(
		space: SpaceId,
		given: Readonly<Record<string, unknown>>,
	): Promise<void> {
		const { facts, bytes } = copyFacts(space, given);
		if (this.#deps.isSealed(space)) throw sealed();
		if (isImmutable(space) && this.#ended === undefined) {
			const { values } = this.#deps.ownLog(space).corner;
			dropRecorded(facts, values, this.#gathering.of(space));
		}
		await this.#add(space, bytes, (waiter) => ({
			kind: "facts",
			facts,
			bytes,
			waiter,
		}));
	}

	/** Resolves with the hash of the act's entry. @param proof of an admit, verified. @throws ShoalError `not-saved`, `slot-lost` */
	act(act: Act, proof: JoinProof | undefined): Promise<Uint8Array> {
		const draftOf = (waiter: Waiter): Draft => ({
			kind: "act",
			act,
			proof,
			waiter,
		});
		// A device stands at the door while an act is gathered.
		return this.#add(SWARM_SPACE, act.body.length, draftOf, true);
	}

	/** Writes a checkpoint of the own log of a space (S7). @throws ShoalError `not-saved`, `slot-lost`, `too-large` */
	async compact(space: SpaceId): Promise<void> {
		await this.#add(space, 0, (waiter) => ({ kind: "checkpoint", waiter }));
	}

	/** Commits nothing for a while: a peer says that it holds a longer own log, and may prove it (S8). */
	hold(ms: number): void {
		this.#heldUntil = Math.max(this.#heldUntil, this.#deps.clock.now() + ms);
	}

	/** Ends writing for good; what waits is rejected, and what was visible but never stored is withdrawn. */
	end(reason: ShoalError): void {
		if (this.#ended !== undefined) return;
		this.#ended = reason;
		this.#gathering.stop();
		this.#backoff.stop();
		const withdrawn = new Set<SpaceId>();
		for (const { entry, waiters } of this.#unsaved.splice(0)) {
			withdrawn.add(entry.space);
			for (const { reject } of waiters) reject(reason);
		}
		for (const { waiter } of [...this.#gathering.take().values()].flat())
			waiter.reject(reason);
		for (const space of withdrawn) this.#withdraw(space);
	}

	/** Commits what waits, with one last attempt where storage refuses. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		this.#gathering.stop();
		this.#backoff.stop();
		this.#start();
		await this.#work;
		this.end(
			new ShoalError("not-saved", "The page closed before this was saved."),
		);
	}

	async #add(
		space: SpaceId,
		bytes: number,
		draftOf: (waiter: Waiter) => Draft,
		isUrgent = false,
	): Promise<Uint8Array> {
		if (this.#ended !== undefined) throw this.#ended;
		return this.#gathering.add(space, bytes, draftOf, isUrgent);
	}

	/** One run at a time; it takes in what was gathered meanwhile. */
	#start(): void {
		this.#work ??= this.#run().finally(() => {
			this.#work = undefined;
			if (this.#gathering.isDue) this.#start();
		});
	}

	async #run(): Promise<void> {
		const { clock, status } = this.#deps;
		while (this.#ended === undefined) {
			const held = this.#heldUntil - clock.now();
			if (held > 0 && !this.#isStopping) {
				await this.#backoff.wait(held);
				continue;
			}
			await this.#sign();
			if (this.#unsaved.length === 0) return;
			const failure = await this.#commit();
			if (failure === undefined) {
				this.#backoff.reset();
				status.set("own", null);
			} else if (codeOf(failure) === "slot-lost") {
				this.#fail(new ShoalError("slot-lost", messageOf(failure)));
			} else {
				status.set("own", messageOf(failure));
				if (this.#isStopping) return;
				await this.#backoff.pause();
			}
		}
	}

	/** Makes entries of all drafts. Their facts are visible from here on. */
	async #sign(): Promise<void> {
		for (const [space, drafts] of this.#gathering.take())
			for (const batch of batchesOf(drafts)) {
				try {
					await this.#signBatch(space, batch);
				} catch (cause) {
					const reason = new ShoalError("not-saved", "Signing failed.", {
						cause,
					});
					this.#fail(reason);
					for (const { reject } of batch.waiters) reject(reason);
					this.#withdraw(space);
				}
			}
	}

	async #signBatch(space: SpaceId, batch: Batch): Promise<void> {
		if (this.#ended !== undefined) throw this.#ended;
		const { swarm, signer, certificate, ownLog, onFacts, isSealed } =
			this.#deps;
		if (isSealed(space)) {
			for (const { reject } of batch.waiters) reject(sealed());
			return;
		}
		const log = ownLog(space);
		const last = this.#unsaved.findLast(({ entry }) => entry.space === space);
		const body = bodyOf(batch, log);
		if (body === undefined) {
			// Nothing new was said: it is stored when what was said before is.
			if (last !== undefined) last.waiters.push(...batch.waiters);
			else
				for (const { resolve } of batch.waiters)
					resolve(log.head ?? new Uint8Array(0));
			return;
		}
		if (body.length > MAX_ENTRY_BYTES - ENTRY_OVERHEAD) {
			for (const { reject } of batch.waiters)
				reject(new ShoalError("too-large", "This is too much for one entry."));
			return;
		}
		if (batch.kind === "checkpoint") {
			log.restart(Corner.replay([body], false));
			log.corner.openForWriting();
		}
		if (batch.kind !== "act") {
			log.ahead++;
			onFacts(space);
		}
		const seq = last === undefined ? log.next : last.entry.seq + 1;
		const bytes = await signEntry(signer, swarm, {
			space,
			seq,
			prev: last?.entry.hash ?? log.head,
			kind: kindOf(batch),
			body,
			...((seq === 0 || batch.kind === "checkpoint") && { cert: certificate }),
		});
		// Writing may have ended while the key was at work: then this was never said.
		if (this.#ended !== undefined) throw this.#ended;
		this.#unsaved.push({
			entry: decodeEntry(bytes),
			proof: batch.kind === "act" ? batch.proof : undefined,
			waiters: batch.waiters,
		});
	}

	/** Stores all that is signed, in one transaction; returns what stood in the way. */
	async #commit(): Promise<unknown> {
		const { store, fence, swarm, onCommitted, onOrphans, isSealed } =
			this.#deps;
		const batch = [...this.#unsaved];
		try {
			await store.append(
				fence,
				batch.map(({ entry: { space, session, seq, bytes } }) => ({
					swarm,
					space,
					session,
					seq,
					bytes,
				})),
			);
		} catch (error) {
			return error;
		}
		if (this.#ended !== undefined) {
			// Never said to anybody: left in the store, it would come back as a fork of what peers hold (S8).
			onOrphans(batch.map(({ entry }) => entry));
			return undefined;
		}
		this.#unsaved.splice(0, batch.length);
		const [late, good] = [true, false].map((isLate) =>
			batch.filter(({ entry }) => isSealed(entry.space) === isLate),
		);
		onCommitted(
			(good ?? []).map(({ entry, proof }) =>
				proof === undefined ? { entry } : { entry, proof },
			),
		);
		for (const { entry, waiters } of good ?? [])
			for (const { resolve } of waiters) resolve(entry.hash);
		if (late === undefined || late.length === 0) return undefined;
		onOrphans(late.map(({ entry }) => entry));
		for (const { reject } of late.flatMap(({ waiters }) => waiters))
			reject(sealed());
		return undefined;
	}

	#fail(reason: ShoalError): void {
		if (this.#ended !== undefined) return;
		this.end(reason);
		this.#deps.onEnd(reason);
	}

	#withdraw(space: SpaceId): void {
		this.#deps.ownLog(space).rebuild();
		this.#deps.onFacts(space);
	}
}

function sealed(): ShoalError {
	return new ShoalError("closed", "This was closed and cleared for good.");
}
