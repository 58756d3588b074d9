/** What the node worker and its page say about connections: the page hosts them, the worker does everything else. */
import type { ChannelClass, TabMessage } from "../mesh/ports.ts";

export type ToHost =
	| {
			readonly op: "open";
			readonly id: number;
			readonly initiator: boolean;
			readonly iceServers: readonly RTCIceServer[];
	  }
	| { readonly op: "signal"; readonly id: number; readonly data: string }
	| {
			readonly op: "frame";
			readonly id: number;
			readonly channel: ChannelClass;
			readonly frame: Uint8Array;
	  }
	| { readonly op: "close"; readonly id: number }
	/** What the page itself says when it is closed, for its worker may be gone by then (L5). */
	| {
			readonly op: "farewell";
			readonly frame: Uint8Array;
			readonly tabs: { readonly name: string; readonly message: TabMessage }[];
	  };

export type FromHost =
	| { readonly op: "signal"; readonly id: number; readonly data: string }
	/** A channel that the worker has from here on: its frames do not pass the page (facts W1). */
	| {
			readonly op: "channel";
			readonly id: number;
			readonly channel: ChannelClass;
			readonly moved: RTCDataChannel;
	  }
	| {
			readonly op: "opened";
			readonly id: number;
			readonly local: string;
			readonly remote: string;
	  }
	| {
			readonly op: "frame";
			readonly id: number;
			readonly channel: ChannelClass;
			readonly frame: Uint8Array;
	  }
	/** Bytes that the network took off a channel's queue. */
	| {
			readonly op: "sent";
			readonly id: number;
			readonly channel: ChannelClass;
			readonly bytes: number;
	  }
	| { readonly op: "closed"; readonly id: number; readonly reason: string }
	/** The page was shown again after a time in the background or the back-forward cache. */
	| { readonly op: "wake"; readonly persisted: boolean }
	| { readonly op: "hidden" };
