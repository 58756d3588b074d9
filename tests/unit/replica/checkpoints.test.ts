/** Own logs made short (S7): who holds more, less or nothing ends with the same. */
import { describe, expect, it } from "vitest";
import { Corner } from "../../../src/replica/corner.ts";
import { decodeEntry, signEntry } from "../../../src/replica/entry.ts";
import { encodeSync } from "../../../src/replica/sync-messages.ts";
import { COMPACT_SETS } from "../../../src/wire/constants.ts";
import {
	factsOf,
	type Page,
	put,
	replicaWorld,
	twoReplicas,
	type World,
} from "../../helpers/replica-world.ts";

const SPACE = "memory:test";

async function compact(world: World, page: Page): Promise<void> {
	const done = page.replica.compact(SPACE);
	await world.clock.run(60);
	await done;
}

function expectEqual(...pages: Page[]): void {
	const [first] = pages;
	if (first === undefined) throw new Error("no page");
	for (const page of pages) {
		expect(page.replica.facts(SPACE)).toEqual(first.replica.facts(SPACE));
		expect(page.replica.headsDigest(SPACE)).toBe(
			first.replica.headsDigest(SPACE),
		);
		expect(page.forks).toEqual([]);
		expect(page.offences).toEqual([]);
		expect(page.ended).toBe(0);
	}
}

const seqsOf = async (world: World, page: Page): Promise<number[]> =>
	(await page.store.load(world.swarm, SPACE)).map(({ seq }) => seq);

describe("[S7] a checkpoint", () => {
	it("takes the place of all that was before, in memory and store, and the log goes on", async () => {
		const { world, one, other } = await twoReplicas();
		for (let n = 0; n < 20; n++)
			await put(world, one, SPACE, { a: n, [`k${n % 3}`]: n });
		await compact(world, one);
		await world.clock.run(3_000);
		expectEqual(one, other);
		expect(await seqsOf(world, one)).toEqual([20]);
		expect(await seqsOf(world, other)).toEqual([20]);
		await put(world, one, SPACE, { a: "after" });
		await world.clock.run(3_000);
		expectEqual(one, other);
		expect(factsOf(other, SPACE)[`${one.peer.slice(0, 8)} a`]).toBe("after");
		const again = await world.reopen(one);
		expectEqual(again, other);
		world.link(again, other);
		await put(world, again, SPACE, { k1: "again" });
		await world.clock.run(3_000);
		expectEqual(again, other);
	});

	it("serves those who hold more, less, the half or nothing", async () => {
		const world = await replicaWorld(3);
		const author = world.founder;
		const pages: Page[] = [];
		for (let n = 0; n < 5; n++) pages.push(await world.member());
		const [all, half, some, none, late] = pages;
		if (!all || !half || !some || !none || !late) throw new Error("pages");
		world.mesh(author, all, half, some, none);
		await world.clock.run(5_000);
		world.unlink(author, none);
		world.mesh(all);
		for (const page of [all, half, some]) world.unlink(page, none);
		await put(world, author, SPACE, { a: 1, b: 1 });
		await world.clock.run(3_000);
		for (const page of [author, all, half]) world.unlink(page, some);
		for (let n = 0; n < 5; n++) await put(world, author, SPACE, { a: n });
		await world.clock.run(3_000);
		for (const page of [author, all]) world.unlink(page, half);
		for (let n = 0; n < 5; n++) await put(world, author, SPACE, { b: n, n });
		await compact(world, author);
		await put(world, author, SPACE, { tail: 1 });
		await world.clock.run(3_000);
		expectEqual(author, all);
		// The half-way holders first meet each other, then who has the checkpoint.
		world.mesh(half, some, none);
		await world.clock.run(5_000);
		expect(none.replica.facts(SPACE)).toEqual(half.replica.facts(SPACE));
		world.link(all, some);
		world.link(all, late);
		await world.clock.run(30_000);
		expectEqual(author, all, half, some, none, late);
		for (const page of pages)
			expect(await seqsOf(world, page)).toEqual([11, 12]);
	});

	it("is written where most has been overwritten, and not elsewhere", async () => {
		const { world, one, other } = await twoReplicas();
		const writes = async (count: number, keyOf: (n: number) => string) => {
			for (let at = 0; at < count; at += 50)
				await put(
					world,
					one,
					SPACE,
					Object.fromEntries(
						Array.from({ length: 50 }, (_, n) => [keyOf(at + n), at]),
					),
				);
			await world.clock.run(3_000);
		};
		await writes(COMPACT_SETS + 100, (n) => `once${n}`);
		expect((await seqsOf(world, other))[0]).toBe(0);
		await writes(5 * COMPACT_SETS, (n) => `once${n % 100}`);
		expect((await seqsOf(world, other))[0]).toBeGreaterThan(50);
		expectEqual(one, other);
	});

	it("waits with the entries after it until its author is known as a member", async () => {
		const { world, one } = await twoReplicas();
		const outsider = await world.outsider();
		for (let n = 0; n < 5; n++) await put(world, outsider, SPACE, { a: n });
		await compact(world, outsider);
		await put(world, outsider, SPACE, { b: 1 });
		world.link(outsider, one);
		await world.clock.run(3_000);
		expect(one.replica.facts(SPACE)).toEqual([]);
		await world.admit(outsider);
		await world.clock.run(5_000);
		expectEqual(one, outsider);
		expect(one.replica.facts(SPACE)).toHaveLength(2);
	});

	it("is not kept from its place by entries from before it, in the log or sent again", async () => {
		const { world, one, other } = await twoReplicas();
		for (let n = 0; n < 3; n++) await put(world, one, SPACE, { a: n });
		const old = await one.store.load(world.swarm, SPACE);
		await compact(world, one);
		await world.clock.run(3_000);
		const message = encodeSync({
			kind: "entries",
			entries: old.map(({ bytes }) => bytes),
		});
		await other.replica.receive(one.peer, message);
		await one.replica.receive(other.peer, message);
		expectEqual(one, other);
		// A page that closed before they were deleted has them in its store still.
		await other.store.put(old);
		const again = await world.reopen(other);
		expectEqual(one, again);
		await world.clock.run(10);
		expect(await seqsOf(world, again)).toEqual([3]);
	});

	it("does nothing where nothing was written, and where records are written once", async () => {
		const { world, one } = await twoReplicas();
		await compact(world, one);
		expect(one.replica.spaces()).toEqual(["swarm"]);
		await put(world, one, "job:x", { spec: 1 });
		await one.replica.compact("job:x");
		await one.replica.compact("swarm");
		expect(await one.store.load(world.swarm, "job:x")).toHaveLength(1);
	});

	it("holds what was written just before it, and is followed by what was written just after", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1 });
		const writes = [
			one.replica.put(SPACE, { a: 2, b: 2 }),
			one.replica.compact(SPACE),
			one.replica.put(SPACE, { a: 3, c: 3 }),
		];
		await world.clock.run(60);
		await Promise.all(writes);
		await world.clock.run(3_000);
		expectEqual(one, other);
		expect(Object.values(factsOf(other, SPACE))).toEqual([3, 2, 3]);
		expect(await seqsOf(world, other)).toEqual([2, 3]);
	});

	it("is refused where it rewrites records, or holds what no corner holds", async () => {
		const { world, one, other } = await twoReplicas();
		for (const [space, body] of [
			["job:x", "good"],
			["swarm", "good"],
			[SPACE, "bad"],
		] as const) {
			const corner = new Corner();
			corner.openForWriting();
			const good = corner.write(new Map([["k", 1]]));
			const later = corner.write(new Map([["k", 2]]));
			const bytes = await signEntry(other.signer, world.swarm, {
				space,
				seq: 7,
				prev: new Uint8Array(32),
				kind: "checkpoint",
				body: body === "good" ? good : later,
				cert: other.certificate,
			});
			const message = encodeSync({ kind: "entries", entries: [bytes] });
			await one.replica.receive(other.peer, message);
			expect(one.offences.splice(0)).toEqual([
				{ peer: other.peer, code: "malformed" },
			]);
			expect(one.replica.facts(space)).toEqual([]);
		}
	});

	it("has a certificate, and a place after the first", async () => {
		const { world, one } = await twoReplicas();
		const fields = {
			space: SPACE,
			kind: "checkpoint",
			body: new Uint8Array(1),
		} as const;
		for (const more of [
			{ seq: 0, prev: null, cert: one.certificate },
			{ seq: 1, prev: new Uint8Array(32) },
		]) {
			const bytes = await signEntry(one.signer, world.swarm, {
				...fields,
				...more,
			});
			expect(() => decodeEntry(bytes)).toThrow(
				expect.objectContaining({ code: "malformed" }),
			);
		}
	});

	it("[S5] of which there are two at one seq ends the log", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, other, SPACE, { a: 1 });
		await put(world, other, SPACE, { a: 2 });
		await world.clock.run(3_000);
		const last = (await one.store.load(world.swarm, SPACE)).at(-1);
		const corner = new Corner();
		corner.openForWriting();
		const bytes = await signEntry(other.signer, world.swarm, {
			space: SPACE,
			seq: 2,
			prev: decodeEntry(last?.bytes ?? new Uint8Array()).hash,
			kind: "checkpoint",
			body: corner.write(new Map([["a", "other"]])),
			cert: other.certificate,
		});
		await compact(world, other);
		await world.clock.run(100);
		await one.replica.receive(
			other.peer,
			encodeSync({ kind: "entries", entries: [bytes] }),
		);
		await world.clock.run(5_000);
		expect(one.forks).toEqual([`${SPACE} ${other.peer} 2`]);
		expect(other.ended).toBe(1);
		expect(factsOf(one, SPACE)).toEqual(factsOf(other, SPACE));
		expect(one.replica.headsDigest(SPACE)).toBe(
			other.replica.headsDigest(SPACE),
		);
	});
});
