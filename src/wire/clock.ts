/** The ports of time and chance. Nothing in the product reads either in any other way, so a swarm replays from a seed. */

export interface Clock {
	/** Monotonic milliseconds. Only differences mean anything (E6). */
	now(): number;
	/** Wall clock, milliseconds since 1970. For display, an invite's expiry and noticing sleep, and nothing else (E6). */
	wall(): number;
	/** Runs `task` once after `ms`. Returns a function that calls it off. */
	after(ms: number, task: () => void): () => void;
}

export interface Random {
	/** Cryptographically strong outside the simulator. */
	bytes(length: number): Uint8Array;
	/** Uniform in [0, 1); for jitter and choice, never for keys. */
	fraction(): number;
}

/** Calls `task` every `ms` until called off. */
export function every(clock: Clock, ms: number, task: () => void): () => void {
	let cancel = clock.after(ms, tick);
	function tick(): void {
		cancel = clock.after(ms, tick);
		task();
	}
	return () => cancel();
}
