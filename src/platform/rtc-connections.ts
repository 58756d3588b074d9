/**
 * The connections that a page hosts. It decides nothing: simple-peer does the offer/answer/candidate dance, our own
 * negotiated channels carry the frames (L2, facts W3).
 */
import type SimplePeer from "simple-peer";
import { CHANNELS, type ChannelClass } from "../mesh/ports.ts";
import { FRAME_BYTES, HIGH_WATER_BYTES } from "../wire/constants.ts";
import type { FromHost, ToHost } from "./rtc-protocol.ts";

type Open = Extract<ToHost, { op: "open" }>;
export type PeerClass = typeof SimplePeer;
type Say = (message: FromHost, transfer?: Transferable[]) => void;
/** What the worker asks of one connection. */
export type Asked = Exclude<ToHost, { op: "farewell" }>;

/** How long a closing connection may still send. */
const LINGER_MS = 500;
const MAX_FAREWELL_BYTES = 16;

export class Connections {
	readonly #hosted = new Map<number, HostedConnection>();
	readonly #Peer: PeerClass;
	readonly #say: Say;

	constructor(Peer: PeerClass, say: Say) {
		this.#Peer = Peer;
		this.#say = say;
	}

	take(asked: Asked): void {
		const { id } = asked;
		const connection = this.#hosted.get(id);
		if (asked.op === "open") {
			const end = (): void => void this.#hosted.delete(id);
			this.#hosted.set(
				id,
				new HostedConnection(this.#Peer, asked, this.#say, end),
			);
		} else if (asked.op === "close") connection?.close();
		else if (asked.op === "signal") connection?.signal(asked.data);
		else connection?.send(asked.channel, asked.frame);
	}

	/** Sends a last frame to everybody. */
	farewell(frame: Uint8Array): void {
		for (const connection of this.#hosted.values()) connection.farewell(frame);
	}
}

class HostedConnection {
	readonly #open: Open;
	readonly #say: Say;
	readonly #onEnd: () => void;
	readonly #channels = new Map<ChannelClass, RTCDataChannel>();
	readonly #waiting: Record<ChannelClass, Uint8Array[]> = {
		control: [],
		state: [],
		bulk: [],
	};
	/** A relay may say things twice, and a second offer or answer would end the dance (L3). */
	readonly #seenSignals = new Set<string>();
	readonly #peer: SimplePeer.Instance;
	#connection: RTCPeerConnection | undefined;
	/** The worker has the channels. */
	#areMoved = false;
	#ended = false;

	constructor(Peer: PeerClass, open: Open, say: Say, onEnd: () => void) {
		this.#open = open;
		this.#say = say;
		this.#onEnd = onEnd;
		const { id, initiator, iceServers } = open;
		const adopt = (connection: RTCPeerConnection): void =>
			this.#adopt(connection);
		class Connection extends RTCPeerConnection {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				adopt(this);
			}
		}
		this.#peer = new Peer({
			initiator,
			trickle: true,
			// simple-peer's default names two companies' STUN servers (L9).
			config: { iceServers: [...iceServers] },
			channelName: "simple-peer",
			channelConfig: { negotiated: true, id: CHANNELS.length },
			wrtc: {
				RTCPeerConnection: Connection,
				RTCSessionDescription,
				RTCIceCandidate,
			},
		});
		this.#peer.on("signal", (data) =>
			this.#say({ op: "signal", id, data: JSON.stringify(data) }),
		);
		// The other end's page says its farewell there.
		this.#peer.on("data", (data: Uint8Array<ArrayBuffer>) => {
			const frame = Uint8Array.from(data.subarray(0, MAX_FAREWELL_BYTES));
			this.#say({ op: "frame", id, channel: "control", frame });
		});
		this.#peer.on("error", (error) => this.end(error.message));
		this.#peer.on("close", () => this.end("the connection was closed"));
	}

	signal(data: string): void {
		if (this.#seenSignals.has(data)) return;
		this.#seenSignals.add(data);
		try {
			this.#peer.signal(data);
		} catch (error) {
			this.end(error instanceof Error ? error.message : String(error));
		}
	}

	/** The page is going, and its worker with it: what is left to it is simple-peer's own channel. */
	farewell(frame: Uint8Array): void {
		if (!this.#areMoved) this.send("control", frame);
		else if (this.#peer.connected) this.#peer.send(frame);
	}

	send(channel: ChannelClass, frame: Uint8Array): void {
		this.#waiting[channel].push(frame);
		this.#flush(channel);
	}

	close(): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#onEnd();
		// Closing a channel lets its last frames (a bye) leave; destroying the connection at once would not.
		for (const channel of this.#channels.values()) channel.close();
		setTimeout(() => this.#peer.destroy(), LINGER_MS);
		this.#say({ op: "closed", id: this.#open.id, reason: "closed here" });
	}

	end(reason: string): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#onEnd();
		this.#peer.destroy();
		this.#say({ op: "closed", id: this.#open.id, reason });
	}

	#adopt(connection: RTCPeerConnection): void {
		this.#connection = connection;
		connection.addEventListener("connectionstatechange", () => {
			if (this.#areMoved && connection.connectionState === "connected")
				this.#connected();
		});
		for (const [id, name] of CHANNELS.entries()) {
			const channel = connection.createDataChannel(name, {
				negotiated: true,
				id,
			});
			if (this.#move(name, channel)) continue;
			channel.binaryType = "arraybuffer";
			// Refilled in one burst when nearly empty: twice the speed of refilling at half (`npm run bench -- link`).
			channel.bufferedAmountLowThreshold = FRAME_BYTES;
			channel.onopen = () => this.#opened(name, channel);
			channel.onbufferedamountlow = () => this.#flush(name);
			channel.onmessage = ({ data }: MessageEvent<unknown>) => {
				if (!(data instanceof ArrayBuffer)) return;
				const frame = new Uint8Array(data);
				this.#say({ op: "frame", id: this.#open.id, channel: name, frame }, [
					data,
				]);
			};
			channel.onclose = () => this.end("the other end closed the connection");
		}
	}

	/** Hands a new channel to the worker, where the browser can: now or never (facts W1). */
	#move(channel: ChannelClass, moved: RTCDataChannel): boolean {
		const { id } = this.#open;
		try {
			this.#say({ op: "channel", id, channel, moved }, [moved]);
		} catch {
			return false;
		}
		this.#areMoved = true;
		return true;
	}

	#opened(name: ChannelClass, channel: RTCDataChannel): void {
		this.#channels.set(name, channel);
		if (this.#channels.size === CHANNELS.length) this.#connected();
	}

	#connected(): void {
		this.#say({
			op: "opened",
			id: this.#open.id,
			local: fingerprintOf(this.#connection?.localDescription),
			remote: fingerprintOf(this.#connection?.remoteDescription),
		});
	}

	#flush(name: ChannelClass): void {
		const channel = this.#channels.get(name);
		const waiting = this.#waiting[name];
		let taken = 0;
		while (
			channel?.readyState === "open" &&
			waiting.length > 0 &&
			channel.bufferedAmount < HIGH_WATER_BYTES
		) {
			const frame = waiting.shift();
			if (frame === undefined) break;
			channel.send(frame as Uint8Array<ArrayBuffer>);
			taken += frame.byteLength;
		}
		if (taken > 0)
			this.#say({ op: "sent", id: this.#open.id, channel: name, bytes: taken });
	}
}

/** The fingerprints in a description, sorted: DTLS lets only a certificate with one of them through. */
function fingerprintOf(
	description: RTCSessionDescription | null | undefined,
): string {
	const found = description?.sdp.match(/^a=fingerprint:.*$/gm) ?? [];
	const prints = found.map((line) => line.slice(14).trim().toLowerCase());
	return [...new Set(prints)].sort().join(" ");
}
