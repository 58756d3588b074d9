/** The relay between pages: loses, repeats, rewrites, and dies. */
import type { Signaling, SignalingState } from "../../../src/mesh/ports.ts";
import type { Clock, Random } from "../../../src/wire/clock.ts";
import { drawDelay, type Faults } from "./faults.ts";

/** What a relay with the power to rewrite sees and returns; `undefined` drops it. */
export type Tamper = (
	topic: string,
	from: string,
	sealed: Uint8Array,
) => Uint8Array | undefined;

interface Relayed {
	readonly topic: string;
	readonly from: string;
	readonly sealed: Uint8Array;
}

export class Relay {
	tamper: Tamper | undefined;
	/** Everything that ever passed. */
	readonly passed: Relayed[] = [];
	readonly #clock: Clock;
	readonly #random: Random;
	readonly #faults: Faults;
	readonly #arrive: (host: string, task: () => void) => void;
	readonly #clients = new Set<RelayClient>();
	#isUp = true;

	/** @param arrive does at a host what arrives there, once it is awake */
	constructor(
		clock: Clock,
		random: Random,
		faults: Faults,
		arrive: (host: string, task: () => void) => void,
	) {
		this.#clock = clock;
		this.#random = random;
		this.#faults = faults;
		this.#arrive = arrive;
	}

	get isUp(): boolean {
		return this.#isUp;
	}

	set(up: boolean): void {
		this.#isUp = up;
		for (const client of [...this.#clients])
			this.#arrive(client.host, () =>
				client.become(this.#isUp ? "connected" : "unreachable"),
			);
	}

	client(host: string): Signaling {
		const client = new RelayClient(this, host);
		this.#clients.add(client);
		client.become(this.#isUp ? "connected" : "unreachable");
		return client;
	}
	drop(client: RelayClient): void {
		this.#clients.delete(client);
	}
	dropAll(host: string): void {
		for (const client of [...this.#clients])
			if (client.host === host) client.close();
	}
	/** The sockets of a host that is suspended die, and nobody tells it: it hears nothing more until it connects anew. */
	deaden(host: string): void {
		for (const client of this.#clients)
			if (client.host === host) client.isDead = true;
	}

	/** Delivers to whoever listens; anybody may say anything in anybody's name. */
	publish(topic: string, from: string, sealed: Uint8Array): void {
		if (!this.#isUp) return;
		this.passed.push({ topic, from, sealed });
		const passed = this.tamper ? this.tamper(topic, from, sealed) : sealed;
		if (passed === undefined) return;
		const { relayLoss, relayRepeats } = this.#faults;
		for (const client of this.#clients) {
			if (client.isDead) continue;
			if (this.#random.fraction() < relayLoss) continue;
			const hear = (): void => {
				if (this.#isUp)
					this.#arrive(client.host, () => client.hear(topic, from, passed));
			};
			this.#clock.after(drawDelay(this.#faults, this.#random), hear);
			if (this.#random.fraction() < relayRepeats)
				this.#clock.after(this.#random.fraction() * 5000, hear);
		}
	}
}

class RelayClient implements Signaling {
	state: SignalingState = "connecting";
	readonly host: string;
	isDead = false;
	readonly #relay: Relay;
	readonly #topics = new Map<
		string,
		Set<(from: string, sealed: Uint8Array) => void>
	>();
	readonly #listeners = new Set<(state: SignalingState) => void>();

	constructor(relay: Relay, host: string) {
		this.#relay = relay;
		this.host = host;
	}

	become(state: SignalingState): void {
		this.state = state;
		for (const listener of this.#listeners) listener(state);
	}
	hear(topic: string, from: string, sealed: Uint8Array): void {
		for (const listener of this.#topics.get(topic) ?? [])
			listener(from, sealed);
	}
	subscribe(
		topic: string,
		listener: (from: string, sealed: Uint8Array) => void,
	): () => void {
		const listeners = this.#topics.get(topic) ?? new Set();
		this.#topics.set(topic, listeners);
		listeners.add(listener);
		return () => listeners.delete(listener);
	}
	publish(topic: string, from: string, sealed: Uint8Array): void {
		if (this.state === "connected" && !this.isDead)
			this.#relay.publish(topic, from, sealed);
	}
	onState(listener: (state: SignalingState) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
	renew(): void {
		this.isDead = false;
		this.become("connecting");
		this.become(this.#relay.isUp ? "connected" : "unreachable");
	}
	close(): void {
		this.#relay.drop(this);
	}
}
