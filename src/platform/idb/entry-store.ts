/** Entries in IndexedDB (S2, S9, S10). */
import type { EntryRow, EntryStore } from "../../replica/store.ts";
import { equalBytes } from "../../wire/bytes.ts";
import { ShoalError } from "../../wire/error.ts";
import type { SpaceId } from "../../wire/ids.ts";
import { completed, type Database, notSaved, opened } from "./database.ts";

export function createEntryStore(db: Database): EntryStore {
	return {
		async append(fence, rows) {
			const tx = opened(() =>
				db.transaction(["slots", "entries"], "readwrite", {
					durability: "strict",
				}),
			);
			await completed(tx, async () => {
				const slot = await tx.objectStore("slots").get(fence.slot);
				if (slot?.nonce !== fence.nonce) throw lost();
				const entries = tx.objectStore("entries");
				for (const row of rows) {
					const held = await entries.get(keyOf(row));
					if (held === undefined) await entries.put(row);
					// Somebody else wrote this log: overwriting would be a fork (S5, S8).
					else if (!equalBytes(held.bytes, row.bytes)) throw lost();
				}
			});
		},
		async put(rows) {
			const tx = opened(() =>
				db.transaction("entries", "readwrite", { durability: "strict" }),
			);
			await completed(tx, async () => {
				await Promise.all(rows.map(async (row) => tx.store.put(row)));
			});
		},
		async remove(rows) {
			const tx = opened(() => db.transaction("entries", "readwrite"));
			await completed(tx, async () => {
				await Promise.all(
					rows.map(async (row) => {
						const held = await tx.store.get(keyOf(row));
						if (held !== undefined && equalBytes(held.bytes, row.bytes))
							await tx.store.delete(keyOf(row));
					}),
				);
			});
		},
		load: (swarm, space) =>
			reading(() =>
				db.getAll(
					"entries",
					// Arrays sort after numbers and strings: an empty one ends the range.
					IDBKeyRange.bound([swarm, space], [swarm, space, []]),
				),
			),
		spaces: (swarm) =>
			reading(async () => {
				const found: SpaceId[] = [];
				const all = IDBKeyRange.bound([swarm], [swarm, []]);
				let cursor = await db.transaction("entries").store.openKeyCursor(all);
				while (cursor !== null) {
					const space: SpaceId = cursor.key[1];
					found.push(space);
					const next = IDBKeyRange.bound([swarm, space, []], [swarm, []]);
					cursor = await db.transaction("entries").store.openKeyCursor(next);
				}
				return found;
			}),
	};
}

function keyOf(row: EntryRow): [string, string, string, number] {
	return [row.swarm, row.space, row.session, row.seq];
}

function lost(): ShoalError {
	return new ShoalError("slot-lost", "Another tab has taken this tab's place.");
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		throw notSaved(cause);
	}
}
