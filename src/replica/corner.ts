/** A corner: the single-writer Yjs document of one session in one space (S4). A cache: its entries are the truth (S1). */
import * as Y from "yjs";
import { ShoalError } from "../wire/error.ts";
import { FactSum } from "./fact-sum.ts";
import {
	CORNER_CLIENT,
	type CornerView,
	checkStructure,
	FACTS,
	type FactSet,
} from "./structure.ts";
import { freezePlain } from "./value.ts";

/** While it replays, a corner must not look as if it were the writer: Yjs would draw a new client id (Y10). */
const READER_CLIENT = 0;

export class Corner implements CornerView {
	readonly #doc = new Y.Doc({ guid: "corner", gc: true });
	readonly #map = this.#doc.getMap<unknown>(FACTS);
	readonly #values = new Map<string, unknown>();
	readonly #clocks = new Map<string, number>();
	readonly #keys = new Map<number, string>();
	readonly #sum = new FactSum();
	/** Keys that the sum does not have as they are now. */
	readonly #changed = new Set<string>();
	#writable = false;

	constructor() {
		this.#doc.clientID = READER_CLIENT;
	}

	/** Rebuilds a corner from the updates of its log. @throws ShoalError `malformed` where one does not fit. */
	static replay(updates: Iterable<Uint8Array>, immutable: boolean): Corner {
		const corner = new Corner();
		for (const update of updates) {
			const check = checkStructure(update, corner, immutable);
			if (!check.ok) throw new ShoalError("malformed", check.reason);
			corner.apply(update, check.sets);
		}
		return corner;
	}

	get next(): number {
		return Y.getState(this.#doc.store, CORNER_CLIENT);
	}

	/** Keys in the order of their first write, which is the same on every peer. */
	get values(): ReadonlyMap<string, unknown> {
		return this.#values;
	}

	/**
	 * XOR of SHA-256([key, value] as CBOR) over all facts (S11). It is no commitment: that is what the signed entries
	 * are. It shows where applying the same entries gave something else.
	 */
	digest(): Uint8Array {
		for (const key of this.#changed) this.#sum.set(key, this.#values.get(key));
		this.#changed.clear();
		return this.#sum.bytes;
	}

	/**
	 * All facts as the one update of a new corner (S7): what was overwritten is gone, and so are the clocks it took.
	 */
	snapshot(): Uint8Array {
		const fresh = new Corner();
		fresh.openForWriting();
		return fresh.write(this.#values);
	}

	clockOf(key: string): number | undefined {
		return this.#clocks.get(key);
	}

	keyAt(clock: number): string | undefined {
		return this.#keys.get(clock);
	}

	/**
	 * Applies an update that passed `checkStructure` against this corner, with the sets found there.
	 *
	 * @throws ShoalError `malformed` where Yjs throws or leaves anything over. The corner is then spoilt: rebuild it.
	 */
	apply(update: Uint8Array, sets: readonly FactSet[]): void {
		if (this.#writable) throw new Error("a corner being written is not fed");
		const before = this.next;
		try {
			Y.applyUpdate(this.#doc, update);
		} catch (cause) {
			throw new ShoalError("malformed", "the update does not apply", { cause });
		}
		const { pendingStructs, pendingDs, clients } = this.#doc.store;
		const whole =
			pendingStructs === null &&
			pendingDs === null &&
			clients.size === 1 &&
			this.next === before + sets.length &&
			sets.every(({ key }) => this.#map.has(key));
		if (!whole) throw new ShoalError("malformed", "the update leaves a rest");
		this.#take(sets);
	}

	/** From here on the own session writes, after all of its log was replayed (Y10). */
	openForWriting(): void {
		this.#doc.clientID = CORNER_CLIENT;
		this.#writable = true;
	}

	get isWritable(): boolean {
		return this.#writable;
	}

	/** The session ended (S8, E1): what comes of its log from others is replayed like any other's. */
	closeForWriting(): void {
		this.#doc.clientID = READER_CLIENT;
		this.#writable = false;
	}

	/**
	 * Sets keys in one transaction and returns its update.
	 *
	 * @throws Error where the client id is not the corner's: an entry signed so would be refused everywhere (Y10).
	 */
	write(facts: ReadonlyMap<string, unknown>): Uint8Array {
		if (!this.#writable || this.#doc.clientID !== CORNER_CLIENT)
			throw new Error("the corner is not open for writing");
		const start = this.next;
		let update: Uint8Array | undefined;
		const keep = (
			bytes: Uint8Array,
			_: unknown,
			__: unknown,
			t: Y.Transaction,
		) => {
			if (t.local) update = bytes;
		};
		this.#doc.on("update", keep);
		try {
			this.#doc.transact(() => {
				for (const [key, value] of facts) this.#map.set(key, value);
			});
		} finally {
			this.#doc.off("update", keep);
		}
		if (update === undefined || this.#doc.clientID !== CORNER_CLIENT)
			throw new Error("the corner's transaction was not its own");
		// Own updates pass the same check as everybody's: what others would refuse is not signed.
		const check = checkStructure(
			update,
			{
				next: start,
				clockOf: (key) => this.#clocks.get(key),
				keyAt: (clock) => this.#keys.get(clock),
			},
			false,
		);
		if (!check.ok)
			throw new Error(`the corner wrote what it would refuse: ${check.reason}`);
		this.#take(check.sets);
		return update;
	}

	#take(sets: readonly FactSet[]): void {
		for (const { key, clock } of sets) {
			const before = this.#clocks.get(key);
			if (before !== undefined) this.#keys.delete(before);
			this.#clocks.set(key, clock);
			this.#keys.set(clock, key);
			this.#values.set(key, freezePlain(this.#map.get(key)));
			this.#changed.add(key);
		}
	}
}
