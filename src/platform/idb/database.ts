/** The one IndexedDB database of an origin: its schema and how it is opened. Upgrades only add (S9). */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { DeviceRow, SlotRow, SwarmRow } from "../../node/ports.ts";
import type { EntryRow } from "../../replica/store.ts";
import { ShoalError } from "../../wire/error.ts";
import type { BlobId, PeerId, SpaceId, SwarmId } from "../../wire/ids.ts";

export interface ShoalDb extends DBSchema {
	device: { key: "self"; value: DeviceRow };
	slots: { key: string; value: SlotRow };
	swarms: { key: SwarmId; value: SwarmRow };
	entries: { key: [SwarmId, SpaceId, PeerId, number]; value: EntryRow };
	blobs: { key: BlobId; value: Uint8Array };
	settings: { key: string; value: unknown };
}

export type Database = IDBPDatabase<ShoalDb>;

const NAME = "shoal";
const VERSION = 1;

/**
 * Opens the database, making what is missing.
 *
 * @param name another database, for tests.
 * @throws ShoalError `not-saved` where the browser gives no storage (private windows of some), or another tab runs an
 * older version and does not let go.
 */
export async function openDatabase(name = NAME): Promise<Database> {
	try {
		return await openDB<ShoalDb>(name, VERSION, {
			upgrade(db, oldVersion) {
				if (oldVersion < 1) {
					db.createObjectStore("device", { keyPath: "id" });
					db.createObjectStore("slots", { keyPath: "slot" });
					db.createObjectStore("swarms", { keyPath: "swarm" });
					db.createObjectStore("entries", {
						keyPath: ["swarm", "space", "session", "seq"],
					});
					db.createObjectStore("blobs");
					db.createObjectStore("settings");
				}
			},
			// A newer version in another tab waits for this connection: let go, that tab is the newer page.
			blocking: (_current, _next, event) => {
				if (event.target instanceof IDBDatabase) event.target.close();
			},
		});
	} catch (cause) {
		throw new ShoalError(
			"not-saved",
			"This browser does not let the page store anything.",
			{ cause },
		);
	}
}

/** A storage failure in words, with its code (S9). A ShoalError passes as it is. */
export function notSaved(cause: unknown): ShoalError {
	if (cause instanceof ShoalError) return cause;
	const isQuota =
		cause instanceof DOMException && cause.name === "QuotaExceededError";
	return new ShoalError(
		"not-saved",
		isQuota
			? "The browser's storage for this page is full."
			: "The browser could not save this.",
		{ cause },
	);
}

/**
 * Does work in a transaction and resolves once it is complete. Whatever fails, nothing of it is stored: a request that
 * throws at once does not abort its transaction by itself.
 *
 * @throws ShoalError as `notSaved` makes it.
 */
export async function completed<T>(
	tx: { readonly done: Promise<void>; abort(): void },
	work: () => Promise<T>,
): Promise<T> {
	// Listened to from the start: an abort must not be nobody's rejection.
	const settled = tx.done.catch(() => undefined);
	try {
		const result = await work();
		await tx.done;
		return result;
	} catch (cause) {
		try {
			tx.abort();
		} catch {
			// It is over already: that is why we are here.
		}
		await settled;
		throw notSaved(cause);
	}
}

/** Opens a transaction. @throws ShoalError `not-saved` where the database was closed. */
export function opened<T>(open: () => T): T {
	try {
		return open();
	} catch (cause) {
		throw notSaved(cause);
	}
}
