/**
 * Rebuilds the corners from stored entries (S1). They were accepted once: their structure is looked at again, and that
 * they are what was stored.
 */
import { equalBytes } from "../wire/bytes.ts";
import { codeOf, ShoalError } from "../wire/error.ts";
import {
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import { type Fork, verifyProof } from "./fork-proof.ts";
import type { Holdings } from "./holdings.ts";
import { type EntryRow, type EntryStore, PROOF_SEQ } from "./store.ts";
import type { EntryVerifier } from "./verify.ts";

/** From where on a stored log could not be read. What follows is had again from peers. */
export interface Damage {
	readonly space: SpaceId;
	readonly session: PeerId;
	readonly seq: number;
}

export interface Loaded {
	/** Where logs were damaged; each of them ends before its damage. */
	readonly damages: readonly Damage[];
	readonly forks: readonly Fork[];
	/** Rows that count no more: a checkpoint, a fork or a seal came, and the page closed before they were deleted. */
	readonly stale: readonly EntryRow[];
}

/** Loads all that is stored of a swarm, its own space first. */
export async function loadAll(
	store: EntryStore,
	swarm: SwarmId,
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<Loaded> {
	const spaces = await store.spaces(swarm);
	spaces.sort((a, b) => Number(b === SWARM_SPACE) - Number(a === SWARM_SPACE));
	const damages: Damage[] = [];
	const forks: Fork[] = [];
	const stale: EntryRow[] = [];
	for (const space of spaces) {
		const rows = await store.load(swarm, space);
		if (holdings.isSealed(space)) stale.push(...rows);
		else
			for (const log of logsOf(rows))
				try {
					const fork = await loadProof(log, swarm, holdings, verifier);
					if (fork !== undefined) forks.push(fork);
					stale.push(...(await loadLog(log, holdings, verifier)));
				} catch (error) {
					if (!(error instanceof DamagedLog)) throw error;
					damages.push(error.damage);
				}
	}
	return { damages, forks, stale };
}

class DamagedLog extends Error {
	readonly damage: Damage;

	constructor(damage: Damage) {
		super("a stored log is damaged");
		this.damage = damage;
	}
}

/** The rows of each session; they come sorted. */
function logsOf(rows: readonly EntryRow[]): EntryRow[][] {
	const logs: EntryRow[][] = [];
	for (const row of rows) {
		const last = logs.at(-1);
		if (last?.[0]?.session === row.session) last.push(row);
		else logs.push([row]);
	}
	return logs;
}

/** The proof that the log forks, where one is stored and can be read. */
async function loadProof(
	[first]: readonly EntryRow[],
	swarm: SwarmId,
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<Fork | undefined> {
	if (first?.seq !== PROOF_SEQ) return undefined;
	try {
		const fork = await verifyProof(first.bytes, swarm, verifier);
		return holdings.freeze(fork, true) ? fork : undefined;
	} catch (error) {
		// Peers that know of the fork tell it again.
		if (codeOf(error) === undefined) throw error;
		return undefined;
	}
}

/** Loads a log from its last checkpoint on. Returns the rows that count no more. */
async function loadLog(
	log: readonly EntryRow[],
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<EntryRow[]> {
	const rows = log.filter(({ seq }) => seq !== PROOF_SEQ);
	const entries = rows.map(readRow);
	const isBeyond = (entry: Entry | undefined): boolean =>
		entry !== undefined && isCut(entry, holdings);
	const start = entries.findLastIndex(
		(entry) => entry?.kind === "checkpoint" && !isBeyond(entry),
	);
	const cut = entries.findIndex(isBeyond);
	const kept = entries.slice(0, cut === -1 ? undefined : cut);
	const end = await soundEnd(kept, Math.max(start, 0), verifier);
	const stale: EntryRow[] = [];
	for (const [at, row] of rows.entries()) {
		const entry = entries[at];
		if (at < start || isBeyond(entry)) {
			stale.push(row);
			continue;
		}
		const isAccepted =
			at < end &&
			entry !== undefined &&
			(await load(entry, holdings, verifier));
		if (!isAccepted) throw new DamagedLog(row);
	}
	return stale;
}

/**
 * Up to where stored entries are what their author signed. Each names the hash of the one before, so the signature of the
 * last vouches for all: one is verified for each log. A bit that turned on the disk would look like a fork of the
 * author's, and be sent on as one (E3, S5).
 */
async function soundEnd(
	entries: readonly (Entry | undefined)[],
	start: number,
	verifier: EntryVerifier,
): Promise<number> {
	let end = start;
	for (let before: Entry | undefined; end < entries.length; end++) {
		const entry = entries[end];
		if (entry === undefined) break;
		const follows =
			before === undefined ||
			(entry.prev !== null && equalBytes(entry.prev, before.hash));
		if (!follows) break;
		before = entry;
	}
	for (; end > start; end--) {
		const last = entries[end - 1];
		if (last !== undefined && (await isSigned(last, verifier))) break;
	}
	return end;
}

async function isSigned(
	entry: Entry,
	verifier: EntryVerifier,
): Promise<boolean> {
	try {
		await verifier.signature(entry);
		return true;
	} catch (error) {
		if (codeOf(error) === undefined) throw error;
		return false;
	}
}

/** Whether an entry comes after the fork of its log. */
function isCut(
	{ space, session, seq, kind }: Entry,
	holdings: Holdings,
): boolean {
	const frozen = holdings.log(space, session)?.frozen;
	return kind !== "genesis" && frozen !== undefined && seq >= frozen.seq;
}

/** The entry in a row; `undefined` where it is damaged. */
function readRow(row: EntryRow): Entry | undefined {
	try {
		const entry = decodeEntry(row.bytes);
		const isSame =
			entry.space === row.space &&
			entry.session === row.session &&
			entry.seq === row.seq;
		return isSame ? entry : undefined;
	} catch (error) {
		if (codeOf(error) === undefined) throw error;
		return undefined;
	}
}

/** Whether the entry continues its log. */
async function load(
	entry: Entry,
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<boolean> {
	try {
		const verified = await verifier.carried(entry);
		const decision = holdings.decide(verified, true);
		if (decision.kind !== "accepted") return false;
		holdings.accept(verified, decision);
		return true;
	} catch (error) {
		if (error instanceof ShoalError) return false;
		throw error;
	}
}
