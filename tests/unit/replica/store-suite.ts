/** What every adapter of the storage ports holds to; run on each of them (S2, S10, E1). */
import { describe, expect, it } from "vitest";
import type {
	BlobStore,
	EntryRow,
	EntryStore,
} from "../../../src/replica/store.ts";

const SWARM = "5a".repeat(32);
const OWN = "0b".repeat(32);
const OTHER = "0c".repeat(32);

function row(
	space: string,
	session: string,
	seq: number,
	text = "x",
): EntryRow {
	const bytes = new TextEncoder().encode(`${space} ${session} ${seq} ${text}`);
	return { swarm: SWARM, space, session, seq, bytes };
}

/** @param open a fresh store in which `nonce` owns `slot`, and a way to give the slot to another nonce. */
export function entryStoreSuite(
	name: string,
	open: (
		slot: string,
		nonce: string,
	) => Promise<{
		store: EntryStore;
		takeOver(slot: string, nonce: string): Promise<void>;
	}>,
): void {
	const fence = { slot: "slot", nonce: "mine" };
	const fresh = () => open(fence.slot, fence.nonce);

	describe(`${name} as EntryStore`, () => {
		it("gives back what was appended and put, by session and seq", async () => {
			const { store } = await fresh();
			const rows = [0, 1, 2, 10, 300].map((seq) => row("a", OTHER, seq));
			await store.put(rows.toReversed());
			await store.append(fence, [row("a", OWN, 0), row("a", OWN, 1)]);
			expect(await store.load(SWARM, "a")).toEqual([
				row("a", OWN, 0),
				row("a", OWN, 1),
				...rows,
			]);
			expect(await store.load(SWARM, "none")).toEqual([]);
			expect(await store.load("00".repeat(32), "a")).toEqual([]);
		});

		it("keeps spaces apart whose names begin alike, and lists them", async () => {
			const { store } = await fresh();
			const names = ["job:1", "job:10", "job:1\u0000", "swarm", "job:", "öß"];
			await store.put(names.map((space) => row(space, OTHER, 0)));
			for (const space of names)
				expect(await store.load(SWARM, space)).toEqual([row(space, OTHER, 0)]);
			expect((await store.spaces(SWARM)).toSorted()).toEqual(names.toSorted());
			expect(await store.spaces("00".repeat(32))).toEqual([]);
		});

		it("[S10] puts idempotently", async () => {
			const { store } = await fresh();
			await store.put([row("a", OTHER, 0)]);
			await store.put([row("a", OTHER, 0)]);
			expect(await store.load(SWARM, "a")).toHaveLength(1);
		});

		it("[S5] [S7] removes a row only where it is still the one that is named", async () => {
			const { store } = await fresh();
			const rows = [-1, 0, 1, 2].map((seq) => row("a", OTHER, seq));
			await store.put(rows);
			await store.remove([
				row("a", OTHER, -1),
				row("a", OTHER, 1, "another"),
				row("a", OTHER, 2),
				row("a", OTHER, 9),
				row("b", OTHER, 0),
			]);
			expect(await store.load(SWARM, "a")).toEqual(rows.slice(1, 3));
		});

		it("takes the same append twice, as after a lost answer", async () => {
			const { store } = await fresh();
			await store.append(fence, [row("a", OWN, 0)]);
			await store.append(fence, [row("a", OWN, 0), row("a", OWN, 1)]);
			expect(await store.load(SWARM, "a")).toHaveLength(2);
		});

		it("[E1] appends nothing once the slot has another owner", async () => {
			const { store, takeOver } = await fresh();
			await store.append(fence, [row("a", OWN, 0)]);
			await takeOver(fence.slot, "another's");
			await expect(
				store.append(fence, [row("a", OWN, 1), row("a", OWN, 2)]),
			).rejects.toMatchObject({ code: "slot-lost" });
			expect(await store.load(SWARM, "a")).toHaveLength(1);
			await store.append({ ...fence, nonce: "another's" }, [row("a", OWN, 1)]);
			expect(await store.load(SWARM, "a")).toHaveLength(2);
		});

		it("[E1] appends nothing for a slot that is not there", async () => {
			const { store } = await fresh();
			await expect(
				store.append({ slot: "none", nonce: "mine" }, [row("a", OWN, 0)]),
			).rejects.toMatchObject({ code: "slot-lost" });
		});

		it("[S8] never writes over an own entry with another", async () => {
			const { store } = await fresh();
			await store.append(fence, [row("a", OWN, 0)]);
			await expect(
				store.append(fence, [row("a", OWN, 1), row("a", OWN, 0, "other")]),
			).rejects.toMatchObject({ code: "slot-lost" });
			expect(await store.load(SWARM, "a")).toEqual([row("a", OWN, 0)]);
		});

		it("keeps its bytes whatever the caller does to them", async () => {
			const { store } = await fresh();
			const given = row("a", OTHER, 0);
			await store.put([given]);
			given.bytes.fill(0);
			const [kept] = await store.load(SWARM, "a");
			expect(kept).toEqual(row("a", OTHER, 0));
		});
	});
}

export function blobStoreSuite(
	name: string,
	open: () => Promise<BlobStore>,
): void {
	const ID = "ab".repeat(32);
	const body = (): Uint8Array => Uint8Array.of(1, 2, 3, 4);

	describe(`${name} as BlobStore`, () => {
		it("[S12] keeps, tells, gives and deletes", async () => {
			const store = await open();
			expect(await store.has(ID)).toBe(false);
			expect(await store.get(ID)).toBeUndefined();
			await store.put(ID, body());
			expect(await store.has(ID)).toBe(true);
			expect(await store.get(ID)).toEqual(body());
			await store.delete(ID);
			await store.delete(ID);
			expect(await store.has(ID)).toBe(false);
		});

		it("keeps a part of a buffer without the rest", async () => {
			const store = await open();
			await store.put(ID, new Uint8Array(1024).subarray(10, 14));
			const kept = await store.get(ID);
			expect(kept).toEqual(new Uint8Array(4));
			expect(kept?.buffer.byteLength).toBe(4);
		});

		it("keeps an empty body", async () => {
			const store = await open();
			await store.put(ID, new Uint8Array());
			expect(await store.has(ID)).toBe(true);
			expect(await store.get(ID)).toEqual(new Uint8Array());
		});
	});
}
