/**
 * A profile's disk: it can be full for a while (S9), go back to what it held earlier, as after a lost tail or from an
 * older copy, and get damaged. Entries and identity are one database, so they go back together.
 */
import { createMemoryEntryStore } from "../../../src/replica/memory-store.ts";
import type { EntryRow, EntryStore } from "../../../src/replica/store.ts";
import type { Random } from "../../../src/wire/clock.ts";
import { ShoalError } from "../../../src/wire/error.ts";
import type { ProfileIdentity } from "./identity.ts";

/** It can go back so far. */
const MAX_STATES = 50;

interface State {
	readonly rows: ReadonlyMap<string, EntryRow>;
	goBack(): void;
}

export class Disk {
	isFull = false;
	readonly store: EntryStore;
	readonly #identity: ProfileIdentity;
	readonly #rows = new Map<string, EntryRow>();
	/** What it held after each change since it was last told to keep all, oldest first. */
	#states: State[] = [];
	readonly #damaged = new Set<EntryRow>();

	constructor(identity: ProfileIdentity) {
		this.#identity = identity;
		const inner = createMemoryEntryStore(identity.nonces, this.#rows);
		this.store = {
			...inner,
			append: (fence, rows) => this.#change(() => inner.append(fence, rows)),
			put: (rows) => this.#change(() => inner.put(rows)),
			remove: (rows) => this.#change(() => inner.remove(rows)),
		};
	}

	async #change(work: () => Promise<void>): Promise<void> {
		if (this.isFull)
			throw new ShoalError("not-saved", "There is no room on this device.");
		await work();
		this.#remember();
	}

	#remember(): void {
		const goBack = this.#identity.capture();
		this.#states.push({ rows: new Map(this.#rows), goBack });
		if (this.#states.length > MAX_STATES) this.#states.shift();
	}

	/** It never goes back beyond now. */
	keep(): void {
		this.#states = [];
		this.#remember();
	}

	/** Goes back by so many changes, as far as it may. @returns whether anything is lost */
	goBack(changes: number): boolean {
		const index = Math.max(0, this.#states.length - 1 - changes);
		const state = this.#states[index];
		if (state === undefined || index === this.#states.length - 1) return false;
		this.#rows.clear();
		for (const [name, row] of state.rows) this.#rows.set(name, row);
		state.goBack();
		this.#states.length = index + 1;
		return true;
	}

	/**
	 * Turns bits, or loses a row in the middle of a log. The last row of a log stays: a log that merely ends earlier looks
	 * like one that went back in time.
	 */
	damage(random: Random): void {
		const rows = [...this.#rows].filter(([, row]) => !this.#isLast(row));
		const [name, row] = rows[Math.floor(random.fraction() * rows.length)] ?? [];
		if (name === undefined || row === undefined) return;
		if (random.fraction() < 0.5) {
			this.#rows.delete(name);
			return;
		}
		const bytes = row.bytes.slice();
		const at = Math.floor(random.fraction() * bytes.length);
		bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.fraction() * 8));
		const torn = { ...row, bytes };
		this.#rows.set(name, torn);
		this.#damaged.add(torn);
	}

	#isLast({ space, session, seq }: EntryRow): boolean {
		return ![...this.#rows.values()].some(
			(row) => row.space === space && row.session === session && row.seq > seq,
		);
	}

	/** All rows that can be read. */
	rows(): EntryRow[] {
		return [...this.#rows.values()].filter((row) => !this.#damaged.has(row));
	}
}
