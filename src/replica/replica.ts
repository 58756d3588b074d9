/** The replica of one swarm in one page: puts the parts together and keeps nothing of its own but who listens. */
import type { Certificate } from "../identity/certificate.ts";
import type { Member, MembershipView } from "../identity/membership.ts";
import type { Cut } from "../identity/removal-act.ts";
import { toHex } from "../wire/bytes.ts";
import { OWN_LOG_CLAIM_MS } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import {
	type DeviceId,
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
} from "../wire/ids.ts";
import type { ReplicaDeps } from "./deps.ts";
import type { Entry } from "./entry.ts";
import type { Fork } from "./fork-proof.ts";
import { Holdings } from "./holdings.ts";
import { Inbox } from "./inbox.ts";
import { Intake } from "./intake.ts";
import { loadAll } from "./loading.ts";
import { type Log, rowOf } from "./log.ts";
import { Persister, SaveStatus } from "./saving.ts";
import { encodeSeal } from "./seal.ts";
import { EMPTY_DIGEST } from "./space.ts";
import type { EntryRow } from "./store.ts";
import { Sync } from "./sync.ts";
import { decodeSync, encodeSync } from "./sync-messages.ts";
import { sourceOf } from "./sync-source.ts";
import type { Act, Fact, Replica } from "./types.ts";
import { Compaction, Rebuilds } from "./upkeep.ts";
import { EntryVerifier, type VerifiedEntry } from "./verify.ts";
import { Watchers } from "./watchers.ts";
import { Writer } from "./writer.ts";

export type { ReplicaDeps } from "./deps.ts";

/** Stands for the sender where there is none; no peer has this name. */
const NOBODY: PeerId = "";

export function createReplica(deps: ReplicaDeps): Replica {
	return new SwarmReplica(deps);
}

class SwarmReplica implements Replica {
	readonly #deps: ReplicaDeps;
	readonly #me: PeerId;
	readonly #holdings: Holdings;
	readonly #verifier: EntryVerifier;
	readonly #intake: Intake;
	readonly #sync: Sync;
	readonly #writer: Writer;
	readonly #persister: Persister;
	readonly #watchers = new Watchers();
	readonly #inbox = new Inbox((from, bytes) => this.#work(from, bytes));
	/** Peers that said once that they hold a longer own log; they do not hold our writes up again. */
	readonly #claimed = new Set<PeerId>();
	readonly #compaction = new Compaction((space) => this.#writer.compact(space));
	readonly #rebuilds = new Rebuilds();
	#certificate: Certificate | undefined;
	/** Messages that come while the store is read wait for it. */
	#loaded: Promise<void> = Promise.resolve();
	#state: "loading" | "running" | "ended" | "stopped" = "loading";

	constructor(deps: ReplicaDeps) {
		this.#deps = deps;
		const { swarm, clock, store } = deps;
		const me = toHex(deps.signer.publicKey);
		this.#me = me;
		const holdings = new Holdings(swarm, (space, session, dropped) =>
			this.#persister.remove(
				dropped.map(({ seq, bytes }) => ({
					swarm,
					space,
					session,
					seq,
					bytes,
				})),
			),
		);
		this.#holdings = holdings;
		this.#verifier = new EntryVerifier(deps.verifier, swarm);
		const status = new SaveStatus((reason) => deps.onNotSaved(reason));
		this.#persister = new Persister(store, status, clock);
		const intake = new Intake({
			swarm,
			me,
			holdings,
			verifier: this.#verifier,
			onAccepted: (entry) => this.#accepted(entry),
			onOffence: (peer, code) => deps.onOffence(peer, code),
			onFork: (fork) => this.#forked(fork),
			onOwnEntry: () => this.#endSession("own-log-longer"),
			onArrived: (from, space, session) =>
				this.#sync.arrived(from, space, session),
		});
		this.#intake = intake;
		this.#sync = new Sync({
			clock,
			me,
			source: sourceOf(holdings, intake),
			send: (to, bytes) => deps.send(to, bytes),
			onOwnLogClaim: (from) => this.#ownLogClaimed(from),
			onStateDiffers: (space, state) => this.#rebuild(space, state),
		});
		this.#writer = new Writer({
			...deps,
			status,
			ownLog: (space) => this.#ownLog(space),
			isSealed: (space) => holdings.isSealed(space),
			onOrphans: (entries) =>
				this.#persister.remove(entries.map((entry) => this.#rowOf(entry))),
			onFacts: (space) => this.#show(space),
			onCommitted: (written) => this.#committed(written),
			onEnd: () => this.#endSession("slot-lost"),
		});
	}

	start(): Promise<void> {
		this.#loaded = this.#load();
		return this.#loaded;
	}

	async #load(): Promise<void> {
		const { store, swarm, certificate } = this.#deps;
		this.#certificate = await this.#verifier.certificate(this.#me, certificate);
		const { damages, forks, stale } = await loadAll(
			store,
			swarm,
			this.#holdings,
			this.#verifier,
		);
		this.#persister.remove(stale);
		for (const damage of damages) this.#deps.onDamage?.(damage);
		for (const fork of forks) this.#deps.onFork?.(fork);
		this.#state = "running";
		// A log that lost its tail is a shorter one: continuing it would be a fork (S8, Y11). One that forks has ended.
		if ([...damages, ...forks].some(({ session }) => session === this.#me))
			this.#endSession("own-log-longer");
		this.#rule();
		for (const space of this.#holdings.spaces()) {
			this.#show(space);
			// Links may have come up meanwhile.
			this.#sync.changed(space);
		}
	}

	async stop(): Promise<void> {
		if (this.#state === "stopped") return;
		await this.#writer.stop();
		this.#state = "stopped";
		this.#sync.stop();
		await this.#persister.stop();
		this.#watchers.clear();
	}

	async put(
		space: SpaceId,
		facts: Readonly<Record<string, unknown>>,
	): Promise<void> {
		this.#assertWritable();
		await this.#writer.put(space, facts);
	}

	async act(act: Act): Promise<Uint8Array> {
		this.#assertWritable();
		// What others would refuse must not get into the own log: it could never go on.
		const proof = await this.#verifier.body(act.kind, act.body);
		return this.#writer.act(act, proof);
	}

	async compact(space: SpaceId): Promise<void> {
		this.#assertWritable();
		await this.#compaction.run(space);
	}

	async seal(space: SpaceId): Promise<void> {
		const device = this.#certificate?.device;
		const role = this.members().find((one) => one.device === device)?.role;
		if (role !== "owner" && role !== "admin")
			throw new ShoalError(
				"not-a-member",
				"Only an owner or an admin of the swarm can clear this for good.",
			);
		if (space === SWARM_SPACE)
			throw new ShoalError("bad-input", "A swarm cannot be cleared.");
		await this.act({ kind: "seal", body: encodeSeal(space) });
	}

	facts(space: SpaceId): readonly Fact[] {
		return this.#holdings.space(space)?.facts() ?? [];
	}

	factsAt(space: SpaceId, key: string): readonly Fact[] {
		return this.#holdings.space(space)?.factsAt(key) ?? [];
	}

	spaces(): readonly SpaceId[] {
		return this.#holdings.spaces();
	}

	watch(listener: (space: SpaceId) => void): () => void {
		return this.#watchers.add(listener);
	}

	membership(): MembershipView {
		return this.#holdings.membership();
	}

	entry(space: SpaceId, session: PeerId, seq: number): Uint8Array | undefined {
		return this.#holdings.log(space, session)?.bytesAt(seq);
	}

	heads(device: DeviceId): readonly Cut[] {
		return this.#holdings.heads(device);
	}

	members(): readonly Member[] {
		return [...this.membership().members.values()];
	}

	deviceOf(peer: PeerId): DeviceId | undefined {
		return peer === this.#me
			? this.#certificate?.device
			: this.#holdings.deviceOf(peer);
	}

	headsDigest(space: SpaceId): string {
		return this.#holdings.space(space)?.digest() ?? EMPTY_DIGEST;
	}

	holders(space: SpaceId): readonly PeerId[] {
		return this.#sync.holders(space);
	}

	linkUp(peer: PeerId): void {
		if (this.#state !== "stopped") this.#sync.linkUp(peer);
	}

	linkDown(peer: PeerId): void {
		this.#claimed.delete(peer);
		this.#sync.linkDown(peer);
	}

	async receive(from: PeerId, bytes: Uint8Array): Promise<void> {
		const work = this.#inbox.add(from, bytes);
		if (work === undefined) this.#deps.onOffence(from, "too-large");
		else await work;
	}

	async take(entries: readonly Uint8Array[]): Promise<void> {
		await this.receive(NOBODY, encodeSync({ kind: "entries", entries }));
	}

	async #work(from: PeerId, bytes: Uint8Array): Promise<void> {
		// Whoever started it hears why it failed; then there is nothing to work in here.
		await this.#loaded.catch(() => undefined);
		if (this.#state === "stopped" || this.#state === "loading") return;
		try {
			const message = decodeSync(bytes);
			if (message.kind === "entries")
				await this.#intake.take(from, message.entries);
			else if (message.kind === "proof")
				await this.#intake.takeProofs(from, message.proofs);
			else this.#sync.receive(from, message);
		} catch (error) {
			if (!(error instanceof ShoalError)) throw error;
			this.#deps.onOffence(from, error.code);
		}
	}

	#accepted(entry: Entry): void {
		const { space, kind } = entry;
		this.#persister.add(this.#rowOf(entry));
		this.#sync.changed(space);
		this.#show(space);
		if (kind === "update" || kind === "checkpoint") return;
		this.#rule();
		this.#sync.retry();
	}

	#rowOf({ space, session, seq, bytes }: Entry): EntryRow {
		return { swarm: this.#deps.swarm, space, session, seq, bytes };
	}

	/** A log forks: it ends there, on every peer, whichever branch each of them saw (S5). */
	#forked(fork: Fork): void {
		const { space, session, seq, proof } = fork;
		const known = this.#holdings.log(space, session)?.frozen;
		if (known !== undefined && known.seq <= seq) return;
		// An end of the own session gives its corner back first.
		if (session === this.#me) this.#endSession("own-log-longer");
		if (!this.#holdings.freeze(fork)) return;
		const { swarm, onFork } = this.#deps;
		this.#persister.add({ swarm, space, session, ...rowOf(fork) });
		this.#sync.forked(space, session, proof);
		this.#show(space);
		onFork?.(fork);
		if (space !== SWARM_SPACE) return;
		this.#rule();
		this.#sync.retry();
	}

	/** Membership may have changed: what counts no more goes (M1, S7). */
	#rule(): void {
		const view = this.membership();
		const device = this.#certificate?.device;
		// Who was removed keeps what it has: nobody else takes it, and a person may still want it.
		if (device !== undefined && !this.#isRemoved()) {
			const isCut =
				view.isMember(device) &&
				view.counts(device, SWARM_SPACE, this.#me) < Number.POSITIVE_INFINITY;
			// It came back: what it goes on to write stands in a new log.
			if (isCut) this.#endSession("own-log-longer");
			for (const space of this.#holdings.enforce()) {
				this.#sync.changed(space);
				this.#show(space);
			}
		}
		this.#reclaim();
	}

	#isRemoved(): boolean {
		const device = this.#certificate?.device ?? "";
		const view = this.membership();
		return view.removalsOf(device).length > 0 && !view.isMember(device);
	}

	/** Lets go of what was sealed (S7). */
	#reclaim(): void {
		for (const space of this.#holdings.reclaim()) {
			this.#sync.forget(space);
			this.#watchers.changed(space);
		}
	}

	/** A peer with the same entries sees other facts: one of us applied them wrongly (S11). */
	#rebuild(id: SpaceId, told: string): void {
		const space = this.#holdings.space(id);
		const hasChanged = space && this.#rebuilds.run(space, told);
		if (hasChanged === undefined) return;
		this.#show(id);
		this.#deps.onRebuilt?.(id, hasChanged);
		if (hasChanged) this.#sync.changed(id);
	}

	#committed(written: readonly VerifiedEntry[]): void {
		let isAct = false;
		for (const own of written) {
			const { space, kind } = own.entry;
			this.#holdings.count(this.#ownLog(space), own);
			isAct ||= kind !== "update" && kind !== "checkpoint";
		}
		this.#sync.live(written.map(({ entry }) => entry.bytes));
		for (const {
			entry: { space },
		} of written) {
			this.#sync.changed(space);
			this.#show(space);
			this.#compaction.whereDue(space, this.#ownLog(space).corner);
		}
		if (!isAct) return;
		this.#rule();
		this.#intake.membershipChanged();
	}

	/** The own log, under the own certificate, open for writing while the session lasts. */
	#ownLog(space: SpaceId): Log {
		const log = this.#holdings.open(space, this.#me);
		log.certificate ??= this.#certificate;
		const mayWrite = this.#state === "running";
		if (mayWrite && !log.corner.isWritable) log.corner.openForWriting();
		return log;
	}

	#ownLogClaimed(from: PeerId): void {
		if (this.#state !== "running" || this.#claimed.has(from)) return;
		this.#claimed.add(from);
		this.#writer.hold(OWN_LOG_CLAIM_MS);
	}

	/** From here on this session writes nothing; what it wrote stays, and what others hold of it is taken in. */
	#endSession(why: "own-log-longer" | "slot-lost"): void {
		if (this.#state !== "running") return;
		this.#state = "ended";
		this.#writer.end(
			new ShoalError("slot-lost", "This tab's log goes on elsewhere."),
		);
		for (const space of this.#holdings.all())
			space.log(this.#me)?.corner.closeForWriting();
		const { onSlotLost, onOwnLogLonger } = this.#deps;
		if (why === "slot-lost" && onSlotLost !== undefined) onSlotLost();
		else onOwnLogLonger();
	}

	#show(space: SpaceId): void {
		this.#holdings.space(space)?.touch();
		this.#watchers.changed(space);
	}

	#assertWritable(): void {
		this.#assertLoaded();
		if (this.#isRemoved())
			throw new ShoalError(
				"not-a-member",
				"This device was removed from the swarm.",
			);
	}

	#assertLoaded(): void {
		if (this.#state === "loading")
			throw new Error("the replica is not started");
		if (this.#state === "stopped")
			throw new ShoalError("closed", "This swarm is closed.");
	}
}
