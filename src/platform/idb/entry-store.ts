/** Entries in IndexedDB (S2, S9, S10). */
import type { EntryRow, EntryStore } from "../../replica/store.ts";
import { equalBytes } from "../../wire/bytes.ts";
import { ShoalError } from "../../wire/error.ts";
import type { SpaceId } from "../../wire/ids.ts";
import { type Database, notSaved } from "./database.ts";

export function createEntryStore(db: Database): EntryStore {
	return {
		append: (fence, rows) =>
			committed(async () => {
				const tx = db.transaction(["slots", "entries"], "readwrite", {
					durability: "strict",
				});
				// Awaited last, but listened to from the start: an abort must not be nobody's rejection.
				const done = settled(tx.done);
				const slot = await tx.objectStore("slots").get(fence.slot);
				const entries = tx.objectStore("entries");
				if (slot?.nonce !== fence.nonce) {
					tx.abort();
					await done;
					throw lost();
				}
				for (const row of rows) {
					const held = await entries.get(keyOf(row));
					if (held === undefined) await entries.put(row);
					else if (!equalBytes(held.bytes, row.bytes)) {
						// Somebody else wrote this log: overwriting would be a fork (S5, S8).
						tx.abort();
						await done;
						throw lost();
					}
				}
				await tx.done;
			}),
		put: (rows) =>
			committed(async () => {
				const tx = db.transaction("entries", "readwrite", {
					durability: "strict",
				});
				const writes = rows.map((row) => tx.store.put(row));
				await Promise.all([...writes, tx.done]);
			}),
		load: (swarm, space) =>
			committed(() =>
				db.getAll(
					"entries",
					// Arrays sort after numbers and strings: an empty one ends the range.
					IDBKeyRange.bound([swarm, space], [swarm, space, []]),
				),
			),
		spaces: (swarm) =>
			committed(async () => {
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

async function committed<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		throw notSaved(cause);
	}
}

function settled(done: Promise<void>): Promise<void> {
	return done.catch(() => undefined);
}
