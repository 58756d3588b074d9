/** Stores in memory, for the simulator and for tests. They keep what the ports promise. */
import { equalBytes } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";
import type { BlobId, SpaceId } from "../wire/ids.ts";
import type { BlobStore, EntryRow, EntryStore } from "./store.ts";

/**
 * @param slots the nonce that owns each slot; whoever changes it takes the slot over (E1).
 * @param rows where all is kept
 */
export function createMemoryEntryStore(
	slots: ReadonlyMap<string, string>,
	rows: Map<string, EntryRow> = new Map(),
): EntryStore {
	return {
		async append(fence, added) {
			const isForeign = added.some((row) => {
				const held = rows.get(nameOf(row));
				return held !== undefined && !equalBytes(held.bytes, row.bytes);
			});
			if (slots.get(fence.slot) !== fence.nonce || isForeign)
				throw new ShoalError(
					"slot-lost",
					"Another tab has taken this tab's place.",
				);
			for (const row of added) rows.set(nameOf(row), copyOf(row));
		},
		async put(added) {
			for (const row of added) rows.set(nameOf(row), copyOf(row));
		},
		async remove(removed) {
			for (const row of removed) {
				const held = rows.get(nameOf(row));
				if (held !== undefined && equalBytes(held.bytes, row.bytes))
					rows.delete(nameOf(row));
			}
		},
		async load(swarm, space) {
			return [...rows.values()]
				.filter((row) => row.swarm === swarm && row.space === space)
				.sort((a, b) =>
					a.session === b.session
						? a.seq - b.seq
						: a.session < b.session
							? -1
							: 1,
				)
				.map(copyOf);
		},
		async spaces(swarm) {
			const found = new Set<SpaceId>();
			for (const row of rows.values())
				if (row.swarm === swarm) found.add(row.space);
			return [...found].sort();
		},
	};
}

export function createMemoryBlobStore(): BlobStore {
	const blobs = new Map<BlobId, Uint8Array>();
	return {
		async put(id, bytes) {
			blobs.set(id, Uint8Array.from(bytes));
		},
		async get(id) {
			const bytes = blobs.get(id);
			return bytes && Uint8Array.from(bytes);
		},
		async has(id) {
			return blobs.has(id);
		},
		async delete(id) {
			blobs.delete(id);
		},
	};
}

const nameOf = ({ swarm, space, session, seq }: EntryRow): string =>
	JSON.stringify([swarm, space, session, seq]);

const copyOf = (row: EntryRow): EntryRow => ({
	...row,
	bytes: Uint8Array.from(row.bytes),
});
