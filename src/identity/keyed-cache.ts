/** What is known of public keys, for the keys seen last: peers choose the keys, so the memory is bounded. */
import { toHex } from "../wire/bytes.ts";

export class KeyedCache<V extends object> {
	readonly #entries = new Map<string, V>();
	readonly #capacity: number;

	constructor(capacity: number) {
		this.#capacity = capacity;
	}

	/** The value kept for a key, made where there is none; the value used longest ago is forgotten. */
	take(key: Uint8Array, make: () => V): V {
		const name = toHex(key);
		const value = this.#entries.get(name) ?? make();
		this.#entries.delete(name);
		this.#entries.set(name, value);
		if (this.#entries.size > this.#capacity) {
			const [oldest] = this.#entries.keys();
			if (oldest !== undefined) this.#entries.delete(oldest);
		}
		return value;
	}
}
