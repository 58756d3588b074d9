/** Sending with backpressure: a queue a class, and a sender that waits above the high-water mark (L4). */
import { HIGH_WATER_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { cutFrames } from "./framing.ts";
import { CHANNELS, type ChannelClass, type Transport } from "./ports.ts";

interface Outgoing {
	readonly frames: Iterator<Uint8Array>;
	readonly done: () => void;
	readonly lost: (error: ShoalError) => void;
}

export class Sender {
	readonly #transport: Transport;
	readonly #queues: Record<ChannelClass, Outgoing[]> = {
		control: [],
		state: [],
		bulk: [],
	};
	#closed = false;

	constructor(transport: Transport) {
		this.#transport = transport;
	}

	/**
	 * Sends one message of a class. Resolves when its last frame was handed to the transport.
	 *
	 * @throws ShoalError `link-lost` where the link goes away before that.
	 */
	send(channel: ChannelClass, message: Uint8Array): Promise<void> {
		if (this.#closed) return Promise.reject(lost());
		return new Promise((done, reject) => {
			const frames = cutFrames(message);
			this.#queues[channel].push({
				frames,
				done,
				lost: reject,
			});
			this.pump();
		});
	}

	/** Hands over as much as the transport takes: control first, then a frame a class in turn. */
	pump(): void {
		let moved = true;
		while (moved && !this.#closed) {
			moved = false;
			for (const channel of CHANNELS) {
				if (this.#step(channel)) moved = true;
				while (channel === "control" && this.#step(channel)) moved = true;
			}
		}
	}

	/** Rejects everything that is still waiting. */
	close(): void {
		this.#closed = true;
		for (const channel of CHANNELS)
			for (const outgoing of this.#queues[channel].splice(0))
				outgoing.lost(lost());
	}

	#step(channel: ChannelClass): boolean {
		const outgoing = this.#queues[channel][0];
		if (
			outgoing === undefined ||
			this.#transport.buffered(channel) >= HIGH_WATER_BYTES
		)
			return false;
		const { value, done } = outgoing.frames.next();
		if (!done) this.#transport.send(channel, value);
		else {
			this.#queues[channel].shift();
			outgoing.done();
		}
		return true;
	}
}

const lost = (): ShoalError =>
	new ShoalError("link-lost", "The connection to the other device was lost.");
