/**
 * Attempts to connect with other pages: each is a set-up under way and the signals it says, over whatever carries them. At
 * most one a peer.
 */
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import { DIAL_TIMEOUT_MS, SIGNAL_REPEAT_MS } from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";
import type {
	Connection,
	Connector,
	Transport,
	TransportEvents,
} from "./ports.ts";
import type { Signal } from "./relay-messages.ts";

/** Drawn for an attempt by both ends; their hellos sign them. */
export interface Nonces {
	readonly self: string;
	readonly other: string;
}

export interface AttemptsDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly connector: Connector;
	readonly self: PeerId;
	/** Of this page's present life, hex. */
	readonly boot: string;
	say(to: PeerId, signal: Signal): void;
	/** A connection opened: it becomes a link. */
	onTransport(
		peer: PeerId,
		transport: Transport,
		nonces: Nonces,
	): TransportEvents;
	/** It never opened. */
	onFailed(peer: PeerId): void;
}

interface Attempt {
	readonly id: string;
	readonly connection: Connection;
	/** Of the other end's life that it is meant for. */
	readonly boot: string;
	otherNonce: string | undefined;
	/** Our signals so far. */
	readonly said: Signal[];
	readonly cancelTimeout: () => void;
	cancelRepeat: () => void;
}

const MAX_ENDED = 256;

export class Attempts {
	readonly #deps: AttemptsDeps;
	readonly #attempts = new Map<PeerId, Attempt>();
	/** Those that came to an end: what is heard of them late begins none anew. */
	readonly #ended = new Set<string>();

	constructor(deps: AttemptsDeps) {
		this.#deps = deps;
	}

	/** Dials a page, unless that is under way. */
	dial(peer: PeerId, boot: string): void {
		if (!this.#attempts.has(peer))
			this.#begin(peer, toHex(this.#deps.random.bytes(8)), boot, true);
	}

	/**
	 * Takes a signal of another page.
	 *
	 * @param mayBegin it may begin an attempt, in place of one that is under way
	 */
	take(signal: Signal, mayBegin: boolean): void {
		const { from, attempt: id, boot } = signal;
		if (this.#ended.has(id)) return;
		let attempt = this.#attempts.get(from);
		if (attempt?.id !== id) {
			if (!mayBegin) return;
			this.abandon(from);
			attempt = this.#begin(from, id, boot, false);
		}
		attempt.otherNonce ??= signal.nonce;
		attempt.connection.signal(signal.data);
	}

	/** Says all signals again: what carries them is back. */
	repeat(): void {
		for (const [peer, { said }] of this.#attempts)
			for (const signal of said) this.#deps.say(peer, signal);
	}

	/** Gives up what is under way with a peer, unless it is with this life of it. */
	abandon(peer: PeerId, boot?: string): void {
		const attempt = this.#attempts.get(peer);
		if (attempt === undefined || attempt.boot === boot) return;
		this.#end(peer, attempt);
		attempt.connection.close();
	}

	stop(): void {
		for (const peer of [...this.#attempts.keys()]) this.abandon(peer);
	}

	#begin(
		peer: PeerId,
		id: string,
		boot: string,
		isInitiator: boolean,
	): Attempt {
		const { connector, clock, random, self, say } = this.#deps;
		const nonce = toHex(random.bytes(16));
		const isCurrent = (): boolean => this.#attempts.get(peer) === attempt;
		const fail = (): void => {
			if (!isCurrent()) return;
			this.abandon(peer);
			this.#deps.onFailed(peer);
		};
		const connection = connector.connect(isInitiator, {
			onSignal: (data) => {
				const signal: Signal = {
					kind: "signal",
					from: self,
					attempt: id,
					nonce,
					boot: this.#deps.boot,
					data,
				};
				attempt.said.push(signal);
				say(peer, signal);
			},
			onOpen: (transport) => {
				const other = attempt.otherNonce;
				if (!isCurrent() || other === undefined) {
					transport.close();
					return ignoredTransport;
				}
				this.#end(peer, attempt);
				return this.#deps.onTransport(peer, transport, { self: nonce, other });
			},
			onFail: fail,
		});
		const attempt: Attempt = {
			id,
			connection,
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
			for (const signal of attempt.said) this.#deps.say(peer, signal);
			this.#repeatLater(peer, attempt, ms * 2);
		});
	}

	#end(peer: PeerId, attempt: Attempt): void {
		attempt.cancelTimeout();
		attempt.cancelRepeat();
		this.#attempts.delete(peer);
		this.#ended.add(attempt.id);
		for (const oldest of this.#ended) {
			if (this.#ended.size <= MAX_ENDED) break;
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
