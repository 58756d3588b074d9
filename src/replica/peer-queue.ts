/** What waits to be sent to one peer: in order, one at a time, bounded. */
import { MAX_QUEUED_BYTES } from "../wire/constants.ts";

export class PeerQueue {
	readonly #send: (bytes: Uint8Array) => Promise<void>;
	readonly #waiting: { bytes: Uint8Array; sent: () => void }[] = [];
	#bytes = 0;
	#isBusy = false;
	#isClosed = false;

	/** @param send resolves when there is room for more; what it rejects is lost, and repaired by the sync (S6). */
	constructor(send: (bytes: Uint8Array) => Promise<void>) {
		this.#send = send;
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Queues a message, or drops it where too much waits already: a slow peer must not fill our memory. */
	push(bytes: Uint8Array): boolean {
		if (this.#isClosed || this.#bytes > MAX_QUEUED_BYTES) return false;
		void this.sent(bytes);
		return true;
	}

	/** Queues a message and resolves when it was handed over, or the peer is gone. */
	sent(bytes: Uint8Array): Promise<void> {
		if (this.#isClosed) return Promise.resolve();
		return new Promise((resolve) => {
			this.#waiting.push({ bytes, sent: resolve });
			this.#bytes += bytes.length;
			void this.#drain();
		});
	}

	close(): void {
		this.#isClosed = true;
		for (const { sent } of this.#waiting.splice(0)) sent();
	}

	async #drain(): Promise<void> {
		if (this.#isBusy) return;
		this.#isBusy = true;
		for (
			let item = this.#waiting.shift();
			item !== undefined;
			item = this.#waiting.shift()
		) {
			try {
				await this.#send(item.bytes);
			} catch {
				// A lost message is like one the network lost: differing digests will show it.
			}
			this.#bytes -= item.bytes.length;
			item.sent();
		}
		this.#isBusy = false;
	}
}
