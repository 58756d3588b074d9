/** The stores in memory. */
import {
	createMemoryBlobStore,
	createMemoryEntryStore,
} from "../../../src/replica/memory-store.ts";
import { blobStoreSuite, entryStoreSuite } from "./store-suite.ts";

entryStoreSuite("memory", async (slot, nonce) => {
	const slots = new Map([[slot, nonce]]);
	return {
		store: createMemoryEntryStore(slots),
		async takeOver(taken, by) {
			slots.set(taken, by);
		},
	};
});

blobStoreSuite("memory", async () => createMemoryBlobStore());
