/** What the mesh stands on: connections, a relay, the tab channel. The browser adapters live in platform/. */

/** L2: three negotiated channels a link, so that control is never stuck behind bulk. The numbers are channel ids. */
export const CHANNELS = ["control", "state", "bulk"] as const;
export type ChannelClass = (typeof CHANNELS)[number];

/** One open connection to one other page: three ordered, reliable channels of frames. Not yet trusted. */
export interface Transport {
	/** `forwarded`: other pages carry it (L6). */
	readonly via: "tab" | "rtc" | "forwarded";
	/**
	 * What both ends must name in their hellos (L3): the DTLS fingerprints, empty on a tab channel, on a detour the keys
	 * that it is sealed with.
	 */
	readonly fingerprints: { readonly local: string; readonly remote: string };
	/** Hands over a frame of at most FRAME_BYTES plus its header. A closed transport swallows it. */
	send(channel: ChannelClass, frame: Uint8Array): void;
	/** Bytes handed over and not yet taken by the network. */
	buffered(channel: ChannelClass): number;
	close(): void;
}

export interface TransportEvents {
	onFrame(channel: ChannelClass, frame: Uint8Array): void;
	/** `buffered` went down: a waiting sender may go on. */
	onDrain(): void;
	onClose(reason: string): void;
}

/** Connection set-up in progress. */
export interface Connection {
	/** Feeds a signal of the other end (SDP or candidate, opaque here). */
	signal(data: string): void;
	close(): void;
}

export interface ConnectionEvents {
	onSignal(data: string): void;
	/** Returns the listener of the now open transport. */
	onOpen(transport: Transport): TransportEvents;
	/** It never opened. */
	onFail(reason: string): void;
}

export interface Connector {
	connect(initiator: boolean, events: ConnectionEvents): Connection;
}

export type SignalingState = "connected" | "connecting" | "unreachable";

/** Topics on the relay. Everything published here has been sealed before (L3). */
export interface Signaling {
	readonly state: SignalingState;
	/** Hears of every message on a topic until the returned function is called. Survives reconnects. */
	subscribe(
		topic: string,
		listener: (from: string, sealed: Uint8Array) => void,
	): () => void;
	/** `from` is the sender's hashed address. Dropped where the relay is away: whoever needs it says it again. */
	publish(topic: string, from: string, sealed: Uint8Array): void;
	onState(listener: (state: SignalingState) => void): () => void;
	/** Connects anew at once: what there was is most likely dead, and does not know (L5). */
	renew(): void;
	close(): void;
}

/** The broadcast channel of one browser profile. Only this origin's pages hear it. */
export interface TabChannel {
	post(message: TabMessage): void;
	listen(listener: (message: TabMessage) => void): void;
	close(): void;
}

export type TabMessage =
	| {
			readonly kind: "here";
			readonly from: string;
			/** Absent: to everybody. */
			readonly to?: string;
			/** Fresh at every start of a page, so that a reloaded page is known as a new one. */
			readonly nonce: string;
	  }
	| { readonly kind: "bye"; readonly from: string; readonly nonce: string }
	/** One link is closed at the sender's end. */
	| {
			readonly kind: "closed";
			readonly from: string;
			readonly to: string;
			readonly pair: string;
	  }
	| {
			readonly kind: "frame";
			readonly from: string;
			readonly to: string;
			/** Both ends' nonces: frames of a page's earlier life are not taken for this one's. */
			readonly pair: string;
			readonly channel: ChannelClass;
			readonly frame: Uint8Array;
	  };
