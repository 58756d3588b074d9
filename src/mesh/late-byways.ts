/**
 * The code of byways is fetched when a page first has another one to speak of: the first load need not bring it. What
 * happens until it is there is done then, in order.
 */
import type { Byways, BywaysDeps } from "./byways.ts";

type Code = typeof import("./byways.ts");

let code: Code | undefined;

/** Fetches the code once for all meshes of this worker. */
export async function fetchByways(): Promise<void> {
	code ??= await import("./byways.ts");
}

/** What a neighbour may make wait. */
const MAX_WAITING = 256;

export class LateByways {
	readonly #deps: BywaysDeps;
	#byways: Byways | undefined;
	#waiting: ((byways: Byways) => void)[] = [];
	#isFetching = false;
	#stopped = false;

	constructor(deps: BywaysDeps) {
		this.#deps = deps;
	}

	/** Does it now, or as soon as the code is there; not at all where that never comes. */
	do(task: (byways: Byways) => void): void {
		this.#begin();
		if (this.#byways !== undefined) task(this.#byways);
		else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(task);
	}

	stop(): void {
		this.#stopped = true;
		this.#waiting = [];
		this.#byways?.stop();
	}

	#begin(): void {
		if (this.#stopped || this.#byways !== undefined) return;
		if (code !== undefined) {
			this.#byways = new code.Byways(this.#deps);
			for (const task of this.#waiting.splice(0)) task(this.#byways);
		} else if (!this.#isFetching) {
			this.#isFetching = true;
			fetchByways().then(
				() => this.#begin(),
				() => {
					// Its server is away: the next thing to do tries again.
					this.#isFetching = false;
				},
			);
		}
	}
}
