/** Works the messages of each peer one after the other, so that its entries stay in order; bounded for each peer. */
import { MAX_STATE_BYTES } from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";

/** What one peer may make wait. One that respects backpressure stays far below. */
const MAX_WAITING_BYTES = 4 * MAX_STATE_BYTES;

interface Waiting {
	readonly work: Promise<void>;
	readonly bytes: number;
}

export class Inbox {
	readonly #work: (from: PeerId, bytes: Uint8Array) => Promise<void>;
	readonly #waiting = new Map<PeerId, Waiting>();

	constructor(work: (from: PeerId, bytes: Uint8Array) => Promise<void>) {
		this.#work = work;
	}

	/** Resolves when the message was worked in; `undefined` where too much of this peer waits and it was let go. */
	add(from: PeerId, bytes: Uint8Array): Promise<void> | undefined {
		const before = this.#waiting.get(from);
		const waiting = (before?.bytes ?? 0) + bytes.length;
		if (waiting > MAX_WAITING_BYTES) return undefined;
		const work = (before?.work ?? Promise.resolve())
			.then(() => this.#work(from, bytes))
			.finally(() => this.#done(from, bytes.length));
		this.#waiting.set(from, { work, bytes: waiting });
		return work;
	}

	#done(from: PeerId, bytes: number): void {
		const waiting = this.#waiting.get(from);
		if (waiting === undefined) return;
		const left = waiting.bytes - bytes;
		if (left <= 0) this.#waiting.delete(from);
		else this.#waiting.set(from, { ...waiting, bytes: left });
	}
}
