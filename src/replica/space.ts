/** A space: the logs of all sessions in it, and the facts they add up to. */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";
import { Log } from "./log.ts";
import type { Fact } from "./types.ts";

/** How far a log reaches. */
export interface LogHead {
	readonly session: Uint8Array;
	readonly next: number;
	/** `null` of a log that holds nothing, because it forks at its first entry. */
	readonly head: Uint8Array | null;
	/** The seq at which it forks (S5). */
	readonly frozen?: number;
}

/** A log's head as it is sent, and hashed: [session, next seq, head], and the seq of its fork where it has one. */
export const headTuple = ({
	session,
	next,
	head,
	frozen,
}: LogHead): readonly unknown[] =>
	frozen === undefined ? [session, next, head] : [session, next, head, frozen];

/** Hex of SHA-256 over the deterministic CBOR of the head of every log, by session (S6). */
function digestOfHeads(heads: readonly LogHead[]): string {
	return toHex(sha256(encodeCbor(heads.map(headTuple))));
}

/** The digest of a space that holds nothing. */
export const EMPTY_DIGEST = digestOfHeads([]);

export class Space {
	readonly id: SpaceId;
	/** By session; sorted when read, so that every peer lists the same. */
	readonly #logs = new Map<PeerId, Log>();
	#facts: readonly Fact[] | undefined;
	#heads: readonly LogHead[] | undefined;
	#digest: string | undefined;
	#state: string | undefined;

	constructor(id: SpaceId) {
		this.id = id;
	}

	log(session: PeerId): Log | undefined {
		return this.#logs.get(session);
	}

	/** The session's log, made where there is none. A log without entries counts for nothing. */
	open(session: PeerId): Log {
		const known = this.#logs.get(session);
		if (known !== undefined) return known;
		const log = new Log(this.id, session);
		this.#logs.set(session, log);
		return log;
	}

	/** Logs by ascending session. */
	logs(): Log[] {
		return [...this.#logs.values()].sort((a, b) =>
			a.session < b.session ? -1 : 1,
		);
	}

	/** Whether any log holds or shows anything. */
	get used(): boolean {
		for (const log of this.#logs.values())
			if (log.next > 0 || log.corner.values.size > 0 || log.frozen) return true;
		return false;
	}

	/** To be called after any change, so that what was computed is computed again. */
	touch(): void {
		this.#facts = undefined;
		this.#heads = undefined;
		this.#digest = undefined;
		this.#state = undefined;
	}

	heads(): readonly LogHead[] {
		this.#heads ??= this.logs().flatMap(
			({ key, next, head, frozen }): LogHead[] => {
				if (frozen !== undefined)
					return [{ session: key, next, head, frozen: frozen.seq }];
				return head === null ? [] : [{ session: key, next, head }];
			},
		);
		return this.#heads;
	}

	digest(): string {
		this.#digest ??= digestOfHeads(this.heads());
		return this.#digest;
	}

	/**
	 * Hex of SHA-256 over the deterministic CBOR of [session, digest of its corner] of every log with a head (S11).
	 * `undefined` while own writes are shown that are not stored yet: then facts and heads tell of different times.
	 */
	state(): string | undefined {
		const logs = this.logs();
		if (logs.some(({ ahead }) => ahead > 0)) return undefined;
		this.#state ??= toHex(
			sha256(
				encodeCbor(
					logs.flatMap(({ key, head, corner }) =>
						head === null ? [] : [[key, corner.digest()]],
					),
				),
			),
		);
		return this.#state;
	}

	/** The facts of one key, without making a list of all. */
	factsAt(key: string): Fact[] {
		return this.logs().flatMap(({ corner, session, device }) =>
			device === undefined || !corner.values.has(key)
				? []
				: [{ key, value: corner.values.get(key), peer: session, device }],
		);
	}

	facts(): readonly Fact[] {
		this.#facts ??= Object.freeze(
			this.logs().flatMap(({ corner, session, device }) =>
				device === undefined
					? []
					: Array.from(corner.values, ([key, value]) => ({
							key,
							value,
							peer: session,
							device,
						})),
			),
		);
		return this.#facts;
	}
}
