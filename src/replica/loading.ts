/** Rebuilds the corners from stored entries (S1). They were accepted once: only their structure is looked at again. */
import { codeOf, ShoalError } from "../wire/error.ts";
import {
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import { decodeEntry } from "./entry.ts";
import type { Holdings } from "./holdings.ts";
import type { EntryRow, EntryStore } from "./store.ts";
import type { EntryVerifier } from "./verify.ts";

/** From where on a stored log could not be read. What follows is had again from peers. */
export interface Damage {
	readonly space: SpaceId;
	readonly session: PeerId;
	readonly seq: number;
}

/**
 * Loads all that is stored of a swarm, its own space first.
 *
 * @returns where logs were damaged; each of them ends before its damage.
 */
export async function loadAll(
	store: EntryStore,
	swarm: SwarmId,
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<Damage[]> {
	const spaces = await store.spaces(swarm);
	spaces.sort((a, b) => Number(b === SWARM_SPACE) - Number(a === SWARM_SPACE));
	const damages: Damage[] = [];
	for (const space of spaces) {
		const damaged = new Set<PeerId>();
		for (const row of await store.load(swarm, space)) {
			const { session, seq } = row;
			if (damaged.has(session)) continue;
			try {
				await loadRow(row, holdings, verifier);
			} catch (error) {
				if (codeOf(error) === undefined) throw error;
				damaged.add(session);
				damages.push({ space, session, seq });
			}
		}
	}
	return damages;
}

async function loadRow(
	row: EntryRow,
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<void> {
	const entry = decodeEntry(row.bytes);
	if (
		entry.space !== row.space ||
		entry.session !== row.session ||
		entry.seq !== row.seq
	)
		throw new ShoalError("malformed", "a row holds another entry");
	const verified = await verifier.carried(entry);
	const decision = holdings.decide(verified, () => true);
	if (decision.kind !== "accepted")
		throw new ShoalError("malformed", "a row does not continue its log");
	holdings.accept(verified, decision);
}
