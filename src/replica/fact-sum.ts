/** One sum over all facts of a corner: each change costs one hash, however many facts there are (S11). */
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeCbor } from "../wire/cbor.ts";

const PART_BYTES = 32;

export class FactSum {
	readonly #sum = new Uint8Array(PART_BYTES);
	/** Where each key's part begins. */
	readonly #places = new Map<string, number>();
	/** What each key adds, side by side: an object for each would take four times as much. */
	#parts = new Uint8Array(4 * PART_BYTES);

	/** XOR of SHA-256([key, value] as CBOR) over all facts; the same in any order of setting them. */
	get bytes(): Uint8Array {
		return this.#sum;
	}

	/** Puts a fact in, in the place of what its key had before. */
	set(key: string, value: unknown): void {
		const place = this.#placeOf(key);
		const before = this.#parts.subarray(place, place + PART_BYTES);
		const part = sha256(encodeCbor([key, value]));
		for (const [at, byte] of part.entries())
			this.#sum[at] = (this.#sum[at] ?? 0) ^ (before[at] ?? 0) ^ byte;
		before.set(part);
	}

	/** A new key's place holds zeros, which change nothing. */
	#placeOf(key: string): number {
		const known = this.#places.get(key);
		if (known !== undefined) return known;
		const place = this.#places.size * PART_BYTES;
		this.#places.set(key, place);
		if (place === this.#parts.length) {
			const larger = new Uint8Array(2 * place);
			larger.set(this.#parts);
			this.#parts = larger;
		}
		return place;
	}
}
