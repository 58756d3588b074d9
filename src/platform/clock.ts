/** The real clock and the real chance. In a worker the timers are not throttled when the page is hidden (facts B3). */
import type { Clock, Random } from "../wire/clock.ts";

export const systemClock: Clock = {
	now: () => performance.now(),
	wall: () => Date.now(),
	after(ms, task) {
		const timer = setTimeout(task, ms);
		return () => clearTimeout(timer);
	},
};

export const systemRandom: Random = {
	bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
	fraction: () => Math.random(),
};
