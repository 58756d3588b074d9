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

/** Draws of up to so many bytes are cut from a larger one: asking the browser costs more than the bytes do. */
const CUT_BYTES = 64;
const POOL_BYTES = 4096;
let pool = new Uint8Array(0);
let used = 0;

/** Never the same bytes twice, and none that were drawn stay behind. */
function draw(length: number): Uint8Array {
	if (length > CUT_BYTES) return crypto.getRandomValues(new Uint8Array(length));
	if (used + length > pool.length) {
		pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
		used = 0;
	}
	const bytes = pool.slice(used, used + length);
	pool.fill(0, used, used + length);
	used += length;
	return bytes;
}

export const systemRandom: Random = {
	bytes: draw,
	fraction: () => Math.random(),
};
