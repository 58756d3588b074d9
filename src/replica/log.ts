/** One session's log in one space: its entries, verbatim, and the corner they make. */
import type { Certificate } from "../identity/certificate.ts";
import { fromHex } from "../wire/bytes.ts";
import { codeOf } from "../wire/error.ts";
import type { DeviceId, PeerId, SpaceId } from "../wire/ids.ts";
import { isImmutable, type LogView } from "./accept.ts";
import { Corner } from "./corner.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import { PROOF_SEQ } from "./store.ts";

export interface HeldEntry {
	readonly seq: number;
	readonly bytes: Uint8Array;
	readonly hash: Uint8Array;
}

/** Why a log grows no more, and from which seq on (S5). */
export interface Frozen {
	readonly seq: number;
	readonly proof: Uint8Array;
}

/** What is stored of a fork. */
export const rowOf = ({ proof }: { readonly proof: Uint8Array }) => ({
	seq: PROOF_SEQ,
	bytes: proof,
});

export class Log implements LogView {
	readonly space: SpaceId;
	readonly session: PeerId;
	/** Raw bytes of `session`. */
	readonly key: Uint8Array;
	/** From seq 0, or from the last checkpoint on (S7). */
	#entries: HeldEntry[] = [];
	#corner = new Corner();
	#frozen: Frozen | undefined;
	/** The one that its entries carry; of the own log it is there from the start. */
	certificate: Certificate | undefined;
	/** What its author signed as the next entry and nobody accepts. Another one at its seq would be a fork (S5). */
	refused: Entry | undefined;
	/** Entries from here on are held and show nothing (M1). */
	#end = Number.POSITIVE_INFINITY;
	/** Own writes that the corner shows and the entries do not hold yet (S2). */
	ahead = 0;

	constructor(space: SpaceId, session: PeerId) {
		this.space = space;
		this.session = session;
		this.key = fromHex(session) ?? new Uint8Array(32);
	}

	/** The first seq that is held: 0, or that of the last checkpoint. */
	get base(): number {
		return this.#entries[0]?.seq ?? 0;
	}

	get next(): number {
		return this.base + this.#entries.length;
	}

	get corner(): Corner {
		return this.#corner;
	}

	get device(): DeviceId | undefined {
		return this.certificate?.device;
	}

	get frozen(): Frozen | undefined {
		return this.#frozen;
	}

	/** `null` before the first entry. */
	get head(): Uint8Array | null {
		return this.#entries.at(-1)?.hash ?? null;
	}

	hashAt(seq: number): Uint8Array | undefined {
		return this.#entries[seq - this.base]?.hash;
	}

	bytesAt(seq: number): Uint8Array | undefined {
		return this.#entries[seq - this.base]?.bytes;
	}

	/** The certificate as its entries carry it: the first one held always does. */
	get certificateBytes(): Uint8Array | undefined {
		const first = this.#entries[0] ?? this.refused;
		return first === undefined ? undefined : decodeEntry(first.bytes).cert;
	}

	/** Adds an entry whose update is in the corner. Returns what a checkpoint makes superfluous (S7). */
	append({ seq, bytes, hash, kind }: Entry): readonly HeldEntry[] {
		const isCheckpoint = kind === "checkpoint";
		if (isCheckpoint ? seq < this.next : seq !== this.next)
			throw new Error("a log has no gaps");
		const dropped = isCheckpoint ? this.#entries.splice(0) : [];
		this.#entries.push({ seq, bytes, hash });
		this.refused = undefined;
		return dropped;
	}

	/** Lets a checkpoint's corner take the place of this one (S7). */
	restart(corner: Corner): void {
		this.#corner = corner;
	}

	/**
	 * Ends the log at a fork. Returns the entries that do not count any more (S5).
	 *
	 * @param sound as many entries as cannot be in doubt
	 */
	freeze(frozen: Frozen, sound: number): readonly HeldEntry[] {
		this.#frozen = frozen;
		this.refused = undefined;
		const from = Math.max(0, frozen.seq - this.base, sound);
		const dropped = this.#entries.splice(from);
		if (dropped.length > 0) this.rebuild();
		return dropped;
	}

	/** Whether an entry shows what it says. */
	shows(seq: number): boolean {
		return seq < this.#end;
	}

	/**
	 * Lets entries from a seq on show nothing, because their device was removed, or shows them again (M1).
	 *
	 * @returns whether that changes anything, and the entries that turn out not to fit: nobody looked at them before.
	 */
	limit(end: number): { changed: boolean; dropped: readonly HeldEntry[] } {
		const changed = Math.min(end, this.next) !== Math.min(this.#end, this.next);
		this.#end = end;
		const dropped: HeldEntry[] = [];
		for (let isSound = !changed; !isSound; )
			try {
				this.rebuild();
				isSound = true;
			} catch (error) {
				const last = this.#entries.pop();
				if (codeOf(error) !== "malformed" || last === undefined) throw error;
				dropped.push(last);
			}
		return { changed, dropped };
	}

	/**
	 * Takes back all from a seq on: its device was removed (M1). Where a checkpoint from there on stands for what came
	 * before, nothing is left, and it is had again from who holds it.
	 */
	cut(end: number): readonly HeldEntry[] {
		if (this.refused !== undefined && this.refused.seq >= end)
			this.refused = undefined;
		const dropped = this.#entries.splice(Math.max(0, end - this.base));
		if (dropped.length > 0) this.rebuild();
		return [...dropped, ...this.#thaw(end)];
	}

	/** Lets go of all it holds. */
	clear(): readonly HeldEntry[] {
		const dropped = this.#entries.splice(0);
		this.rebuild();
		return [...dropped, ...this.#thaw(0)];
	}

	/** Forgets a fork that lies beyond the end. */
	#thaw(end: number): readonly HeldEntry[] {
		if (this.#frozen === undefined || this.#frozen.seq < end) return [];
		const row = { ...rowOf(this.#frozen), hash: new Uint8Array(0) };
		this.#frozen = undefined;
		return [row];
	}

	/** Makes the corner again from the entries alone: what else was applied leaves no trace (S3). */
	rebuild(): void {
		const updates = this.#entries
			.map(({ bytes }) => decodeEntry(bytes))
			.filter(
				({ kind, seq }) =>
					kind === "checkpoint" || (kind === "update" && this.shows(seq)),
			)
			.map(({ body }) => body);
		this.ahead = 0;
		this.#corner = Corner.replay(updates, isImmutable(this.space));
	}
}
