/** A virtual clock: time passes only when the simulation says so. */
import type { Clock } from "../../../src/wire/clock.ts";

interface Timer {
	readonly at: number;
	readonly order: number;
	readonly task: () => void;
}

export class VirtualClock implements Clock {
	#now = 0;
	#order = 0;
	#timers: Timer[] = [];

	now(): number {
		return this.#now;
	}
	wall(): number {
		return 1_700_000_000_000 + Math.floor(this.#now);
	}

	after(ms: number, task: () => void): () => void {
		const timer = {
			at: this.#now + Math.max(0, ms),
			order: this.#order++,
			task,
		};
		// Kept sorted by time, then by order of asking: the same seed gives the same run.
		let low = 0;
		let high = this.#timers.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const other = this.#timers[middle];
			if (other !== undefined && other.at <= timer.at) low = middle + 1;
			else high = middle;
		}
		this.#timers.splice(low, 0, timer);
		return () => {
			const index = this.#timers.indexOf(timer);
			if (index >= 0) this.#timers.splice(index, 1);
		};
	}

	/** Lets `ms` of virtual time pass; every task's promises settle before the next task runs. */
	async run(ms: number): Promise<void> {
		const until = this.#now + ms;
		await settle();
		for (;;) {
			const next = this.#timers[0];
			if (next === undefined || next.at > until) break;
			this.#timers.shift();
			this.#now = next.at;
			next.task();
			await settle();
		}
		this.#now = until;
	}

	/** Runs until the condition holds, looked at every `stepMs`. @returns whether it did within `limitMs` of virtual time */
	async until(
		condition: () => boolean,
		limitMs: number,
		stepMs = 25,
	): Promise<boolean> {
		const end = this.#now + limitMs;
		while (!condition()) {
			if (this.#now >= end) return false;
			await this.run(Math.min(stepMs, end - this.#now));
		}
		return true;
	}
}

/** All microtasks run before the next macrotask does. */
const settle = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

/** One page's view of the clock: a killed page's timers never fire, a frozen page's wait until it thaws (facts B3). */
export class PageClock implements Clock {
	readonly #clock: Clock;
	readonly #waiting: (() => void)[] = [];
	#state: "runs" | "frozen" | "dead" = "runs";
	/** Timers set and neither run nor called off. */
	#timers = 0;
	/** By how much the wall clock is wrong; somebody may set it while the page runs. */
	skewMs: number;

	constructor(clock: Clock, skewMs = 0) {
		this.#clock = clock;
		this.skewMs = skewMs;
	}
	get timers(): number {
		return this.#timers;
	}
	now(): number {
		return this.#clock.now();
	}
	wall(): number {
		return this.#clock.wall() + Math.floor(this.skewMs);
	}
	after(ms: number, task: () => void): () => void {
		let isOff = false;
		this.#timers++;
		const done = (): void => {
			if (!isOff) this.#timers--;
			isOff = true;
		};
		const fire = (): void => {
			if (isOff || this.#state === "dead") return;
			if (this.#state === "frozen") {
				this.#waiting.push(fire);
				return;
			}
			done();
			task();
		};
		const cancel = this.#clock.after(ms, fire);
		return () => {
			done();
			cancel();
		};
	}
	kill(): void {
		this.#state = "dead";
	}
	freeze(): void {
		this.#state = "frozen";
	}
	thaw(): void {
		this.#state = "runs";
		for (const fire of this.#waiting.splice(0)) fire();
	}
}
