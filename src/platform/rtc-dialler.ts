/** Connections of the node worker, which its page makes and hosts (facts W1): those that open, and those that are open. */
import type {
	ChannelClass,
	ConnectionEvents,
	Transport,
	TransportEvents,
} from "../mesh/ports.ts";
import { ChannelTransport } from "./channel-transport.ts";
import type { FromHost, ToHost } from "./rtc-protocol.ts";

type Say = (message: ToHost, transfer?: Transferable[]) => void;
/** What the page says of one connection. */
type Told = Exclude<FromHost, { op: "hidden" | "wake" }>;

/** A connection that is not open yet. */
interface Setup {
	readonly events: ConnectionEvents;
	/** Where the browser moves them here. */
	channels?: ChannelTransport;
	fingerprints?: { readonly local: string; readonly remote: string };
}

export class Dialler {
	readonly #setups = new Map<number, Setup>();
	readonly #transports = new Map<number, ChannelTransport | HostedTransport>();
	readonly #say: Say;

	constructor(say: Say) {
		this.#say = say;
	}

	dial(open: Extract<ToHost, { op: "open" }>, events: ConnectionEvents): void {
		this.#setups.set(open.id, { events });
		this.#say(open);
	}

	/** Ends a connection, whatever became of it so far. */
	end(id: number): void {
		if (this.#transports.delete(id) || this.#setups.delete(id))
			this.#say({ op: "close", id });
	}

	take(told: Told): void {
		const setup = this.#setups.get(told.id);
		const transport = this.#transports.get(told.id);
		if (told.op === "signal") setup?.events.onSignal(told.data);
		else if (told.op === "channel") {
			if (setup === undefined) told.moved.close();
			else this.#add(setup, told);
		} else if (told.op === "opened") {
			if (setup !== undefined) setup.fingerprints = told;
			this.#open(told.id);
		} else if (told.op === "closed") {
			this.#setups.delete(told.id);
			setup?.events.onFail(told.reason);
			transport?.lost(told.reason);
		} else if (told.op === "frame") transport?.frame(told.channel, told.frame);
		else if (transport instanceof HostedTransport)
			transport.sent(told.channel, told.bytes);
	}

	/** A channel comes from the page. */
	#add(
		setup: Setup,
		{ id, channel, moved }: Extract<FromHost, { op: "channel" }>,
	): void {
		setup.channels ??= new ChannelTransport(
			() => this.#open(id),
			() => {
				const isSetup = this.#setups.has(id);
				this.end(id);
				if (isSetup) setup.events.onFail("its channels were closed");
			},
		);
		setup.channels.add(channel, moved);
	}

	/** Opens a transport once its channels are open and the page has told its fingerprints. */
	#open(id: number): void {
		const setup = this.#setups.get(id);
		if (setup?.fingerprints === undefined || setup.channels?.isOpen === false)
			return;
		this.#setups.delete(id);
		const transport =
			setup.channels ?? new HostedTransport(id, this.#say, () => this.end(id));
		const { local, remote } = setup.fingerprints;
		transport.fingerprints = { local, remote };
		this.#transports.set(id, transport);
		transport.begin(setup.events.onOpen(transport));
	}
}

/** A transport whose channels the page keeps, where they cannot be moved: frames pass through it. */
class HostedTransport implements Transport {
	readonly via = "rtc";
	fingerprints = { local: "", remote: "" };
	#events: TransportEvents | undefined;
	readonly #id: number;
	readonly #say: Say;
	readonly #onEnd: () => void;
	readonly #buffered: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};

	constructor(id: number, say: Say, onEnd: () => void) {
		this.#id = id;
		this.#say = say;
		this.#onEnd = onEnd;
	}

	begin(events: TransportEvents): void {
		this.#events = events;
	}

	/** Frames are made for sending once, so their memory moves to the page instead of being copied. */
	send(channel: ChannelClass, frame: Uint8Array): void {
		this.#buffered[channel] += frame.byteLength;
		const whole = frame.byteLength === frame.buffer.byteLength;
		const owned = whole && frame.byteLength > 4096;
		this.#say(
			{ op: "frame", id: this.#id, channel, frame },
			owned ? [frame.buffer as ArrayBuffer] : [],
		);
	}

	buffered(channel: ChannelClass): number {
		return this.#buffered[channel];
	}

	frame(channel: ChannelClass, frame: Uint8Array): void {
		this.#events?.onFrame(channel, frame);
	}

	sent(channel: ChannelClass, bytes: number): void {
		this.#buffered[channel] -= bytes;
		this.#events?.onDrain();
	}

	lost(reason: string): void {
		const events = this.#events;
		this.close();
		events?.onClose(reason);
	}

	close(): void {
		this.#events = undefined;
		this.#onEnd();
	}
}
