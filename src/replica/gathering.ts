/** Gathers own writes for a moment, so that many make one entry (S2); bounded by what may wait for storage. */
import type { Clock } from "../wire/clock.ts";
import { COMMIT_DELAY_MS, MAX_UNSAVED_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { SpaceId } from "../wire/ids.ts";
import type { Draft, Waiter } from "./draft.ts";

export class Gathering {
	readonly #clock: Clock;
	readonly #onDue: () => void;
	#drafts = new Map<SpaceId, Draft[]>();
	/** Of all writes that are not stored yet, those taken out included. */
	#bytes = 0;
	#cancelTimer: (() => void) | undefined;

	/** @param onDue it is time to make entries of what was gathered. */
	constructor(clock: Clock, onDue: () => void) {
		this.#clock = clock;
		this.#onDue = onDue;
	}

	/** Drafts of a space that wait. */
	of(space: SpaceId): readonly Draft[] {
		return this.#drafts.get(space) ?? [];
	}

	/** Whether something waits whose time has come. */
	get isDue(): boolean {
		return this.#drafts.size > 0 && this.#cancelTimer === undefined;
	}

	/**
	 * Adds a write and resolves, with the hash of its entry, once its waiter is told so.
	 *
	 * @param isUrgent somebody waits for it: it goes, with what has gathered, at the end of this turn
	 * @throws ShoalError `not-saved` where too much waits already
	 */
	async add(
		space: SpaceId,
		bytes: number,
		draftOf: (waiter: Waiter) => Draft,
		isUrgent = false,
	): Promise<Uint8Array> {
		if (this.#bytes + bytes > MAX_UNSAVED_BYTES)
			throw new ShoalError("not-saved", "Too much is waiting to be saved.");
		this.#bytes += bytes;
		try {
			return await new Promise<Uint8Array>((resolve, reject) => {
				const drafts = this.#drafts.get(space) ?? [];
				drafts.push(draftOf({ resolve, reject }));
				this.#drafts.set(space, drafts);
				if (isUrgent) this.stop();
				this.#cancelTimer ??= this.#clock.after(
					isUrgent ? 0 : COMMIT_DELAY_MS,
					() => {
						this.#cancelTimer = undefined;
						this.#onDue();
					},
				);
			});
		} finally {
			this.#bytes -= bytes;
		}
	}

	/** Takes all drafts out. */
	take(): ReadonlyMap<SpaceId, readonly Draft[]> {
		const taken = this.#drafts;
		this.#drafts = new Map();
		return taken;
	}

	/** Waits no longer. */
	stop(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
	}
}
