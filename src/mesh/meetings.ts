/**
 * Where a swarm's pages meet on the relay: on the topic of the present epoch, for a while on that of the one before, and
 * where a letter says that a later one began (M3).
 */
import { type Epoch, relayKeys } from "../identity/epoch.ts";
import { equalBytes } from "../wire/bytes.ts";
import { EPOCH_GRACE_MS } from "../wire/constants.ts";
import type { DeviceId, PeerId } from "../wire/ids.ts";
import type { Nonces } from "./attempts.ts";
import { OldTopics } from "./old-topics.ts";
import type { Transport, TransportEvents } from "./ports.ts";
import { Rendezvous, type RendezvousDeps } from "./rendezvous.ts";

export interface MeetingsDeps
	extends Omit<RendezvousDeps, "keys" | "wants" | "onTransport"> {
	/** A connection opened: it becomes a link of this epoch. */
	onTransport(
		peer: PeerId,
		transport: Transport,
		nonces: Nonces,
		epoch: number,
	): TransportEvents;
	/** A page of this device, or somebody who says so, is where an earlier epoch met. */
	onBehind(device: DeviceId): void;
}

interface Meeting {
	readonly epoch: Epoch;
	readonly rendezvous: Rendezvous;
}

/** Letters can be forged by who was removed: of places that nobody has proved, one is tried at a time. */
const MAX_MEETINGS = 3;

export class Meetings {
	readonly #deps: MeetingsDeps;
	/** The present epoch's first. */
	#meetings: Meeting[];
	#cancelEnd: (() => void) | undefined;
	readonly #old: OldTopics;
	#stopped = false;

	/** @param past epochs before this one, the earliest first */
	constructor(deps: MeetingsDeps, epoch: Epoch, past: readonly Epoch[] = []) {
		this.#deps = deps;
		this.#old = new OldTopics(deps.signaling, (device) =>
			deps.onBehind(device),
		);
		for (const before of past) this.#old.add(before);
		this.#meetings = [this.#open(epoch)];
	}

	/** Goes over to another epoch; the one before is still heard for a while. */
	move(epoch: Epoch): void {
		const [present] = this.#meetings;
		if (
			this.#stopped ||
			(present !== undefined && isSame(present.epoch, epoch))
		)
			return;
		if (present !== undefined) this.#old.add(present.epoch);
		const there = this.#at(epoch) ?? this.#open(epoch);
		if (present !== undefined) there.rendezvous.adopt(present.rendezvous);
		this.#meetings = [there, ...this.#meetings.filter((one) => one !== there)];
		this.#trim();
		this.#cancelEnd?.();
		this.#cancelEnd = this.#deps.clock.after(EPOCH_GRACE_MS, () => {
			for (const { rendezvous } of this.#meetings.splice(1)) rendezvous.stop();
		});
	}

	/** Looks in another epoch, too. */
	also(epoch: Epoch): void {
		if (this.#stopped || this.#at(epoch) !== undefined) return;
		this.#meetings.splice(1, 0, this.#open(epoch));
		this.#trim();
	}

	announce(): void {
		for (const { rendezvous } of this.#meetings) rendezvous.announce();
	}

	wake(): void {
		for (const { rendezvous } of this.#meetings) rendezvous.wake();
	}

	/** A peer was met elsewhere, and linked. */
	met(peer: PeerId, boot: string): void {
		this.#meetings[0]?.rendezvous.met(peer, boot);
	}

	/** Dials again where the peer was heard last. */
	lost(peer: PeerId): void {
		this.#heardIn(peer)?.lost(peer);
	}

	/** Dials a peer now, beside the link that there may be. */
	reach(peer: PeerId): void {
		this.#heardIn(peer)?.reach(peer);
	}

	/** What is said over a link that others carry belongs to the present epoch. */
	carried(peer: PeerId): void {
		this.#meetings[0]?.rendezvous.carried(peer);
	}

	take(peer: PeerId, message: Uint8Array): void {
		this.#meetings[0]?.rendezvous.take(peer, message);
	}

	linked(peer: PeerId): void {
		for (const { rendezvous } of this.#meetings) rendezvous.linked(peer);
	}

	forget(peer: PeerId): void {
		for (const { rendezvous } of this.#meetings) rendezvous.forget(peer);
	}

	get heard(): readonly PeerId[] {
		return [
			...new Set(this.#meetings.flatMap(({ rendezvous }) => rendezvous.heard)),
		];
	}

	stop(): void {
		this.#stopped = true;
		this.#cancelEnd?.();
		this.#old.stop();
		for (const { rendezvous } of this.#meetings.splice(0)) rendezvous.stop();
	}

	#open(epoch: Epoch): Meeting {
		const { onTransport } = this.#deps;
		const rendezvous = new Rendezvous({
			...this.#deps,
			keys: relayKeys(epoch),
			wants: () => true,
			onTransport: (peer, transport, nonces) =>
				onTransport(peer, transport, nonces, epoch.number),
		});
		return { epoch, rendezvous };
	}

	#at(epoch: Epoch): Meeting | undefined {
		return this.#meetings.find((one) => isSame(one.epoch, epoch));
	}

	#heardIn(peer: PeerId): Rendezvous | undefined {
		return this.#meetings.find(({ rendezvous }) =>
			rendezvous.heard.includes(peer),
		)?.rendezvous;
	}

	#trim(): void {
		for (const { rendezvous } of this.#meetings.splice(MAX_MEETINGS))
			rendezvous.stop();
	}
}

const isSame = (a: Epoch, b: Epoch): boolean =>
	a.number === b.number && equalBytes(a.secret, b.secret);
