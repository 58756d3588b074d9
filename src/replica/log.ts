/** One session's log in one space: its entries, verbatim, and the corner they make. */
import type { Certificate } from "../identity/certificate.ts";
import { fromHex } from "../wire/bytes.ts";
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

	/** Ends the log at a fork. Returns the entries that do not count any more (S5). */
	freeze(frozen: Frozen): readonly HeldEntry[] {
		this.#frozen = frozen;
		this.refused = undefined;
		const from = Math.max(0, frozen.seq - this.base);
		const dropped = this.#entries.splice(from);
		if (dropped.length > 0) this.rebuild();
		return dropped;
	}

	/** Lets go of all it holds. */
	clear(): readonly HeldEntry[] {
		const dropped = this.#entries.splice(0);
		this.rebuild();
		if (this.#frozen !== undefined)
			dropped.push({ ...rowOf(this.#frozen), hash: new Uint8Array(0) });
		return dropped;
	}

	/** Makes the corner again from the entries alone: what else was applied leaves no trace (S3). */
	rebuild(): void {
		const updates = this.#entries
			.map(({ bytes }) => decodeEntry(bytes))
			.filter(({ kind }) => kind === "update" || kind === "checkpoint")
			.map(({ body }) => body);
		this.ahead = 0;
		this.#corner = Corner.replay(updates, isImmutable(this.space));
	}
}
