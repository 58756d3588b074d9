/**
 * The simulated world between pages: a relay, connections and tab channels, with delay, loss and partitions from the
 * seed. Data channels are reliable and ordered, as SCTP is; what is lost is the connection, or a relay message.
 */
import type {
	ChannelClass,
	Connection,
	ConnectionEvents,
	Connector,
	Signaling,
	SignalingState,
	TabChannel,
	TabMessage,
	Transport,
	TransportEvents,
} from "../../../src/mesh/ports.ts";
import type { Clock, Random } from "../../../src/wire/clock.ts";

export interface Faults {
	/** Share of relay messages lost. */
	relayLoss: number;
	/** Share of relay messages that come twice, the second one late. */
	relayRepeats: number;
	/** One way, milliseconds: at least, and at most. */
	delay: readonly [number, number];
}

/** What a relay with the power to rewrite sees and returns; `undefined` drops it. */
export type Tamper = (
	topic: string,
	from: string,
	sealed: Uint8Array,
) => Uint8Array | undefined;

export class Network {
	readonly faults: Faults = {
		relayLoss: 0,
		relayRepeats: 0,
		delay: [2, 20],
	};
	tamper: Tamper | undefined;
	/** Frames that a link carries; all, unless told otherwise. */
	carries: (channel: ChannelClass, frame: Uint8Array) => boolean = () => true;
	/** Whether connections can be made at all. */
	canDial = true;
	/** Everything that ever passed the relay. */
	readonly relayed: { topic: string; from: string; sealed: Uint8Array }[] = [];
	/** Frames handed over a link, by channel. */
	readonly sent: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	readonly #clock: Clock;
	readonly #random: Random;
	readonly #relayClients = new Set<RelayClient>();
	readonly #tabs = new Map<string, Set<SimTab>>();
	readonly #offers = new Map<string, SimConnection>();
	readonly #live = new Set<SimTransport>();
	readonly #cut = new Set<string>();
	/** Hosts that crashed; a page that is opened again is another host. */
	readonly #gone = new Set<string>();
	#relayUp = true;
	#connections = 0;

	constructor(clock: Clock, random: Random) {
		this.#clock = clock;
		this.#random = random;
	}

	delay(): number {
		const [least, most] = this.faults.delay;
		return least + this.#random.fraction() * (most - least);
	}

	setRelay(up: boolean): void {
		this.#relayUp = up;
		for (const client of this.#relayClients)
			client.become(up ? "connected" : "unreachable");
	}

	/** Cuts or mends all traffic between two hosts; open connections go mute, not closed, as a pulled cable makes them. */
	cut(a: string, b: string, isCut = true): void {
		const key = pair(a, b);
		if (isCut) this.#cut.add(key);
		else this.#cut.delete(key);
	}
	/** The connections there are between two hosts carry nothing more, and nobody is told. New ones do. */
	mute(a: string, b: string): void {
		for (const transport of this.#live) {
			const { host, other } = transport;
			if (other !== undefined && pair(host, other.host) === pair(a, b))
				transport.isMute = true;
		}
	}
	/** What one host sends no longer reaches the other, which is heard as before. */
	cutOneWay(from: string, to: string): void {
		this.#cut.add(`${from} > ${to}`);
	}
	healAll(): void {
		this.#cut.clear();
	}
	isCut(from: string, to: string): boolean {
		return this.#cut.has(pair(from, to)) || this.#cut.has(`${from} > ${to}`);
	}

	canConnect(a: string, b: string): boolean {
		const isThere = !this.#gone.has(a) && !this.#gone.has(b);
		return this.canDial && isThere && !this.isCut(a, b) && !this.isCut(b, a);
	}

	/** Ends every connection of a host without a word, those under way too: its process is gone. */
	crash(host: string): void {
		this.#gone.add(host);
		for (const transport of [...this.#live])
			if (transport.host === host) transport.vanish();
		for (const client of [...this.#relayClients])
			if (client.host === host) client.close();
		for (const tabs of this.#tabs.values())
			for (const tab of [...tabs]) if (tab.host === host) tabs.delete(tab);
	}

	signaling(host: string): Signaling {
		const client = new RelayClient(this, host);
		this.#relayClients.add(client);
		client.become(this.#relayUp ? "connected" : "unreachable");
		return client;
	}
	dropClient(client: RelayClient): void {
		this.#relayClients.delete(client);
	}

	relay(topic: string, from: string, sealed: Uint8Array): void {
		if (!this.#relayUp) return;
		this.relayed.push({ topic, from, sealed });
		const passed = this.tamper ? this.tamper(topic, from, sealed) : sealed;
		if (passed === undefined) return;
		for (const client of this.#relayClients) {
			if (this.#random.fraction() < this.faults.relayLoss) continue;
			const hear = (): void => {
				if (this.#relayUp) client.hear(topic, from, passed);
			};
			this.#clock.after(this.delay(), hear);
			if (this.#random.fraction() < this.faults.relayRepeats)
				this.#clock.after(this.#random.fraction() * 5000, hear);
		}
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
		const key = `${profile} ${name}`;
		const all = this.#tabs.get(key) ?? new Set<SimTab>();
		this.#tabs.set(key, all);
		const tab: SimTab = { host, listener: undefined };
		all.add(tab);
		return {
			post: (message) => {
				for (const other of all)
					if (other !== tab)
						this.#clock.after(0.2, () => {
							if (all.has(other)) other.listener?.(message);
						});
			},
			listen(listener) {
				tab.listener = listener;
			},
			close: () => all.delete(tab),
		};
	}
}

interface SimTab {
	readonly host: string;
	listener: ((message: TabMessage) => void) | undefined;
}

class RelayClient implements Signaling {
	state: SignalingState = "connecting";
	readonly host: string;
	readonly #network: Network;
	readonly #topics = new Map<
		string,
		Set<(from: string, sealed: Uint8Array) => void>
	>();
	readonly #listeners = new Set<(state: SignalingState) => void>();

	constructor(network: Network, host: string) {
		this.#network = network;
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
		if (this.state === "connected") this.#network.relay(topic, from, sealed);
	}
	onState(listener: (state: SignalingState) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
	close(): void {
		this.#network.dropClient(this);
	}
}

/** Offer and answer carry a token instead of SDP; both ends' "fingerprints" travel in them, as in SDP. */
class SimConnection implements Connection {
	readonly host: string;
	readonly print: string;
	readonly #network: Network;
	readonly #clock: Clock;
	readonly #events: ConnectionEvents;
	readonly #id: string;
	#remotePrint: string | undefined;
	#isDone = false;

	constructor(
		network: Network,
		clock: Clock,
		host: string,
		initiator: boolean,
		events: ConnectionEvents,
	) {
		this.#network = network;
		this.#clock = clock;
		this.host = host;
		this.#events = events;
		this.#id = network.offer(this);
		this.print = `print-of-${this.#id}`;
		if (initiator) clock.after(1, () => this.#say("offer"));
	}

	signal(data: string): void {
		const [kind, id = "", print = ""] = data.split("|");
		const other = this.#network.offered(id);
		if (this.#isDone || other === undefined) return;
		this.#remotePrint = print;
		if (kind === "offer") this.#say("answer");
		else
			this.#clock.after(this.#network.delay(), () => {
				if (!this.#network.canConnect(this.host, other.host)) return;
				if (!this.#isDone && !other.#isDone) connect(this, other);
			});
	}

	close(): void {
		this.#isDone = true;
	}

	#say(kind: "offer" | "answer"): void {
		if (!this.#isDone)
			this.#events.onSignal(`${kind}|${this.#id}|${this.print}`);
	}

	/** DTLS lets only the certificate through that the signals named. */
	static join(a: SimConnection, b: SimConnection): void {
		a.#isDone = true;
		b.#isDone = true;
		if (a.#remotePrint !== b.print || b.#remotePrint !== a.print) {
			a.#events.onFail("DTLS refused the certificate");
			b.#events.onFail("DTLS refused the certificate");
			return;
		}
		const first = new SimTransport(a.#network, a.#clock, a.host, {
			local: a.print,
			remote: b.print,
		});
		const second = new SimTransport(b.#network, b.#clock, b.host, {
			local: b.print,
			remote: a.print,
		});
		first.other = second;
		second.other = first;
		first.events = a.#events.onOpen(first);
		second.events = b.#events.onOpen(second);
	}
}

const connect = (a: SimConnection, b: SimConnection): void =>
	SimConnection.join(a, b);

class SimTransport implements Transport {
	readonly via = "rtc";
	readonly host: string;
	readonly fingerprints: { readonly local: string; readonly remote: string };
	other: SimTransport | undefined;
	events: TransportEvents | undefined;
	isMute = false;
	readonly #network: Network;
	readonly #clock: Clock;
	/** When the last frame of each channel arrives: order is kept within one. */
	readonly #arrival: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	readonly #buffered: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	#isOpen = true;

	constructor(
		network: Network,
		clock: Clock,
		host: string,
		fingerprints: { local: string; remote: string },
	) {
		this.#network = network;
		this.#clock = clock;
		this.host = host;
		this.fingerprints = fingerprints;
		network.track(this, true);
	}

	send(channel: ChannelClass, frame: Uint8Array): void {
		const other = this.other;
		if (!this.#isOpen || other === undefined) return;
		this.#network.sent[channel]++;
		this.#buffered[channel] += frame.length;
		const copy = frame.slice();
		const at = Math.max(
			this.#arrival[channel],
			this.#clock.now() + this.#network.delay(),
		);
		this.#arrival[channel] = at;
		this.#clock.after(at - this.#clock.now(), () => {
			this.#buffered[channel] -= copy.length;
			if (
				other.#isOpen &&
				!this.#isCutOff(other) &&
				this.#network.carries(channel, copy)
			)
				other.events?.onFrame(channel, copy);
			if (this.#isOpen) this.events?.onDrain();
		});
	}

	buffered(channel: ChannelClass): number {
		return this.#buffered[channel];
	}

	close(): void {
		if (!this.#isOpen) return;
		this.vanish();
		const other = this.other;
		const last = Math.max(...Object.values(this.#arrival), this.#clock.now());
		this.#clock.after(last - this.#clock.now() + 5, () => {
			if (other === undefined || !other.#isOpen) return;
			if (this.#isCutOff(other)) return;
			other.vanish();
			other.events?.onClose("the other end closed the connection");
		});
	}

	#isCutOff(other: SimTransport): boolean {
		return this.isMute || this.#network.isCut(this.host, other.host);
	}

	/** Gone without a word to the other end. */
	vanish(): void {
		this.#isOpen = false;
		this.#network.track(this, false);
	}
}

const pair = (a: string, b: string): string =>
	a < b ? `${a} ${b}` : `${b} ${a}`;
