/** Token buckets: what a connection or an address may still send. Pure: the caller says what time it is. */
import type { Allowance } from "./limits.ts";

/** Starts full and refills evenly, completely within `refillMs`. */
export class Bucket {
	readonly #allowance: Allowance;
	readonly #refillMs: number;
	#frames: number;
	#bytes: number;
	#asOf: number;

	constructor(allowance: Allowance, refillMs: number, now: number) {
		this.#allowance = allowance;
		this.#refillMs = refillMs;
		this.#frames = allowance.frames;
		this.#bytes = allowance.bytes;
		this.#asOf = now;
	}

	/** Whether this much is left. Takes nothing. */
	has(cost: Allowance, now: number): boolean {
		this.#refill(now);
		return cost.frames <= this.#frames && cost.bytes <= this.#bytes;
	}

	/** Takes what `has` has allowed. */
	take(cost: Allowance): void {
		this.#frames -= cost.frames;
		this.#bytes -= cost.bytes;
	}

	/** A full bucket tells nothing that a new one would not. */
	isFull(now: number): boolean {
		this.#refill(now);
		return (
			this.#frames >= this.#allowance.frames &&
			this.#bytes >= this.#allowance.bytes
		);
	}

	#refill(now: number): void {
		const share = Math.max(0, now - this.#asOf) / this.#refillMs;
		const { frames, bytes } = this.#allowance;
		this.#frames = Math.min(frames, this.#frames + share * frames);
		this.#bytes = Math.min(bytes, this.#bytes + share * bytes);
		this.#asOf = now;
	}
}

/** Takes from all of the buckets, or, where one has too little, from none. */
export function takeFromAll(
	buckets: readonly Bucket[],
	cost: Allowance,
	now: number,
): boolean {
	// No closures: this is done for each frame.
	for (const bucket of buckets) if (!bucket.has(cost, now)) return false;
	for (const bucket of buckets) bucket.take(cost);
	return true;
}
