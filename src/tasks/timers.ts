/** Timers by name: each runs at most once at a time, and all end together. */
import type { Clock } from "../wire/clock.ts";

export class Timers<Name extends string> {
	readonly #clock: Clock;
	readonly #running = new Map<Name, () => void>();
	#stopped = false;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Runs `task` after `ms`, unless a timer of this name is under way already. */
	ensure(name: Name, ms: number, task: () => void): void {
		if (this.#stopped || this.#running.has(name)) return;
		const cancel = this.#clock.after(Math.max(0, ms), () => {
			this.#running.delete(name);
			if (!this.#stopped) task();
		});
		this.#running.set(name, cancel);
	}

	cancel(name: Name): void {
		this.#running.get(name)?.();
		this.#running.delete(name);
	}

	/** Calls all off, and none runs again. */
	stop(): void {
		this.#stopped = true;
		for (const cancel of this.#running.values()) cancel();
		this.#running.clear();
	}
}
