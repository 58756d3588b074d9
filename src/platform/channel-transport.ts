/** A transport whose channels are in this worker: frames go to the network and come from it without the page (facts W1). */
import {
	CHANNELS,
	type ChannelClass,
	type Transport,
	type TransportEvents,
} from "../mesh/ports.ts";
import { FRAME_BYTES } from "../wire/constants.ts";

/** Frames that came before this end was ready: a hello, and whatever a hostile end sends behind it. */
const MAX_EARLY = 64;

export class ChannelTransport implements Transport {
	readonly via = "rtc";
	fingerprints = { local: "", remote: "" };
	readonly #channels = new Map<ChannelClass, RTCDataChannel>();
	readonly #early: [ChannelClass, Uint8Array][] = [];
	readonly #onOpen: () => void;
	readonly #onEnd: () => void;
	#events: TransportEvents | undefined;

	/**
	 * @param onOpen all channels can carry
	 * @param onEnd it is closed, here or at the other end
	 */
	constructor(onOpen: () => void, onEnd: () => void) {
		this.#onOpen = onOpen;
		this.#onEnd = onEnd;
	}

	/** Takes a channel in the turn in which it arrived. */
	add(name: ChannelClass, channel: RTCDataChannel): void {
		this.#channels.set(name, channel);
		channel.binaryType = "arraybuffer";
		// Refilled in one burst when nearly empty: twice the speed of refilling at half (`npm run bench -- link`).
		channel.bufferedAmountLowThreshold = FRAME_BYTES;
		channel.onopen = () => this.#onOpen();
		channel.onbufferedamountlow = () => this.#events?.onDrain();
		channel.onmessage = ({ data }: MessageEvent<unknown>) => {
			if (data instanceof ArrayBuffer) this.frame(name, new Uint8Array(data));
		};
		channel.onclose = () => this.lost("the other end closed the connection");
	}

	get isOpen(): boolean {
		const channels = [...this.#channels.values()];
		return (
			channels.length === CHANNELS.length &&
			channels.every(({ readyState }) => readyState === "open")
		);
	}

	begin(events: TransportEvents): void {
		this.#events = events;
		for (const [name, frame] of this.#early.splice(0))
			events.onFrame(name, frame);
	}

	frame(name: ChannelClass, frame: Uint8Array): void {
		if (this.#events !== undefined) this.#events.onFrame(name, frame);
		else if (this.#early.push([name, frame]) > MAX_EARLY) this.close();
	}

	send(name: ChannelClass, frame: Uint8Array): void {
		const channel = this.#channels.get(name);
		if (channel?.readyState !== "open") return;
		channel.send(frame as Uint8Array<ArrayBuffer>);
	}

	buffered(name: ChannelClass): number {
		return this.#channels.get(name)?.bufferedAmount ?? 0;
	}

	lost(reason: string): void {
		const events = this.#events;
		this.close();
		events?.onClose(reason);
	}

	close(): void {
		for (const channel of this.#channels.values()) {
			channel.onclose = null;
			channel.onmessage = null;
			// Its last frames (a bye) still leave.
			channel.close();
		}
		this.#events = undefined;
		this.#onEnd();
	}
}
