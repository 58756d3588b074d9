/** The stores in IndexedDB. */
import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import type {
	DeviceRow,
	SlotRow,
	SwarmRow,
} from "../../../../src/node/ports.ts";
import { createBlobStore } from "../../../../src/platform/idb/blob-store.ts";
import { openDatabase } from "../../../../src/platform/idb/database.ts";
import { createEntryStore } from "../../../../src/platform/idb/entry-store.ts";
import {
	addSlot,
	claimSlot,
	firstSwarm,
	loadOrCreateDevice,
	releaseSlot,
	removeSwarm,
	saveDevice,
	saveSwarm,
	setSetting,
	setting,
	settings,
	slots,
	swarms,
} from "../../../../src/platform/idb/identity-store.ts";
import { blobStoreSuite, entryStoreSuite } from "../../replica/store-suite.ts";

let made = 0;
const fresh = () => openDatabase(`test-${made++}`);

const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const key = (fill: number) =>
	({ kind: "noble", publicKey: bytes(fill), seed: bytes(fill) }) as const;

function slot(name: string, nonce: string): SlotRow {
	return { slot: name, nonce, key: key(1), certificate: bytes(2) };
}

function device(fill: number): DeviceRow {
	return {
		id: "self",
		key: key(fill),
		seal: { publicKey: bytes(fill), privateKey: bytes(fill) },
		name: "Laptop",
	};
}

entryStoreSuite("IndexedDB", async (name, nonce) => {
	const db = await fresh();
	await addSlot(db, slot(name, nonce));
	return {
		store: createEntryStore(db),
		async takeOver(taken, by) {
			const seen = await slots(db);
			await claimSlot(
				db,
				seen.filter((row) => row.slot === taken),
				by,
			);
		},
	};
});

blobStoreSuite("IndexedDB", async () => createBlobStore(await fresh()));

describe("failing storage", () => {
	it("[S9] says not-saved when a transaction aborts, and stores none of it", async () => {
		const db = await fresh();
		await addSlot(db, slot("slot", "mine"));
		const store = createEntryStore(db);
		const row = { swarm: "s", space: "a", session: "p", bytes: bytes(1) };
		// Not a valid key: the second row fails the whole transaction.
		const rows = [
			{ ...row, seq: 0 },
			{ ...row, seq: Number.NaN },
		];
		await expect(store.put(rows)).rejects.toMatchObject({ code: "not-saved" });
		await expect(
			store.append({ slot: "slot", nonce: "mine" }, rows),
		).rejects.toMatchObject({ code: "not-saved" });
		expect(await store.load("s", "a")).toEqual([]);
	});

	it("[S9] says not-saved once the database is closed", async () => {
		const db = await fresh();
		db.close();
		await expect(createEntryStore(db).load("s", "a")).rejects.toMatchObject({
			code: "not-saved",
		});
		await expect(createBlobStore(db).put("ab", bytes(1))).rejects.toMatchObject(
			{ code: "not-saved" },
		);
	});
});

describe("the device", () => {
	it("[E1] two tabs opened at once on a first visit end with one key", async () => {
		const name = `test-${made++}`;
		const [one, two] = await Promise.all([
			openDatabase(name),
			openDatabase(name),
		]);
		const rows = await Promise.all([
			loadOrCreateDevice(one, async () => device(1)),
			loadOrCreateDevice(two, async () => device(2)),
		]);
		expect(rows[0]).toEqual(rows[1]);
		const later = await loadOrCreateDevice(one, () =>
			Promise.reject(new Error("no second key is made")),
		);
		expect(later).toEqual(rows[0]);
		await saveDevice(two, { ...later, name: "Phone" });
		expect(await loadOrCreateDevice(one, async () => later)).toMatchObject({
			name: "Phone",
			key: later.key,
		});
	});

	it("keeps keys that nobody can read", async () => {
		const db = await fresh();
		const pair = await crypto.subtle.generateKey("Ed25519", false, [
			"sign",
			"verify",
		]);
		if (!("privateKey" in pair)) throw new Error("no pair");
		const webcrypto = {
			kind: "webcrypto",
			publicKey: bytes(1),
			privateKey: pair.privateKey,
		} as const;
		await loadOrCreateDevice(db, async () => ({
			...device(1),
			key: webcrypto,
		}));
		const { key: kept } = await loadOrCreateDevice(db, async () => device(2));
		expect(kept.kind).toBe("webcrypto");
	});
});

describe("slots", () => {
	it("[E1] gives a free slot to one of two tabs that saw it", async () => {
		const db = await fresh();
		await addSlot(db, slot("a", ""));
		const seen = await slots(db);
		const [one, two] = await Promise.all([
			claimSlot(db, seen, "one"),
			claimSlot(db, seen, "two"),
		]);
		expect([one?.nonce, two?.nonce]).toEqual(["one", undefined]);
		expect(await slots(db)).toEqual([slot("a", "one")]);
	});

	it("[E1] releases only what it still owns, and refuses a second slot of one name", async () => {
		const db = await fresh();
		await addSlot(db, slot("a", "mine"));
		await expect(addSlot(db, slot("a", "other"))).rejects.toMatchObject({
			code: "not-saved",
		});
		await releaseSlot(db, { slot: "a", nonce: "not mine" });
		expect(await slots(db)).toEqual([slot("a", "mine")]);
		await releaseSlot(db, { slot: "a", nonce: "mine" });
		expect(await slots(db)).toEqual([slot("a", "")]);
	});
});

describe("swarms and settings", () => {
	const swarm = (name: string): SwarmRow => ({
		swarm: name,
		name,
		epoch: 0,
		secret: bytes(3),
		joinedAt: 1,
	});

	it("keeps one first swarm, and as many later as there are", async () => {
		const db = await fresh();
		const firsts = await Promise.all([
			firstSwarm(db, swarm("a")),
			firstSwarm(db, swarm("b")),
		]);
		expect(firsts[0]).toEqual(firsts[1]);
		await saveSwarm(db, swarm("c"));
		await saveSwarm(db, { ...swarm("c"), name: "again" });
		expect(await swarms(db)).toHaveLength(2);
		await removeSwarm(db, "c");
		expect(await swarms(db)).toEqual([firsts[0]]);
	});

	it("sets, lists and removes settings", async () => {
		const db = await fresh();
		await setSetting(db, "join:1", { url: "x" });
		await setSetting(db, "join:2", 2);
		await setSetting(db, "other", 3);
		expect(await setting(db, "join:2")).toBe(2);
		expect(await settings(db, "join:")).toEqual([
			{ key: "join:1", value: { url: "x" } },
			{ key: "join:2", value: 2 },
		]);
		await setSetting(db, "join:1", undefined);
		expect(await settings(db, "join:")).toHaveLength(1);
		expect(await setting(db, "none")).toBeUndefined();
	});
});
