/**
 * Meeting through the relay: telling a topic that this page is there, and carrying the signals of connection attempts.
 * The same code serves the swarm's topic and an invite's (M2); only the keys differ.
 */
import type { RelayKeys } from "../identity/epoch.ts";
import { openRelay, sealRelay } from "../identity/seal.ts";
import { toHex } from "../wire/bytes.ts";
import { type Clock, every, type Random } from "../wire/clock.ts";
import {
	ANNOUNCE_MS,
	DIAL_TIMEOUT_MS,
	REDIAL_BASE_MS,
	REDIAL_CARRIED_MAX_MS,
	REDIAL_MAX_MS,
	SIGNAL_REPEAT_MS,
} from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";
import type {
	Connection,
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

export interface Nonces {
	readonly self: string;
	readonly other: string;
}

export interface RendezvousDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly signaling: Signaling;
	readonly connector: Connector;
	readonly keys: RelayKeys;
	readonly self: Candidate;
	/** Of this page's present life, hex. */
	readonly boot: string;
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

interface Attempt {
	readonly id: string;
	readonly connection: Connection;
	readonly nonce: string;
	readonly boot: string;
	otherNonce: string | undefined;
	/** Our signals so far. */
	readonly said: Signal[];
	readonly cancelTimeout: () => void;
	cancelRepeat: () => void;
}

interface Known {
	boot: string;
	failures: number;
	cancelRedial: (() => void) | undefined;
}

const MAX_ENDED_ATTEMPTS = 256;

export class Rendezvous {
	readonly #deps: RendezvousDeps;
	readonly #attempts = new Map<PeerId, Attempt>();
	readonly #known = new Map<PeerId, Known>();
	/** Attempts that came to an end: what is heard of them late begins none anew. */
	readonly #ended = new Set<string>();
	readonly #address: string;
	readonly #stops: (() => void)[] = [];

	constructor(deps: RendezvousDeps) {
		this.#deps = deps;
		const { keys, signaling, self } = deps;
		this.#address = keys.peerTopic(self.peer);
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
		if (known === undefined || known.cancelRedial !== undefined) return;
		const ceiling = Math.min(
			this.#deps.isCarried(peer) ? REDIAL_CARRIED_MAX_MS : REDIAL_MAX_MS,
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

	/** Takes over whom another meeting place knows: who is linked already need not link anew here. */
	adopt(other: Rendezvous): void {
		for (const [peer, { boot }] of other.#known)
			if (!this.#known.has(peer))
				this.#known.set(peer, { boot, failures: 0, cancelRedial: undefined });
	}

	/** Peers heard on the topic in this page's life that have not said bye. */
	get heard(): readonly PeerId[] {
		return [...this.#known.keys()];
	}

	stop(): void {
		for (const stop of this.#stops.splice(0)) stop();
		for (const known of this.#known.values()) known.cancelRedial?.();
		for (const peer of [...this.#attempts.keys()]) this.#abandon(peer);
	}

	/** What was said while the relay was away is said now. */
	#connected(): void {
		this.announce();
		for (const [peer, { said }] of this.#attempts)
			for (const signal of said) this.#say(peer, signal);
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
		const known = this.#known.get(here.from);
		const isReborn = known?.boot !== here.boot;
		if (isReborn) {
			known?.cancelRedial?.();
			this.#known.set(here.from, {
				boot: here.boot,
				failures: 0,
				cancelRedial: undefined,
			});
			if (this.#attempts.get(here.from)?.boot !== here.boot)
				this.#abandon(here.from);
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
		} else if (!this.#attempts.has(peer)) {
			this.#attempt(peer, toHex(this.#deps.random.bytes(8)), boot, true);
		}
	}

	#takeSignal(signal: Signal): void {
		if (this.#ended.has(signal.attempt)) return;
		let attempt = this.#attempts.get(signal.from);
		if (attempt?.id !== signal.attempt) {
			if (isInitiator(this.#deps.self.peer, signal.from)) return;
			if (!this.#deps.isWanted(signal.from)) return;
			this.#abandon(signal.from);
			attempt = this.#attempt(signal.from, signal.attempt, signal.boot, false);
		}
		attempt.otherNonce ??= signal.nonce;
		attempt.connection.signal(signal.data);
	}

	#attempt(
		peer: PeerId,
		id: string,
		boot: string,
		initiator: boolean,
	): Attempt {
		const { connector, clock, random, self } = this.#deps;
		const nonce = toHex(random.bytes(16));
		const isCurrent = (): boolean => this.#attempts.get(peer) === attempt;
		const fail = (): void => {
			if (!isCurrent()) return;
			this.#abandon(peer);
			this.lost(peer);
		};
		const connection = connector.connect(initiator, {
			onSignal: (data) => {
				const signal: Signal = {
					kind: "signal",
					from: self.peer,
					attempt: id,
					nonce,
					boot: this.#deps.boot,
					data,
				};
				attempt.said.push(signal);
				this.#say(peer, signal);
			},
			onOpen: (transport) => {
				const other = attempt.otherNonce;
				if (!isCurrent() || other === undefined) {
					transport.close();
					return ignoredTransport;
				}
				this.#end(peer, attempt);
				return this.#deps.onTransport(peer, transport, {
					self: nonce,
					other,
				});
			},
			onFail: fail,
		});
		const attempt: Attempt = {
			id,
			connection,
			nonce,
			boot,
			otherNonce: undefined,
			said: [],
			cancelTimeout: clock.after(DIAL_TIMEOUT_MS, fail),
			cancelRepeat: nothing,
		};
		this.#attempts.set(peer, attempt);
		this.#repeatLater(peer, attempt, SIGNAL_REPEAT_MS);
		return attempt;
	}

	/** The relay may lose a signal: all are said again, at doubling intervals, until the connection opens. */
	#repeatLater(peer: PeerId, attempt: Attempt, ms: number): void {
		attempt.cancelRepeat = this.#deps.clock.after(ms, () => {
			for (const signal of attempt.said) this.#say(peer, signal);
			this.#repeatLater(peer, attempt, ms * 2);
		});
	}

	#abandon(peer: PeerId): void {
		const attempt = this.#attempts.get(peer);
		if (attempt === undefined) return;
		this.#end(peer, attempt);
		attempt.connection.close();
	}

	#end(peer: PeerId, attempt: Attempt): void {
		attempt.cancelTimeout();
		attempt.cancelRepeat();
		this.#attempts.delete(peer);
		this.#ended.add(attempt.id);
		for (const oldest of this.#ended) {
			if (this.#ended.size <= MAX_ENDED_ATTEMPTS) break;
			this.#ended.delete(oldest);
		}
	}
}

const nothing = (): void => undefined;
const ignoredTransport: TransportEvents = {
	onFrame: nothing,
	onDrain: nothing,
	onClose: nothing,
};
