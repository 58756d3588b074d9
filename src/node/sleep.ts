/** Notices that the page slept: its computer was suspended, or its browser froze it (L5, facts B3). */
import { type Clock, every } from "../wire/clock.ts";
import { SILENCE_MS, SLEEP_LOOK_MS } from "../wire/constants.ts";

/**
 * Calls `onWake` after every sleep that lasted longer than a link may be silent. Some computers' monotonic clocks stand
 * still while they sleep, so both clocks are looked at. A wall clock that somebody set looks like a sleep, too: what is
 * done then must harm nothing (E6).
 *
 * @returns a function that ends it
 */
export function watchSleep(clock: Clock, onWake: () => void): () => void {
	let now = clock.now();
	let wall = clock.wall();
	return every(clock, SLEEP_LOOK_MS, () => {
		const passed = Math.max(clock.now() - now, clock.wall() - wall);
		now = clock.now();
		wall = clock.wall();
		if (passed - SLEEP_LOOK_MS >= SILENCE_MS) onWake();
	});
}
