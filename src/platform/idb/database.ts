/** The one IndexedDB database of an origin: its schema and how it is opened. Upgrades only add (S9). */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { StoredKey } from "../../identity/signer.ts";
import type { EntryRow } from "../../replica/store.ts";
import { ShoalError } from "../../wire/error.ts";
import type { BlobId, PeerId, SpaceId, SwarmId } from "../../wire/ids.ts";

/** This device's identity: one row, made once (E1). */
export interface DeviceRow {
	readonly id: "self";
	readonly key: StoredKey;
	/** X25519 key pair for sealing secrets to this device. */
	readonly seal: {
		readonly publicKey: Uint8Array;
		readonly privateKey: Uint8Array;
	};
	readonly name: string;
}

/** A session's place: who wrote the nonce may append to its logs (E1). An empty nonce: given back. */
export interface SlotRow {
	readonly slot: string;
	readonly nonce: string;
	readonly key: StoredKey;
	readonly certificate: Uint8Array;
}

export interface SwarmRow {
	readonly swarm: SwarmId;
	readonly name: string;
	readonly epoch: number;
	readonly secret: Uint8Array;
	/** Wall clock, for showing only. */
	readonly joinedAt: number;
	readonly active?: boolean;
}

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
