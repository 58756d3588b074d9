/** Who can reach whom: cut, one-way and mended cables between hosts, and hosts that are gone. */
export class Cables {
	readonly #cut = new Set<string>();
	/** Hosts that crashed; a page that is opened again is another host. */
	readonly #gone = new Set<string>();
	readonly #suspended = new Set<string>();

	cut(a: string, b: string, isCut: boolean): void {
		const key = pair(a, b);
		if (isCut) this.#cut.add(key);
		else this.#cut.delete(key);
	}
	/** What one host sends no longer reaches the other, which is heard as before. */
	cutOneWay(from: string, to: string): void {
		this.#cut.add(oneWay(from, to));
	}
	healAll(): void {
		this.#cut.clear();
	}
	lose(host: string): void {
		this.#gone.add(host);
	}

	suspend(host: string, isSuspended: boolean): void {
		if (isSuspended) this.#suspended.add(host);
		else this.#suspended.delete(host);
	}

	isCut(from: string, to: string): boolean {
		const isSuspended = this.#suspended.has(from) || this.#suspended.has(to);
		return (
			isSuspended ||
			this.#cut.has(pair(from, to)) ||
			this.#cut.has(oneWay(from, to))
		);
	}
	/** Whether two hosts are there and hear each other. */
	joins(a: string, b: string): boolean {
		const isThere = !this.#gone.has(a) && !this.#gone.has(b);
		return isThere && !this.isCut(a, b) && !this.isCut(b, a);
	}
}

/** The name of two hosts, whichever comes first. */
export const pair = (a: string, b: string): string =>
	a < b ? `${a} ${b}` : `${b} ${a}`;
const oneWay = (from: string, to: string): string => `${from} > ${to}`;
