/** The mesh's connector in the node worker: it drives connections that the page hosts. */
import type {
	ChannelClass,
	Connection,
	ConnectionEvents,
	Connector,
	Transport,
	TransportEvents,
} from "../mesh/ports.ts";
import type { FromHost, ToHost } from "./rtc-protocol.ts";

export interface RtcConnector extends Connector {
	/** Connections asked for in this page's life, closed ones too (L8). */
	readonly opened: number;
	farewell(message: Omit<Extract<ToHost, { op: "farewell" }>, "op">): void;
	onWake(listener: (persisted: boolean) => void): void;
	/** Whether somebody looks at the page. */
	readonly isVisible: boolean;
}

/** L8: Chrome allows 500 connections a page, closed ones included until they are collected (facts W6). */
const MAX_CONNECTIONS = 400;

/**
 * @param port the other end is `hostRtc` on the page
 * @param iceServers what the relay's operator configured; empty otherwise (L9)
 */
export function createRtcConnector(
	port: MessagePort,
	iceServers: readonly RTCIceServer[],
): RtcConnector {
	let opened = 0;
	let isVisible = true;
	let onWake: ((persisted: boolean) => void) | undefined;
	const setups = new Map<number, ConnectionEvents>();
	const transports = new Map<number, RemoteTransport>();
	const say = (message: ToHost, transfer: Transferable[] = []): void =>
		port.postMessage(message, transfer);

	port.onmessage = ({ data }: MessageEvent<FromHost>) => {
		if (data.op === "hidden") isVisible = false;
		else if (data.op === "wake") {
			isVisible = true;
			onWake?.(data.persisted);
		} else if (data.op === "signal") setups.get(data.id)?.onSignal(data.data);
		else if (data.op === "opened") open(data.id, data.local, data.remote);
		else if (data.op === "closed") {
			const setup = setups.get(data.id);
			setups.delete(data.id);
			setup?.onFail(data.reason);
			const transport = transports.get(data.id);
			transports.delete(data.id);
			transport?.events?.onClose(data.reason);
		} else transports.get(data.id)?.take(data);
	};

	function open(id: number, local: string, remote: string): void {
		const setup = setups.get(id);
		setups.delete(id);
		if (setup === undefined) return;
		const transport = new RemoteTransport(id, { local, remote }, say, () =>
			transports.delete(id),
		);
		transports.set(id, transport);
		transport.events = setup.onOpen(transport);
	}

	return {
		get opened() {
			return opened;
		},
		get isVisible() {
			return isVisible;
		},
		farewell: (message) => say({ op: "farewell", ...message }),
		onWake(listener) {
			onWake = listener;
		},
		connect(initiator, events) {
			if (opened >= MAX_CONNECTIONS) {
				queueMicrotask(() =>
					events.onFail("this page has opened too many connections"),
				);
				return noConnection;
			}
			const id = ++opened;
			setups.set(id, events);
			say({ op: "open", id, initiator, iceServers });
			return {
				signal: (data) => say({ op: "signal", id, data }),
				close() {
					setups.delete(id);
					say({ op: "close", id });
				},
			};
		},
	};
}

const noConnection: Connection = {
	signal: () => undefined,
	close: () => undefined,
};

class RemoteTransport implements Transport {
	readonly via = "rtc";
	readonly fingerprints: { readonly local: string; readonly remote: string };
	events: TransportEvents | undefined;
	readonly #id: number;
	readonly #say: (message: ToHost, transfer?: Transferable[]) => void;
	readonly #onClosed: () => void;
	readonly #buffered: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};

	constructor(
		id: number,
		fingerprints: { local: string; remote: string },
		say: (message: ToHost, transfer?: Transferable[]) => void,
		onClosed: () => void,
	) {
		this.#id = id;
		this.fingerprints = fingerprints;
		this.#say = say;
		this.#onClosed = onClosed;
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

	close(): void {
		this.#onClosed();
		this.#say({ op: "close", id: this.#id });
	}

	take(message: Extract<FromHost, { op: "frame" | "sent" }>): void {
		if (message.op === "frame") {
			this.events?.onFrame(message.channel, message.frame);
			return;
		}
		this.#buffered[message.channel] -= message.bytes;
		this.events?.onDrain();
	}
}
