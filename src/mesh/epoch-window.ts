/**
 * Which epoch this page speaks, and which it understands (M3). Members learn of a new epoch at different moments: what
 * comes early waits for it, what comes late from the one before still counts for a while.
 */
import type { Clock } from "../wire/clock.ts";
import { EPOCH_GRACE_MS, MAX_EARLY_ENVELOPES } from "../wire/constants.ts";

interface Early {
	readonly epoch: number;
	readonly since: number;
	readonly work: () => void;
}

export class EpochWindow {
	readonly #clock: Clock;
	#current: number;
	/** The lowest and the highest of those before that are still spoken. */
	#lowest = Number.POSITIVE_INFINITY;
	#highest = Number.NEGATIVE_INFINITY;
	#previousUntil = Number.NEGATIVE_INFINITY;
	#early: Early[] = [];

	constructor(clock: Clock, current: number) {
		this.#clock = clock;
		this.#current = current;
	}

	/** The epoch that this page's messages are bound to. */
	get current(): number {
		return this.#current;
	}

	/**
	 * Another epoch began: what waited for it is worked in. It may be an earlier one, where who began the last is found to
	 * have been removed before.
	 */
	move(epoch: number): void {
		if (epoch === this.#current) return;
		const now = this.#clock.now();
		const before = this.#current;
		// Of several in a row the first is still spoken by who hears of them last.
		const isSoon = now < this.#previousUntil;
		this.#lowest = isSoon ? Math.min(this.#lowest, before) : before;
		this.#highest = isSoon ? Math.max(this.#highest, before) : before;
		this.#previousUntil = now + EPOCH_GRACE_MS;
		this.#current = epoch;
		const waiting = this.#early;
		this.#early = waiting.filter((early) => early.epoch > epoch);
		for (const { epoch: of, since, work } of waiting)
			if (of <= epoch && now - since < EPOCH_GRACE_MS) work();
	}

	/**
	 * Does the work that a verified message of an epoch asks for: now, once that epoch begins here, or never where it is
	 * over. Neither is an offence (E3): who sent it may know more, or less, than this page.
	 */
	when(epoch: number, work: () => void): void {
		const now = this.#clock.now();
		const isSpoken =
			epoch >= this.#lowest &&
			epoch <= Math.max(this.#highest, this.#current) &&
			now < this.#previousUntil;
		if (epoch === this.#current || isSpoken) work();
		else if (epoch > this.#current) {
			this.#early.push({ epoch, since: now, work });
			if (this.#early.length > MAX_EARLY_ENVELOPES) this.#early.shift();
		}
	}
}
