/** All that is held of a swarm: its spaces, the membership they give, and who is behind which session (S1, M1). */
import type { MembershipAct } from "../identity/act-book.ts";
import {
	evaluateMembership,
	type MembershipView,
} from "../identity/membership.ts";
import type { Cut } from "../identity/removal-act.ts";
import { toHex } from "../wire/bytes.ts";
import {
	type DeviceId,
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import { type Decision, decide, type LogView } from "./accept.ts";
import { Corner } from "./corner.ts";
import type { Entry } from "./entry.ts";
import type { Fork } from "./fork-proof.ts";
import type { HeldEntry, Log } from "./log.ts";
import { Seals } from "./seals.ts";
import { Space } from "./space.ts";
import type { VerifiedEntry } from "./verify.ts";

type Dropped = (
	space: SpaceId,
	session: PeerId,
	entries: readonly HeldEntry[],
) => void;

/** How the log of a session looks before its first entry. */
const NO_LOG: LogView = {
	next: 0,
	base: 0,
	frozen: undefined,
	refused: undefined,
	device: undefined,
	hashAt: () => undefined,
	corner: { next: 0, clockOf: () => undefined, keyAt: () => undefined },
};

const NO_HASH = new Uint8Array(0);

export class Holdings {
	readonly #swarm: SwarmId;
	readonly #spaces = new Map<SpaceId, Space>();
	#acts: MembershipAct[] = [];
	readonly #seals = new Seals();
	readonly #onDropped: Dropped;
	readonly #devices = new Map<PeerId, DeviceId>();
	#membership: MembershipView | undefined;

	/** @param onDropped hears of entries that count no more and need not be stored. */
	constructor(swarm: SwarmId, onDropped: Dropped) {
		this.#swarm = swarm;
		this.#onDropped = onDropped;
	}

	space(id: SpaceId): Space | undefined {
		return this.#spaces.get(id);
	}

	log(space: SpaceId, session: PeerId): Log | undefined {
		return this.#spaces.get(space)?.log(session);
	}

	/** The log, made where there is none. */
	open(id: SpaceId, session: PeerId): Log {
		const space = this.#spaces.get(id) ?? new Space(id);
		this.#spaces.set(id, space);
		return space.open(session);
	}

	/** Spaces that hold anything, by name, the swarm's own first. */
	spaces(): SpaceId[] {
		return [...this.#spaces.values()]
			.filter((space) => space.used)
			.map(({ id }) => id)
			.sort((a, b) => {
				const isSwarm = Number(b === SWARM_SPACE) - Number(a === SWARM_SPACE);
				return isSwarm === 0 ? (a < b ? -1 : 1) : isSwarm;
			});
	}

	all(): Iterable<Space> {
		return this.#spaces.values();
	}

	membership(): MembershipView {
		this.#membership ??= evaluateMembership(this.#acts, this.#swarm);
		return this.#membership;
	}

	deviceOf(session: PeerId): DeviceId | undefined {
		return this.#devices.get(session);
	}

	/** Decides over an entry as things stand. @param isStored it was accepted once */
	decide(verified: VerifiedEntry, isStored = false): Decision {
		const { space, session } = verified.entry;
		const all = Number.POSITIVE_INFINITY;
		return decide(verified, {
			swarm: this.#swarm,
			log: this.log(space, session) ?? NO_LOG,
			reach: (device) =>
				isStored ? all : this.membership().reach(device, space, session),
			end: (device) => (isStored ? all : this.#end(device, space, session)),
			isSealed: (id) => this.isSealed(id),
		});
	}

	/** How far a log is wanted: to its end, unless its device was removed (M1). */
	reach(space: SpaceId, session: PeerId): number {
		const device =
			this.log(space, session)?.device ?? this.#devices.get(session);
		const view = this.membership();
		return device === undefined || view.removalsOf(device).length === 0
			? Number.POSITIVE_INFINITY
			: view.reach(device, space, session);
	}

	/** How far the log of a device counts; `undefined` where no removal of it does (M1). */
	#end(device: DeviceId, space: SpaceId, session: PeerId): number | undefined {
		const view = this.membership();
		return view.removalsOf(device).length === 0
			? undefined
			: view.counts(device, space, session);
	}

	/** How far each log of a device is held, in all spaces: what a removal has seen (M1). */
	heads(device: DeviceId): Cut[] {
		const cuts: Cut[] = [];
		for (const space of this.#spaces.values())
			for (const { key: session, next, head, device: author } of space.logs())
				if (author === device && head !== null)
					cuts.push({ space: space.id, session, next, head });
		return cuts;
	}

	/**
	 * Takes back what removed devices wrote beyond the positions that their removals name, and lets count again what a
	 * removal took back that fell itself (M1). Returns the spaces that changed.
	 */
	enforce(): SpaceId[] {
		const changed = new Set<SpaceId>();
		for (const space of this.#spaces.values())
			for (const log of space.logs()) {
				const { device, session } = log;
				if (device === undefined) continue;
				const end = this.#end(device, space.id, session);
				const shown = log.limit(end ?? Number.POSITIVE_INFINITY);
				const dropped = [
					...shown.dropped,
					...log.cut(this.reach(space.id, session)),
				];
				if (!shown.changed && dropped.length === 0) continue;
				if (space.id === SWARM_SPACE) this.#forget(dropped);
				if (dropped.length > 0) this.#onDropped(space.id, session, dropped);
				space.touch();
				changed.add(space.id);
			}
		return [...changed];
	}

	/**
	 * Whether a space was closed for good (S7): by who was an owner or an admin then. What was sealed stays sealed, unless
	 * the removal of who did it has not seen the seal.
	 */
	isSealed(space: SpaceId): boolean {
		return this.sealed().has(space);
	}

	sealed(): ReadonlySet<SpaceId> {
		return this.#seals.sealed(() => this.membership());
	}

	/** Lets go of the spaces that were sealed. Returns those that held something. */
	reclaim(): SpaceId[] {
		const reclaimed = [...this.sealed()].filter(
			(id) => this.#spaces.get(id)?.used,
		);
		for (const id of reclaimed) {
			for (const log of this.#spaces.get(id)?.logs() ?? [])
				this.#onDropped(id, log.session, log.clear());
			this.#spaces.delete(id);
		}
		return reclaimed;
	}

	/**
	 * Freezes a log at a fork (S5): what comes after is forgotten. Only of a log that is held, or of a member.
	 *
	 * @param isStored it was accepted once
	 * @returns whether that is news
	 */
	freeze(fork: Fork, isStored = false): boolean {
		const { space, session, seq, certificate, proof } = fork;
		const known = this.log(space, session);
		if (this.isSealed(space) || seq >= this.reach(space, session)) return false;
		const isKnown = known !== undefined && known.next > 0;
		if (
			!isKnown &&
			!isStored &&
			!this.membership().isMember(certificate.device)
		)
			return false;
		if (known?.frozen !== undefined && known.frozen.seq <= seq) return false;
		const log = this.open(space, session);
		log.certificate ??= certificate;
		// A swarm is named by the hash of its first entry: no other one can take its place.
		const isFounding = toHex(log.hashAt(0) ?? NO_HASH) === this.#swarm;
		const dropped = log.freeze({ seq, proof }, isFounding ? 1 : 0);
		this.#forget(dropped);
		this.#onDropped(space, session, dropped);
		this.#spaces.get(space)?.touch();
		return true;
	}

	/** Takes back what acts did that do not count any more. */
	#forget(dropped: readonly HeldEntry[]): void {
		const hashes = new Set(dropped.map(({ hash }) => toHex(hash)));
		const stays = ({ hash }: { readonly hash: Uint8Array }): boolean =>
			!hashes.has(toHex(hash));
		this.#acts = this.#acts.filter(stays);
		this.#seals.keep(stays);
		this.#membership = undefined;
	}

	/**
	 * Carries an acceptance out.
	 *
	 * @throws ShoalError `malformed` where Yjs does not take the update after all. Nothing of it remains (S3).
	 */
	accept(
		verified: VerifiedEntry,
		{ sets, end }: Extract<Decision, { kind: "accepted" }>,
	): Log {
		const { entry, certificate } = verified;
		const log = this.open(entry.space, entry.session);
		if (entry.kind === "checkpoint")
			log.restart(Corner.replay([entry.body], false));
		if (log.next === 0) log.limit(end);
		if (entry.kind === "update" && log.shows(entry.seq))
			try {
				log.corner.apply(entry.body, sets);
			} catch (error) {
				log.rebuild();
				throw error;
			}
		// A checkpoint brings the certificate that late joiners see.
		if (certificate !== undefined) log.certificate = certificate;
		this.count(log, verified);
		return log;
	}

	/** Counts an entry whose update is in the corner already. */
	count(log: Log, { entry, proof }: Omit<VerifiedEntry, "certificate">): void {
		if (entry.kind === "update" || entry.kind === "checkpoint")
			log.ahead = Math.max(0, log.ahead - 1);
		const dropped = log.append(entry);
		if (dropped.length > 0)
			this.#onDropped(entry.space, entry.session, dropped);
		this.#spaces.get(entry.space)?.touch();
		if (log.certificate === undefined) return;
		const { device } = log.certificate;
		if (entry.space === SWARM_SPACE || !this.#devices.has(entry.session))
			this.#devices.set(entry.session, device);
		if (entry.kind === "seal") this.#seals.add(entry, device);
		const act = actOf(entry, log);
		if (act === undefined) return;
		this.#acts.push(proof === undefined ? act : { ...act, proof });
		this.#membership = undefined;
	}
}

/** The membership act in an entry, if it is one. */
function actOf(entry: Entry, log: Log): MembershipAct | undefined {
	const { kind } = entry;
	if (kind === "update" || kind === "checkpoint" || kind === "seal")
		return undefined;
	if (log.certificate === undefined) return undefined;
	const { device, deviceKey, seal } = log.certificate;
	return {
		kind,
		author: device,
		authorKey: deviceKey,
		authorSeal: seal,
		session: entry.session,
		seq: entry.seq,
		hash: entry.hash,
		body: entry.body,
	};
}
