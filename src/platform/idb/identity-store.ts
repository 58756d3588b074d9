/** The device's key, the slots of its sessions, its swarms and its settings, in IndexedDB (E1). */

import type { DeviceRow, SlotRow, SwarmRow } from "../../node/ports.ts";
import type { SlotFence } from "../../replica/store.ts";
import type { SwarmId } from "../../wire/ids.ts";
import { completed, type Database, notSaved, opened } from "./database.ts";

/**
 * The device's row; on the first visit the one that `create` makes. Two tabs that both make one end with the same: the
 * row is put only where there is none, in one transaction, and what is stored is used (E1).
 *
 * @throws ShoalError `not-saved`
 */
export async function loadOrCreateDevice(
	db: Database,
	create: () => Promise<DeviceRow>,
): Promise<DeviceRow> {
	const stored = await db.get("device", "self");
	if (stored !== undefined) return stored;
	// Outside the transaction: it would close itself while the key is made.
	const made = await create();
	const tx = opened(() =>
		db.transaction("device", "readwrite", { durability: "strict" }),
	);
	return completed(tx, async () => {
		const first = await tx.store.get("self");
		if (first === undefined) await tx.store.put(made);
		return first ?? made;
	});
}

/** Writes the device's row again, with another name. @throws ShoalError `not-saved` */
export function saveDevice(db: Database, row: DeviceRow): Promise<void> {
	return saving(async () => {
		await db.put("device", row);
	});
}

export function slots(db: Database): Promise<SlotRow[]> {
	return db.getAll("slots");
}

/**
 * Takes over the first of `free` that nobody took since it was seen, by rewriting its nonce: from then on every append
 * of its earlier owner fails. A slot is free where its nonce is empty, or where its owner is known to be gone.
 *
 * @param free slots as they were seen; two tabs that saw the same one do not both get it.
 * @returns the slot's row under the new nonce, or `undefined` where none was left.
 * @throws ShoalError `not-saved`
 */
export async function claimSlot(
	db: Database,
	free: readonly SlotFence[],
	nonce: string,
): Promise<SlotRow | undefined> {
	const tx = opened(() =>
		db.transaction("slots", "readwrite", { durability: "strict" }),
	);
	return completed(tx, async () => {
		let claimed: SlotRow | undefined;
		for (const seen of free) {
			const row = await tx.store.get(seen.slot);
			if (row === undefined || row.nonce !== seen.nonce) continue;
			claimed = { ...row, nonce };
			await tx.store.put(claimed);
			break;
		}
		return claimed;
	});
}

/** Stores a new slot. @throws ShoalError `not-saved`, also where there is one of that name. */
export function addSlot(db: Database, row: SlotRow): Promise<void> {
	return saving(async () => {
		await db.add("slots", row);
	});
}

/** Gives a slot back, unless another tab owns it by now. @throws ShoalError `not-saved` */
export async function releaseSlot(
	db: Database,
	fence: SlotFence,
): Promise<void> {
	const tx = opened(() =>
		db.transaction("slots", "readwrite", { durability: "strict" }),
	);
	return completed(tx, async () => {
		const row = await tx.store.get(fence.slot);
		if (row?.nonce === fence.nonce) await tx.store.put({ ...row, nonce: "" });
	});
}

export function swarms(db: Database): Promise<SwarmRow[]> {
	return db.getAll("swarms");
}

/** @throws ShoalError `not-saved` */
export function saveSwarm(db: Database, row: SwarmRow): Promise<void> {
	return saving(async () => {
		await db.put("swarms", row);
	});
}

/** Stores a swarm unless there is one already, and returns the first there is: two tabs on a first visit. */
export async function firstSwarm(
	db: Database,
	row: SwarmRow,
): Promise<SwarmRow> {
	const tx = opened(() =>
		db.transaction("swarms", "readwrite", { durability: "strict" }),
	);
	return completed(tx, async () => {
		const [first] = await tx.store.getAll(undefined, 1);
		if (first === undefined) await tx.store.put(row);
		return first ?? row;
	});
}

/** Forgets a swarm's secret. Its entries stay until they are deleted. @throws ShoalError `not-saved` */
export function removeSwarm(db: Database, swarm: SwarmId): Promise<void> {
	return saving(() => db.delete("swarms", swarm));
}

export function setting(db: Database, key: string): Promise<unknown> {
	return db.get("settings", key);
}

/** `undefined` removes it. @throws ShoalError `not-saved` */
export function setSetting(
	db: Database,
	key: string,
	value: unknown,
): Promise<void> {
	return saving(async () => {
		if (value === undefined) await db.delete("settings", key);
		else await db.put("settings", value, key);
	});
}

/** All settings whose key begins so, by key. */
export async function settings(
	db: Database,
	prefix: string,
): Promise<{ key: string; value: unknown }[]> {
	const tx = db.transaction("settings");
	const [keys, values] = await Promise.all([
		tx.store.getAllKeys(),
		tx.store.getAll(),
	]);
	return keys
		.map((key, at) => ({ key, value: values[at] }))
		.filter(({ key }) => key.startsWith(prefix));
}

async function saving<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		throw notSaved(cause);
	}
}
