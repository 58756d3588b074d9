/** The simulated world between pages: a relay, cables, connections and tab channels, as bad as the seed makes them. */
import { fetchNeighbours } from "../../../src/mesh/late.ts";
import type {
	ChannelClass,
	Connection,
	ConnectionEvents,
	Connector,
	Signaling,
	TabChannel,
} from "../../../src/mesh/ports.ts";
import type { Clock, Random } from "../../../src/wire/clock.ts";
import { Cables, pair } from "./cables.ts";
import { SimConnection } from "./connection.ts";
import { calm, drawDelay, drawLinkDelay, type Faults } from "./faults.ts";
import { Relay } from "./relay.ts";
import { TabChannels } from "./tab-channels.ts";
import type { SimTransport } from "./transport.ts";

// Fetching code takes real time, which a virtual clock must not see.
await fetchNeighbours();

export class Network {
	readonly faults: Faults = calm();
	readonly relay: Relay;
	/** Frames that a link carries; all, unless told otherwise. */
	carries: (channel: ChannelClass, frame: Uint8Array) => boolean = () => true;
	/** Hears of every frame that arrives. */
	onFrame: (
		from: string,
		to: string,
		channel: ChannelClass,
		frame: Uint8Array,
	) => void = () => undefined;
	/** Whether connections can be made at all. */
	canDial = true;
	/** Frames handed over a link, by channel. */
	readonly sent: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	readonly #clock: Clock;
	readonly #random: Random;
	readonly #cables = new Cables();
	readonly #tabs: TabChannels;
	readonly #offers = new Map<string, SimConnection>();
	readonly #live = new Set<SimTransport>();
	/** What waits for hosts that sleep. */
	readonly #asleep = new Map<string, (() => void)[]>();
	#connections = 0;

	constructor(clock: Clock, random: Random) {
		this.#clock = clock;
		this.#random = random;
		const arrive = (host: string, task: () => void) => this.arrive(host, task);
		this.relay = new Relay(clock, random, this.faults, arrive);
		this.#tabs = new TabChannels(clock, arrive);
	}

	delay(): number {
		return drawDelay(this.faults, this.#random);
	}
	linkDelay(): number {
		return drawLinkDelay(this.faults, this.#random);
	}

	/** Connections that are open now, each end counted. */
	get live(): ReadonlySet<SimTransport> {
		return this.#live;
	}

	/** Cuts or mends all traffic between two hosts; open connections go mute, not closed, as a pulled cable makes them. */
	cut(a: string, b: string, isCut = true): void {
		this.#cables.cut(a, b, isCut);
	}
	/** What one host sends no longer reaches the other, which is heard as before. */
	cutOneWay(from: string, to: string): void {
		this.#cables.cutOneWay(from, to);
	}
	/** The connections there are between two hosts carry nothing more, and nobody is told. New ones do. */
	mute(a: string, b: string): void {
		for (const transport of this.#live) {
			const { host, other } = transport;
			if (other !== undefined && pair(host, other.host) === pair(a, b))
				transport.isMute = true;
		}
	}
	healAll(): void {
		this.#cables.healAll();
	}
	/** A host is suspended or resumed: nothing reaches it or leaves it, and its sockets do not survive it. */
	suspend(host: string, isSuspended: boolean): void {
		this.#cables.suspend(host, isSuspended);
		if (isSuspended) this.relay.deaden(host);
	}
	isCut(from: string, to: string): boolean {
		return this.#cables.isCut(from, to);
	}
	canConnect(a: string, b: string): boolean {
		const isAwake = !this.#asleep.has(a) && !this.#asleep.has(b);
		return this.canDial && isAwake && this.#cables.joins(a, b);
	}

	/** A host sleeps: its connections stay, and whatever comes waits, as in a frozen page's queue (B3). */
	sleep(host: string): void {
		if (!this.#asleep.has(host)) this.#asleep.set(host, []);
	}
	wake(host: string): void {
		const waiting = this.#asleep.get(host) ?? [];
		this.#asleep.delete(host);
		for (const task of waiting) task();
	}
	/** Does what arrives at a host, when the host is awake. */
	arrive(host: string, task: () => void): void {
		const waiting = this.#asleep.get(host);
		if (waiting === undefined) task();
		else waiting.push(task);
	}

	/** Ends every connection of a host without a word, those under way too: its process is gone. */
	crash(host: string): void {
		this.#cables.lose(host);
		this.#asleep.delete(host);
		for (const transport of [...this.#live])
			if (transport.host === host) transport.vanish();
		this.relay.dropAll(host);
		this.#tabs.dropAll(host);
	}

	signaling(host: string): Signaling {
		return this.relay.client(host);
	}

	connector(host: string): Connector & { opened: number } {
		const connector = {
			opened: 0,
			connect: (initiator: boolean, events: ConnectionEvents): Connection => {
				connector.opened++;
				return new SimConnection(this, this.#clock, host, initiator, events);
			},
		};
		return connector;
	}
	/** How many connections were ever begun, each end counted. */
	get connections(): number {
		return this.#connections;
	}
	offer(connection: SimConnection): string {
		const id = `connection-${++this.#connections}`;
		this.#offers.set(id, connection);
		return id;
	}
	offered(id: string): SimConnection | undefined {
		return this.#offers.get(id);
	}
	track(transport: SimTransport, isLive: boolean): void {
		if (isLive) this.#live.add(transport);
		else this.#live.delete(transport);
	}

	tabs(profile: string, host: string, name: string): TabChannel {
		return this.#tabs.open(profile, host, name);
	}
}
