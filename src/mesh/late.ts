/**
 * Code that is fetched when a page first meets others in a swarm: the first load need not bring it. What happens until it
 * is there is done then, in order.
 */
import type { Clock } from "../wire/clock.ts";
import { FETCH_RETRY_MS } from "../wire/constants.ts";
import type { Byways, BywaysDeps } from "./byways.ts";

type Code = typeof import("./neighbours.ts");

let code: Code | undefined;

/** Fetches the code once for all meshes of this worker. Rejects where its server is away. */
export async function fetchNeighbours(): Promise<Code> {
	code ??= await import("./neighbours.ts");
	return code;
}

/** Does something with the code: now, or once it is there. */
export function whenFetched(clock: Clock, task: (code: Code) => void): void {
	if (code !== undefined) task(code);
	else
		fetchNeighbours().then(task, () => {
			clock.after(FETCH_RETRY_MS, () => whenFetched(clock, task));
		});
}

/** What neighbours may make wait. */
const MAX_WAITING = 256;

export class LateByways {
	#byways: Byways | undefined;
	#waiting: ((byways: Byways) => void)[] = [];
	#stopped = false;

	constructor(deps: BywaysDeps) {
		whenFetched(deps.clock, ({ Byways }) => {
			if (this.#stopped) return;
			this.#byways = new Byways(deps);
			for (const task of this.#waiting.splice(0)) task(this.#byways);
		});
	}

	/** Does it now, or as soon as the code is there. */
	do(task: (byways: Byways) => void): void {
		if (this.#byways !== undefined) task(this.#byways);
		else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(task);
	}

	stop(): void {
		this.#stopped = true;
		this.#waiting = [];
		this.#byways?.stop();
	}
}
