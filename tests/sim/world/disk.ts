/** A profile's disk that can be full for a while (S9). */
import type { EntryStore } from "../../../src/replica/store.ts";
import { ShoalError } from "../../../src/wire/error.ts";

export interface Disk {
	readonly store: EntryStore;
	isFull: boolean;
}

export function diskOf(inner: EntryStore): Disk {
	const disk = {
		isFull: false,
		store: {
			...inner,
			append: async (...args: Parameters<EntryStore["append"]>) => {
				refuse();
				await inner.append(...args);
			},
			put: async (...args: Parameters<EntryStore["put"]>) => {
				refuse();
				await inner.put(...args);
			},
		},
	};
	const refuse = (): void => {
		if (disk.isFull)
			throw new ShoalError("not-saved", "There is no room on this device.");
	};
	return disk;
}
