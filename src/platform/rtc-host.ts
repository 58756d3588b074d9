/**
 * The page's side of connections. RTCPeerConnection exists only on the page (facts W1), so the page hosts them and
 * passes bytes; it decides nothing. simple-peer does the offer/answer/candidate dance, our own negotiated channels
 * carry the frames (L2, facts W3).
 */
import type SimplePeer from "simple-peer";
import { CHANNELS, type ChannelClass } from "../mesh/ports.ts";
import { FRAME_BYTES, HIGH_WATER_BYTES } from "../wire/constants.ts";
import type { FromHost, ToHost } from "./rtc-protocol.ts";

type PeerClass = typeof SimplePeer;

/** How long a closing connection may still send. */
const LINGER_MS = 500;

let coming: Promise<PeerClass> | undefined;

/** simple-peer's bundled build, fetched when the first other device appears, or is expected (facts V6). */
export function fetchRtc(): Promise<PeerClass> {
	coming ??= import("simple-peer/simplepeer.min.js").then(
		(module: { default: PeerClass }) => module.default,
		(error: unknown) => {
			// Tried again with the next connection.
			coming = undefined;
			throw error;
		},
	);
	return coming;
}

/** @param port the other end is `createRtcConnector` in the worker */
export function hostRtc(port: MessagePort): void {
	const hosted = new Map<number, HostedConnection>();
	const say = (message: FromHost, transfer: Transferable[] = []): void =>
		port.postMessage(message, transfer);
	let farewell: Extract<ToHost, { op: "farewell" }> | undefined;

	port.onmessage = ({ data }: MessageEvent<ToHost>) => {
		if (data.op === "farewell") farewell = data;
		else if (data.op === "open") {
			const connection = new HostedConnection(data, say, () =>
				hosted.delete(data.id),
			);
			hosted.set(data.id, connection);
			fetchRtc().then(
				(Peer) => connection.start(Peer),
				() => connection.end("the connection code could not be loaded"),
			);
		} else if (data.op === "close") hosted.get(data.id)?.close();
		else if (data.op === "signal") hosted.get(data.id)?.signal(data.data);
		else hosted.get(data.id)?.send(data.channel, data.frame);
	};

	const tellVisibility = (): void =>
		say(
			document.visibilityState === "visible"
				? { op: "wake", persisted: false }
				: { op: "hidden" },
		);
	addEventListener("pagehide", () => {
		if (farewell === undefined) return;
		for (const connection of hosted.values())
			connection.send("control", farewell.frame);
		for (const { name, message } of farewell.tabs) {
			const channel = new BroadcastChannel(name);
			channel.postMessage(message);
			channel.close();
		}
	});
	addEventListener("pageshow", ({ persisted }) => {
		if (persisted) say({ op: "wake", persisted });
	});
	document.addEventListener("visibilitychange", () => {
		tellVisibility();
	});
	if (document.visibilityState !== "visible") tellVisibility();
}

class HostedConnection {
	readonly #open: Extract<ToHost, { op: "open" }>;
	readonly #say: (message: FromHost, transfer?: Transferable[]) => void;
	readonly #onEnd: () => void;
	readonly #channels = new Map<ChannelClass, RTCDataChannel>();
	readonly #waiting: Record<ChannelClass, Uint8Array[]> = {
		control: [],
		state: [],
		bulk: [],
	};
	readonly #earlySignals: string[] = [];
	/** A relay may say things twice, and a second offer or answer would end the dance (L3). */
	readonly #seenSignals = new Set<string>();
	#peer: SimplePeer.Instance | undefined;
	#connection: RTCPeerConnection | undefined;
	#ended = false;

	constructor(
		open: Extract<ToHost, { op: "open" }>,
		say: (message: FromHost, transfer?: Transferable[]) => void,
		onEnd: () => void,
	) {
		this.#open = open;
		this.#say = say;
		this.#onEnd = onEnd;
	}

	start(Peer: PeerClass): void {
		if (this.#ended) return;
		const { id, initiator, iceServers } = this.#open;
		const adopt = (connection: RTCPeerConnection): void =>
			this.#adopt(connection);
		class Connection extends RTCPeerConnection {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				adopt(this);
			}
		}
		const peer = new Peer({
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
		this.#peer = peer;
		peer.on("signal", (data) =>
			this.#say({ op: "signal", id, data: JSON.stringify(data) }),
		);
		peer.on("error", (error) => this.end(error.message));
		peer.on("close", () => this.end("the connection was closed"));
		for (const signal of this.#earlySignals.splice(0))
			this.#apply(peer, signal);
	}

	signal(data: string): void {
		if (this.#seenSignals.has(data)) return;
		this.#seenSignals.add(data);
		if (this.#peer === undefined) this.#earlySignals.push(data);
		else this.#apply(this.#peer, data);
	}

	#apply(peer: SimplePeer.Instance, data: string): void {
		try {
			peer.signal(data);
		} catch (error) {
			this.end(error instanceof Error ? error.message : String(error));
		}
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
		setTimeout(() => this.#peer?.destroy(), LINGER_MS);
		this.#say({ op: "closed", id: this.#open.id, reason: "closed here" });
	}

	end(reason: string): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#onEnd();
		this.#peer?.destroy();
		this.#say({ op: "closed", id: this.#open.id, reason });
	}

	#adopt(connection: RTCPeerConnection): void {
		this.#connection = connection;
		for (const [id, name] of CHANNELS.entries()) {
			const channel = connection.createDataChannel(name, {
				negotiated: true,
				id,
			});
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

	#opened(name: ChannelClass, channel: RTCDataChannel): void {
		this.#channels.set(name, channel);
		if (this.#channels.size < CHANNELS.length) return;
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
