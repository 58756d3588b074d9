/** What happened in a run, as one hash: equal for equal seeds, whatever else differs. */
const PRIME = 0x01000193;

export class Trace {
	#low = 0x811c9dc5;
	#high = 0x9e3779b9;

	/** FNV-1a over UTF-16 units, twice, with different starts. */
	note(what: string): void {
		for (let at = 0; at < what.length; at++) this.#take(what.charCodeAt(at));
		this.#take(0xffff);
	}

	/** A frame that arrived: when, how long it is, and how it ends, which is where its signature is. */
	frame(at: number, bytes: Uint8Array): void {
		this.#take(Math.round(at * 1_000));
		this.#take(bytes.length);
		for (let i = Math.max(0, bytes.length - 8); i < bytes.length; i++)
			this.#take(bytes[i] ?? 0);
	}

	#take(value: number): void {
		this.#low = Math.imul(this.#low ^ value, PRIME) >>> 0;
		this.#high = Math.imul(this.#high ^ value, PRIME + 2) >>> 0;
	}

	get hash(): string {
		return [this.#high, this.#low]
			.map((half) => half.toString(16).padStart(8, "0"))
			.join("");
	}
}
