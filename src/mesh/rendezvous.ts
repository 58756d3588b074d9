/**
 * Meeting through the relay: telling a topic that this page is there, and carrying the signals of connection attempts.
 * The same code serves the swarm's topic and an invite's (M2); only the keys differ.
 */
import type { RelayKeys } from "../identity/epoch.ts";
import { openRelay, sealRelay } from "../identity/seal.ts";
import { type Clock, every, type Random } from "../wire/clock.ts";
import {
	ANNOUNCE_MS,
	MAX_REDIALS,
	REDIAL_BASE_MS,
	REDIAL_CARRIED_MAX_MS,
	REDIAL_MAX_MS,
} from "../wire/constants.ts";
import type { DeviceId, PeerId } from "../wire/ids.ts";
import { Attempts, type Nonces } from "./attempts.ts";
import type {
	Connector,
	Signaling,
	Transport,
	TransportEvents,
} from "./ports.ts";
import {
	decodeRelayMessage,
	encodeRelayMessage,
	type Here,
	type RelayMessage,
	type Signal,
} from "./relay-messages.ts";
import { type Candidate, isInitiator, linkWanted } from "./roster.ts";

export interface RendezvousDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly signaling: Signaling;
	readonly connector: Connector;
	readonly keys: RelayKeys;
	readonly self: Candidate;
	/** Of this page's present life, hex. */
	readonly boot: string;
	/** Whether pages of this device are met at all. It is their own word whose they are. */
	wants(device: DeviceId): boolean;
	/** A direct link to this peer is up or being greeted. */
	isLinked(peer: PeerId): boolean;
	/** Whether this page makes links to all it hears of, and says that it is there (L7). */
	isOpen(): boolean;
	/** Whether it makes one to this peer. */
	isWanted(peer: PeerId): boolean;
	/** Other pages carry what is said to this peer meanwhile (L6). */
	isCarried(peer: PeerId): boolean;
	/** Says it over the link that others carry, too, where there is one: the relay may be gone. */
	carry(to: PeerId, message: Uint8Array): void;
	/** A connection opened: it becomes a link. */
	onTransport(
		peer: PeerId,
		transport: Transport,
		nonces: Nonces,
	): TransportEvents;
}

interface Known {
	boot: string;
	failures: number;
	cancelRedial: (() => void) | undefined;
}

export class Rendezvous {
	readonly #deps: RendezvousDeps;
	readonly #attempts: Attempts;
	readonly #known = new Map<PeerId, Known>();
	readonly #address: string;
	readonly #stops: (() => void)[] = [];
	#isStopped = false;

	constructor(deps: RendezvousDeps) {
		this.#deps = deps;
		const { keys, signaling, self } = deps;
		this.#address = keys.peerTopic(self.peer);
		this.#attempts = new Attempts({
			...deps,
			self: self.peer,
			say: (to, signal) => this.#say(to, signal),
			onFailed: (peer) => this.lost(peer),
		});
		for (const topic of [keys.swarmTopic, this.#address])
			this.#stops.push(
				signaling.subscribe(topic, (from, sealed) =>
					this.#open(topic, from, sealed),
				),
			);
		this.#stops.push(
			signaling.onState((state) => {
				if (state === "connected") this.#connected();
			}),
			every(deps.clock, ANNOUNCE_MS, () => this.announce()),
		);
		if (signaling.state === "connected") this.announce();
	}

	/** Tells the topic that this page is there. */
	announce(): void {
		if (this.#deps.isOpen()) this.#say(undefined, this.#here(false));
	}

	/** The link to a peer was lost without a bye: dial again, or ask to be dialled, after a jittered pause (L5). */
	lost(peer: PeerId): void {
		const known = this.#known.get(peer);
		if (this.#isStopped || known === undefined) return;
		const isCarried = this.#deps.isCarried(peer);
		// Each dial is a connection (L8). Whoever is there says so, and is dialled again then.
		const isGivenUp = known.failures >= MAX_REDIALS && !isCarried;
		if (known.cancelRedial !== undefined || isGivenUp) return;
		const ceiling = Math.min(
			isCarried ? REDIAL_CARRIED_MAX_MS : REDIAL_MAX_MS,
			REDIAL_BASE_MS * 2 ** known.failures,
		);
		known.failures++;
		known.cancelRedial = this.#deps.clock.after(
			ceiling * (0.5 + this.#deps.random.fraction() / 2),
			() => {
				known.cancelRedial = undefined;
				if (!this.#deps.isLinked(peer)) this.#approach(peer, known.boot, false);
			},
		);
	}

	/** The page slept, or wants links that it did not: whoever has none is dialled now, whatever failed before. */
	wake(): void {
		for (const [peer, known] of this.#known) {
			known.failures = 0;
			known.cancelRedial?.();
			known.cancelRedial = undefined;
			if (!this.#deps.isLinked(peer)) this.reach(peer);
		}
		this.announce();
	}

	/** Dials a peer that was heard, or asks to be dialled. */
	reach(peer: PeerId): void {
		const known = this.#known.get(peer);
		if (known !== undefined) this.#approach(peer, known.boot, false);
	}

	/** A link to a peer came up that others carry: both ends tell each other how to link directly. */
	carried(peer: PeerId): void {
		if (this.#deps.isOpen())
			this.#deps.carry(peer, encodeRelayMessage(this.#here(true)));
	}

	/** Takes what a peer said over the link that others carry. */
	take(peer: PeerId, bytes: Uint8Array): void {
		const message = decodeRelayMessage(bytes);
		if (message?.from === peer) this.#take(message);
	}

	/** A direct link came up: failures are forgotten. */
	linked(peer: PeerId): void {
		const known = this.#known.get(peer);
		if (known !== undefined) known.failures = 0;
	}

	/** The peer said bye: it is not dialled until it is heard again. */
	forget(peer: PeerId): void {
		this.#known.get(peer)?.cancelRedial?.();
		this.#known.delete(peer);
	}

	/** A page's present life was met elsewhere, and linked: it need not be dialled when it is heard here. */
	met(peer: PeerId, boot: string): void {
		if (!this.#known.has(peer))
			this.#known.set(peer, { boot, failures: 0, cancelRedial: undefined });
	}

	/** Takes over whom another meeting place knows: who is linked already need not link anew here. */
	adopt(other: Rendezvous): void {
		for (const [peer, { boot }] of other.#known) this.met(peer, boot);
	}

	/** Peers heard on the topic in this page's life that have not said bye. */
	get heard(): readonly PeerId[] {
		return [...this.#known.keys()];
	}

	stop(): void {
		this.#isStopped = true;
		for (const stop of this.#stops.splice(0)) stop();
		for (const known of this.#known.values()) known.cancelRedial?.();
		this.#attempts.stop();
	}

	/** What was said while the relay was away is said now. */
	#connected(): void {
		this.announce();
		this.#attempts.repeat();
	}

	#here(direct: boolean): Here {
		const { self, boot } = this.#deps;
		return {
			kind: "here",
			from: self.peer,
			device: self.device,
			boot,
			direct,
		};
	}

	#say(to: PeerId | undefined, message: RelayMessage): void {
		const { keys, signaling, random } = this.#deps;
		const topic = to === undefined ? keys.swarmTopic : keys.peerTopic(to);
		const bytes = encodeRelayMessage(message);
		signaling.publish(
			topic,
			this.#address,
			sealRelay(keys.key, topic, this.#address, topic, bytes, random),
		);
		if (to !== undefined) this.#deps.carry(to, bytes);
	}

	#open(topic: string, from: string, sealed: Uint8Array): void {
		const { keys } = this.#deps;
		if (from === this.#address) return;
		const plain = openRelay(keys.key, topic, from, topic, sealed);
		const message = plain && decodeRelayMessage(plain);
		// The address is bound by the seal; the name inside must be the one it is made of.
		if (message === undefined || keys.peerTopic(message.from) !== from) return;
		this.#take(message);
	}

	#take(message: RelayMessage): void {
		if (message.kind === "here") this.#takeHere(message);
		else this.#takeSignal(message);
	}

	#takeHere(here: Here): void {
		const other = { peer: here.from, device: here.device };
		if (linkWanted(this.#deps.self, other) !== "rtc") return;
		if (!this.#deps.wants(here.device)) return;
		const known = this.#known.get(here.from);
		const isReborn = known?.boot !== here.boot;
		if (isReborn) {
			known?.cancelRedial?.();
			this.#known.set(here.from, {
				boot: here.boot,
				failures: 0,
				cancelRedial: undefined,
			});
			this.#attempts.abandon(here.from, here.boot);
		}
		// While others carry what is said to it, the next direct attempt has its time.
		const canWait =
			known?.cancelRedial !== undefined &&
			!here.direct &&
			this.#deps.isCarried(here.from);
		// A link to an earlier life of the page may look alive still: a new one takes its place once it is verified.
		if (isReborn || !(canWait || this.#deps.isLinked(here.from)))
			this.#approach(here.from, here.boot, here.direct);
	}

	/** Dials where it is ours to dial, else asks to be dialled. */
	#approach(peer: PeerId, boot: string, answered: boolean): void {
		if (!this.#deps.isWanted(peer)) return;
		if (!isInitiator(this.#deps.self.peer, peer)) {
			if (!answered) this.#say(peer, this.#here(true));
		} else this.#attempts.dial(peer, boot);
	}

	#takeSignal(signal: Signal): void {
		const { self, isWanted } = this.#deps;
		const isTheirs = !isInitiator(self.peer, signal.from);
		this.#attempts.take(signal, isTheirs && isWanted(signal.from));
	}
}
