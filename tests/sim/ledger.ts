/**
 * Acknowledged writes, and which of them are owed: while one disk or one running page holds a write, it may not be lost.
 */
import { decodeEntry } from "../../src/replica/entry.ts";
import { type EntryRow, PROOF_SEQ } from "../../src/replica/store.ts";
import type { DeviceId, PeerId } from "../../src/wire/ids.ts";
import type { Disk } from "./world/disk.ts";
import type { SimPage } from "./world/swarm.ts";

interface Author {
	readonly session: PeerId;
	readonly device: DeviceId;
}

export class Ledger {
	readonly #space: string;
	/** By key, who wrote it. */
	readonly #owed = new Map<string, Author>();

	/** @param space as replicas name it */
	constructor(space: string) {
		this.#space = space;
	}

	acknowledge(key: string, author: Author): void {
		this.#owed.set(key, author);
	}

	/** A device was removed: of what it wrote no more is owed than this. @param stays told `session key` */
	release(device: DeviceId, stays: (fact: string) => boolean): void {
		for (const [key, author] of [...this.#owed])
			if (author.device === device && !stays(`${author.session} ${key}`))
				this.#owed.delete(key);
	}

	/** Forgets what nobody holds any more, after a fault that took copies away. */
	recount(disks: readonly Disk[], pages: readonly SimPage[]): void {
		if (this.#owed.size === 0) return;
		const stored = disks.map((disk) => this.#soundBytes(disk.rows()));
		const shown = new Set(
			pages.flatMap(({ node }) =>
				node.me().swarm === null
					? []
					: node.swarm.replica.facts(this.#space).map(({ key }) => key),
			),
		);
		for (const key of [...this.#owed.keys()])
			if (!shown.has(key) && !stored.some((bytes) => bytes.includes(key)))
				this.#owed.delete(key);
	}

	/** What is owed and not among these keys. */
	missing(keys: ReadonlySet<string>): [key: string, author: Author][] {
		return [...this.#owed].filter(([key]) => !keys.has(key));
	}

	/** The entries of all logs up to their first gap, in one piece. Keys are text that nothing else contains. */
	#soundBytes(rows: readonly EntryRow[]): Buffer {
		const logs = new Map<string, EntryRow[]>();
		for (const row of rows)
			if (row.space === this.#space && row.seq !== PROOF_SEQ)
				logs.set(row.session, [...(logs.get(row.session) ?? []), row]);
		return Buffer.concat([...logs.values()].flatMap(soundPart));
	}
}

function soundPart(log: readonly EntryRow[]): Uint8Array[] {
	const rows = log.toSorted((a, b) => a.seq - b.seq);
	const isWhole = rows.every(({ seq }, at) => seq === at);
	const start = isWhole
		? 0
		: rows.findLastIndex(
				({ seq, bytes }) =>
					seq === 0 || decodeEntry(bytes).kind === "checkpoint",
			);
	if (start < 0) return [];
	const first = rows[start]?.seq ?? 0;
	const part = rows.slice(start);
	const gap = part.findIndex(({ seq }, at) => seq !== first + at);
	return part.slice(0, gap < 0 ? undefined : gap).map(({ bytes }) => bytes);
}
