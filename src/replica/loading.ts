/** Rebuilds the corners from stored entries (S1). They were accepted once: only their structure is looked at again. */
import { codeOf, ShoalError } from "../wire/error.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";
import { decodeEntry } from "./entry.ts";
import type { Holdings } from "./holdings.ts";
import type { EntryRow } from "./store.ts";
import type { EntryVerifier } from "./verify.ts";

/** From where on a stored log could not be read. What follows is had again from peers. */
export interface Damage {
	readonly space: SpaceId;
	readonly session: PeerId;
	readonly seq: number;
}

/**
 * Loads the rows of one space.
 *
 * @returns where logs were damaged; each of them ends before its damage.
 */
export async function loadRows(
	rows: readonly EntryRow[],
	holdings: Holdings,
	verifier: EntryVerifier,
): Promise<Damage[]> {
	const damaged = new Map<PeerId, Damage>();
	for (const row of rows) {
		const { space, session, seq } = row;
		if (damaged.has(session)) continue;
		try {
			await loadRow(row, holdings, verifier);
		} catch (error) {
			if (codeOf(error) === undefined) throw error;
			damaged.set(session, { space, session, seq });
		}
	}
	return [...damaged.values()];
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
