/** Blobs in IndexedDB (S12). */
import type { BlobStore } from "../../replica/store.ts";
import { completed, type Database, notSaved, opened } from "./database.ts";

export function createBlobStore(db: Database): BlobStore {
	return {
		async put(id, bytes) {
			// A view would store its whole buffer.
			const own =
				bytes.byteLength === bytes.buffer.byteLength
					? bytes
					: Uint8Array.from(bytes);
			const tx = opened(() =>
				db.transaction("blobs", "readwrite", { durability: "strict" }),
			);
			await completed(tx, () => tx.store.put(own, id));
		},
		get: (id) => db.get("blobs", id),
		has: async (id) => (await db.count("blobs", id)) > 0,
		async delete(id) {
			try {
				await db.delete("blobs", id);
			} catch (cause) {
				throw notSaved(cause);
			}
		},
	};
}
