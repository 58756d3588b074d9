/** What could not be stored is said, kept and tried again (S9). */
import type { Clock } from "../wire/clock.ts";
import {
	MAX_UNSAVED_BYTES,
	SAVE_RETRY_BASE_MS,
	SAVE_RETRY_MAX_MS,
} from "../wire/constants.ts";
import { messageOf } from "../wire/error.ts";
import type { EntryRow, EntryStore } from "./store.ts";

/** One word for all that waits for storage: a reason while anything does, `null` once all is stored. */
export class SaveStatus {
	readonly #tell: (reason: string | null) => void;
	readonly #reasons = new Map<"own" | "others", string>();
	#last: string | null = null;

	constructor(tell: (reason: string | null) => void) {
		this.#tell = tell;
	}

	set(whose: "own" | "others", reason: string | null): void {
		if (reason === null) this.#reasons.delete(whose);
		else this.#reasons.set(whose, reason);
		const now = this.#reasons.get("own") ?? this.#reasons.get("others") ?? null;
		if (now === this.#last) return;
		this.#last = now;
		this.#tell(now);
	}
}

/** Doubling pauses that can be cut short. */
export class Backoff {
	readonly #clock: Clock;
	#failures = 0;
	#wake: (() => void) | undefined;
	#isStopped = false;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	reset(): void {
		this.#failures = 0;
	}

	/** Waits longer each time; at once when stopped. */
	pause(): Promise<void> {
		const ms = Math.min(
			SAVE_RETRY_BASE_MS * 2 ** this.#failures++,
			SAVE_RETRY_MAX_MS,
		);
		return this.wait(ms);
	}

	wait(ms: number): Promise<void> {
		if (this.#isStopped) return Promise.resolve();
		return new Promise((resolve) => {
			const cancel = this.#clock.after(ms, resolve);
			this.#wake = () => {
				cancel();
				resolve();
			};
		});
	}

	stop(): void {
		this.#isStopped = true;
		this.#wake?.();
	}
}

/** Stores accepted entries of others, in order of arrival, one transaction at a time (S10). */
export class Persister {
	readonly #store: EntryStore;
	readonly #status: SaveStatus;
	readonly #backoff: Backoff;
	#waiting: EntryRow[] = [];
	/** What counts no more; deleted after all that waits was stored. */
	#removing: EntryRow[] = [];
	#bytes = 0;
	#work: Promise<void> | undefined;
	#isStopped = false;

	constructor(store: EntryStore, status: SaveStatus, clock: Clock) {
		this.#store = store;
		this.#status = status;
		this.#backoff = new Backoff(clock);
	}

	/** Above the bound rows are let go: they are held in memory, and other peers refill them after a restart. */
	add(row: EntryRow): void {
		if (this.#bytes + row.bytes.length > MAX_UNSAVED_BYTES) return;
		this.#waiting.push(row);
		this.#bytes += row.bytes.length;
		this.#work ??= Promise.resolve().then(() => this.#run());
	}

	/** Deletes rows, also those that are still waiting to be stored. */
	remove(rows: readonly EntryRow[]): void {
		if (rows.length === 0) return;
		this.#removing = this.#removing.concat(rows);
		this.#work ??= Promise.resolve().then(() => this.#run());
	}

	/** Resolves when all is stored, or when a last attempt failed. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#backoff.stop();
		await this.#work;
	}

	async #run(): Promise<void> {
		while (this.#waiting.length > 0 || this.#removing.length > 0) {
			const rows = this.#waiting;
			const removed = this.#removing;
			this.#waiting = [];
			this.#removing = [];
			this.#bytes = 0;
			try {
				if (rows.length > 0) await this.#store.put(rows);
				if (removed.length > 0) await this.#store.remove(removed);
				this.#backoff.reset();
				this.#status.set("others", null);
			} catch (error) {
				this.#status.set("others", messageOf(error));
				if (this.#isStopped) break;
				this.#waiting = rows.concat(this.#waiting);
				this.#removing = removed.concat(this.#removing);
				this.#bytes = this.#waiting.reduce(
					(sum, { bytes }) => sum + bytes.length,
					0,
				);
				await this.#backoff.pause();
			}
		}
		this.#work = undefined;
	}
}
