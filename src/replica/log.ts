/** One session's log in one space: its entries, verbatim, and the corner they make. */
import type { Certificate } from "../identity/certificate.ts";
import { fromHex } from "../wire/bytes.ts";
import type { DeviceId, PeerId, SpaceId } from "../wire/ids.ts";
import { isImmutable, type LogView } from "./accept.ts";
import { Corner } from "./corner.ts";
import { decodeEntry, type Entry } from "./entry.ts";

interface HeldEntry {
	readonly bytes: Uint8Array;
	readonly hash: Uint8Array;
}

export class Log implements LogView {
	readonly space: SpaceId;
	readonly session: PeerId;
	/** Raw bytes of `session`. */
	readonly key: Uint8Array;
	readonly #entries: HeldEntry[] = [];
	#corner = new Corner();
	/** The one in seq 0; of the own log it is there from the start. */
	certificate: Certificate | undefined;
	/** Its author signed what nobody accepts, or a fork. Nothing more of it is asked for. */
	stuck = false;

	constructor(space: SpaceId, session: PeerId) {
		this.space = space;
		this.session = session;
		this.key = fromHex(session) ?? new Uint8Array(32);
	}

	get next(): number {
		return this.#entries.length;
	}

	get corner(): Corner {
		return this.#corner;
	}

	get device(): DeviceId | undefined {
		return this.certificate?.device;
	}

	/** `null` before the first entry. */
	get head(): Uint8Array | null {
		return this.#entries.at(-1)?.hash ?? null;
	}

	hashAt(seq: number): Uint8Array | undefined {
		return this.#entries[seq]?.hash;
	}

	bytesAt(seq: number): Uint8Array | undefined {
		return this.#entries[seq]?.bytes;
	}

	append(entry: Entry): void {
		if (entry.seq !== this.next) throw new Error("a log has no gaps");
		this.#entries.push({ bytes: entry.bytes, hash: entry.hash });
	}

	/** Makes the corner again from the entries alone: what else was applied leaves no trace (S3). */
	rebuild(): void {
		const updates = this.#entries
			.map(({ bytes }) => decodeEntry(bytes))
			.filter(({ kind }) => kind === "update")
			.map(({ body }) => body);
		this.#corner = Corner.replay(updates, isImmutable(this.space));
	}
}
