/** What two and more replicas do together (S1, S2, S6, S8-S10, Y13). */
import { describe, expect, it } from "vitest";
import { createMemoryEntryStore } from "../../../src/replica/memory-store.ts";
import type { EntryStore } from "../../../src/replica/store.ts";
import { decodeSync } from "../../../src/replica/sync-messages.ts";
import {
	DIGEST_DELAY_MS,
	MAX_PARKED_ENTRIES,
} from "../../../src/wire/constants.ts";
import { codeOf, ShoalError } from "../../../src/wire/error.ts";
import {
	factsOf,
	type Page,
	put,
	replicaWorld,
	twoReplicas,
} from "../../helpers/replica-world.ts";

const SPACE = "memory:test";

describe("writing", () => {
	it("[S6] shows a put on the other page at once", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { colour: "red", sizes: [1, 2.5, null] });
		await world.clock.run(20);
		expect(other.replica.facts(SPACE)).toEqual([
			{ key: "colour", value: "red", peer: one.peer, device: one.device },
			{
				key: "sizes",
				value: [1, 2.5, null],
				peer: one.peer,
				device: one.device,
			},
		]);
		expect(other.replica.headsDigest(SPACE)).toBe(
			one.replica.headsDigest(SPACE),
		);
	});

	it("[S4] tells one key's facts from all corners, and nobody else's", async () => {
		const { world, one, other } = await twoReplicas();
		expect(one.replica.factsAt(SPACE, "colour")).toEqual([]);
		await put(world, one, SPACE, { colour: "red", size: 1 });
		await put(world, other, SPACE, { colour: "blue" });
		await put(world, one, SPACE, { colour: "green" });
		await world.clock.run(4_000);
		for (const { replica } of [one, other]) {
			const expected = replica
				.facts(SPACE)
				.filter(({ key }) => key === "colour");
			expect(expected).toHaveLength(2);
			expect(replica.factsAt(SPACE, "colour")).toEqual(expected);
		}
	});

	it("[S2] gathers writes of 50 ms into one entry and resolves when it is stored", async () => {
		const { world, one } = await twoReplicas();
		const since = world.sent.length;
		const writes = [
			one.replica.put(SPACE, { a: 1 }),
			one.replica.put(SPACE, { b: 2 }),
			one.replica.put(SPACE, { a: 3 }),
		];
		await world.clock.run(49);
		expect(await one.store.load(world.swarm, SPACE)).toHaveLength(0);
		await world.clock.run(2);
		await Promise.all(writes);
		expect(await one.store.load(world.swarm, SPACE)).toHaveLength(1);
		expect(world.count("entries", since)).toBe(1);
		expect(factsOf(one, SPACE)).toMatchObject({
			[`${one.peer.slice(0, 8)} a`]: 3,
			[`${one.peer.slice(0, 8)} b`]: 2,
		});
	});

	it("[S2] sends nothing before the store has it", async () => {
		const world = await replicaWorld();
		let release = (): void => undefined;
		const other = await world.member({}, (slots) => {
			const store = createMemoryEntryStore(slots);
			return {
				...store,
				append: async (fence, rows) => {
					await new Promise<void>((resolve) => {
						release = resolve;
					});
					await store.append(fence, rows);
				},
			};
		});
		world.link(world.founder, other);
		await world.clock.run(3_000);
		const since = world.sent.length;
		const write = other.replica.put(SPACE, { a: 1 });
		await world.clock.run(500);
		expect(world.count("entries", since)).toBe(0);
		release();
		await write;
		await world.clock.run(20);
		expect(factsOf(world.founder, SPACE)).toEqual(factsOf(other, SPACE));
	});

	it("[T1] writes a job's record once; the same again does nothing", async () => {
		const { world, one } = await twoReplicas();
		await put(world, one, "job:x", { spec: { n: 1 } });
		await put(world, one, "job:x", { spec: { n: 1 }, more: 2 });
		await expect(one.replica.put("job:x", { spec: 2 })).rejects.toMatchObject({
			code: "bad-input",
		});
		expect(one.replica.facts("job:x").map(({ value }) => value)).toEqual([
			{ n: 1 },
			2,
		]);
	});

	it("refuses values that others would read differently", async () => {
		const { one } = await twoReplicas();
		for (const value of [
			Number.NaN,
			1n,
			undefined,
			() => 1,
			new Date(),
			"\ud800",
			[undefined],
			new Map(),
		])
			await expect(one.replica.put(SPACE, { value })).rejects.toMatchObject({
				code: "bad-input",
			});
		await expect(
			one.replica.put(SPACE, { value: "x".repeat(17 * 1024 * 1024) }),
		).rejects.toMatchObject({ code: "too-large" });
	});

	it("hears of changed spaces once a turn and keeps earlier arrays as they were", async () => {
		const { world, one, other } = await twoReplicas();
		const heard: string[] = [];
		other.replica.watch((space) => heard.push(space));
		await put(world, one, SPACE, { a: 1, b: 2 });
		await world.clock.run(20);
		expect(heard).toEqual([SPACE]);
		const before = other.replica.facts(SPACE);
		await put(world, one, SPACE, { a: 9 });
		await world.clock.run(20);
		expect(before.map(({ value }) => value)).toEqual([1, 2]);
		expect(other.replica.facts(SPACE).map(({ value }) => value)).toEqual([
			9, 2,
		]);
	});
});

describe("coming to the same", () => {
	it("[S6] brings a late joiner up to date, the swarm's space first", async () => {
		const { world, one, other } = await twoReplicas();
		for (let n = 0; n < 30; n++) await put(world, one, SPACE, { [`k${n}`]: n });
		await put(world, other, "memory:second", { x: 1 });
		const late = await world.member();
		world.link(late, other);
		await world.clock.run(5_000);
		expect(factsOf(late, SPACE)).toEqual(factsOf(one, SPACE));
		expect(factsOf(late, "memory:second")).toEqual(
			factsOf(other, "memory:second"),
		);
		expect(late.replica.spaces()).toEqual(["swarm", "memory:second", SPACE]);
		expect(late.replica.members().map(({ device }) => device)).toEqual(
			one.replica.members().map(({ device }) => device),
		);
		expect(late.offences).toEqual([]);
	});

	it("[S6] repairs what a lossy pipe lost", async () => {
		const { world, one, other } = await twoReplicas(7);
		world.pipes.loses = () => world.random.fraction() < 0.4;
		for (let n = 0; n < 20; n++) {
			await put(world, one, SPACE, { [`a${n}`]: n });
			await put(world, other, SPACE, { [`b${n}`]: n });
		}
		const isEqual = await world.clock.until(
			() => one.replica.headsDigest(SPACE) === other.replica.headsDigest(SPACE),
			120_000,
		);
		expect(isEqual).toBe(true);
		expect(factsOf(other, SPACE)).toEqual(factsOf(one, SPACE));
		expect(Object.keys(factsOf(one, SPACE))).toHaveLength(40);
	});

	it("[S6] passes entries on in a chain A-B-C by digests", async () => {
		const world = await replicaWorld();
		const a = world.founder;
		const b = await world.member();
		const c = await world.member();
		world.link(a, b);
		world.link(b, c);
		await world.clock.run(5_000);
		await put(world, a, SPACE, { from: "a" });
		await put(world, c, SPACE, { from: "c" });
		await world.clock.run(5_000);
		expect(factsOf(c, SPACE)).toEqual(factsOf(a, SPACE));
		expect(Object.keys(factsOf(a, SPACE))).toHaveLength(2);
	});

	it("[S6] sends a live entry n-1 times in a mesh of n, then falls silent", async () => {
		const world = await replicaWorld();
		const members = [world.founder];
		for (let n = 1; n < 6; n++) members.push(await world.member());
		world.mesh(...members);
		await world.clock.run(10_000);
		const since = world.sent.length;
		await put(world, members[2] ?? world.founder, SPACE, { a: 1 });
		await world.clock.run(20);
		expect(world.sent.length - since).toBe(5);
		for (const page of members)
			expect(page.replica.facts(SPACE)).toHaveLength(1);
		await world.clock.run(60_000);
		expect(world.count("entries", since)).toBe(5);
		expect(world.count("have", since)).toBe(0);
		expect(world.count("want", since)).toBe(0);
		// Each pair learns that it is equal, and no more: one digest each way.
		expect(world.count("digest", since)).toBeLessThanOrEqual(30);
		const quiet = world.sent.length;
		await world.clock.run(600_000);
		expect(world.sent.length).toBe(quiet);
		for (const page of members)
			expect(page.replica.holders(SPACE)).toHaveLength(5);
	});

	it("[S6] five authors of 2,000 facts end with equal digests", async () => {
		const world = await replicaWorld();
		const members = [world.founder];
		for (let n = 1; n < 5; n++) members.push(await world.member());
		world.mesh(...members);
		await world.clock.run(5_000);
		const writes: Promise<void>[] = [];
		for (let n = 0; n < 400; n++)
			for (const page of members) {
				writes.push(
					page.replica.put(SPACE, { [`${n}`]: { n, by: page.peer } }),
				);
				if (n % 40 === 0) await world.clock.run(17);
			}
		await world.clock.run(5_000);
		await Promise.all(writes);
		const digests = members.map(({ replica }) => replica.headsDigest(SPACE));
		expect(new Set(digests).size).toBe(1);
		for (const page of members)
			expect(page.replica.facts(SPACE)).toEqual(
				members[0]?.replica.facts(SPACE),
			);
		expect(members[0]?.replica.facts(SPACE)).toHaveLength(2_000);
	});

	it("[S6] learns that a peer holds the same, also when its answer was lost", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1 });
		world.pipes.loses = ({ from, bytes }) =>
			from === other.peer && decodeSync(bytes).kind === "digest";
		await world.clock.run(1_500);
		world.pipes.loses = () => false;
		expect(one.replica.holders(SPACE)).toEqual([]);
		await world.clock.run(3_000);
		expect(one.replica.holders(SPACE)).toEqual([other.peer]);
		const quiet = world.sent.length;
		await world.clock.run(600_000);
		expect(world.sent.length).toBe(quiet);
	});

	it("[S6] does not ask two peers for the same entries", async () => {
		const { world, one, other } = await twoReplicas();
		const third = await world.member();
		world.link(third, one);
		world.link(third, other);
		await world.clock.run(4_000);
		for (let n = 0; n < 50; n++) await put(world, one, SPACE, { [n]: n });
		await world.clock.run(4_000);
		const late = await world.member();
		await world.clock.run(4_000);
		const since = world.sent.length;
		world.link(late, one);
		world.link(late, other);
		world.link(late, third);
		await world.clock.run(9_000);
		expect(factsOf(late, SPACE)).toEqual(factsOf(one, SPACE));
		const got = world.sent
			.slice(since)
			.filter(({ to }) => to === late.peer)
			.map(({ bytes }) => decodeSync(bytes))
			.flatMap((message) =>
				message.kind === "entries" ? message.entries.length : [],
			);
		const held = await one.store.load(world.swarm, SPACE);
		const acts = await one.store.load(world.swarm, "swarm");
		expect(got.reduce((sum, n) => sum + n, 0)).toBe(held.length + acts.length);
	});

	it("[S6] asks another peer when the one that was asked goes away", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1 });
		await world.clock.run(4_000);
		const late = await world.member();
		await world.clock.run(4_000);
		world.pipes.loses = ({ from, to }) => from === one.peer && to === late.peer;
		world.link(late, one);
		world.link(late, other);
		await world.clock.run(200);
		world.unlink(late, one);
		await world.clock.run(8_000);
		expect(factsOf(late, SPACE)).toEqual(factsOf(one, SPACE));
	});
});

describe("starting again", () => {
	it("[S1] rebuilds everything from the store and goes on in the same log", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1, b: [1] });
		await put(world, other, SPACE, { a: 2 });
		await put(world, one, SPACE, { a: 3 });
		await world.clock.run(3_000);
		const before = one.replica.facts(SPACE);
		const again = await world.reopen(one);
		expect(again.replica.facts(SPACE)).toEqual(before);
		expect(again.replica.headsDigest(SPACE)).toBe(
			other.replica.headsDigest(SPACE),
		);
		expect(again.replica.members()).toEqual(one.replica.members());
		expect(again.replica.deviceOf(other.peer)).toBe(other.device);
		world.link(again, other);
		await put(world, again, SPACE, { a: 4 });
		await world.clock.run(20);
		expect(factsOf(other, SPACE)).toEqual(factsOf(again, SPACE));
		expect(other.forks).toEqual([]);
		expect(again.ended).toBe(0);
	});

	it("survives a damaged row: that log ends before it, and peers fill it again", async () => {
		const { world, one, other } = await twoReplicas();
		for (let n = 0; n < 5; n++) await put(world, one, SPACE, { [`k${n}`]: n });
		await world.clock.run(3_000);
		const rows = await other.store.load(world.swarm, SPACE);
		const third = rows[2];
		if (third === undefined) throw new Error("no third row");
		await other.store.put([{ ...third, bytes: third.bytes.slice(0, -9) }]);
		const again = await world.reopen(other);
		expect(again.damages).toEqual([`${SPACE} 2`]);
		expect(again.replica.facts(SPACE)).toHaveLength(2);
		expect(again.ended).toBe(0);
		world.link(again, one);
		await world.clock.run(3_000);
		expect(again.replica.facts(SPACE)).toHaveLength(5);
	});

	it.each([
		["in the middle", 1],
		["at its end", 2],
	])(
		"[E3] takes a stored log in which a bit turned %s for damaged, and its author for honest",
		async (_where, spoilt) => {
			const { world, one, other } = await twoReplicas();
			for (const step of [0, 1, 2])
				await put(world, one, SPACE, { [`k${step}`]: "a".repeat(100) });
			await world.clock.run(2_000);
			const rows = await other.store.load(world.swarm, SPACE);
			const row = rows[spoilt];
			if (row === undefined) throw new Error("three rows are stored");
			const bytes = Uint8Array.from(row.bytes);
			// In the text of the value: the update still reads well.
			const at = bytes.lastIndexOf("a".charCodeAt(0));
			bytes[at] = "b".charCodeAt(0);
			await other.store.put([{ ...row, bytes }]);
			const again = await world.reopen(other, { crash: true });
			expect(again.damages).toEqual([`${SPACE} ${spoilt}`]);
			world.link(one, again);
			await world.clock.run(5_000);
			expect(factsOf(again, SPACE)).toEqual(factsOf(one, SPACE));
			expect([...one.forks, ...again.forks]).toEqual([]);
			expect(one.offences).toEqual([]);
		},
	);

	it("[S8] ends the session where its own stored log is damaged", async () => {
		const { world, one } = await twoReplicas();
		for (let n = 0; n < 3; n++) await put(world, one, SPACE, { [`k${n}`]: n });
		const rows = await one.store.load(world.swarm, SPACE);
		const second = rows[1];
		if (second === undefined) throw new Error("no second row");
		await one.store.put([{ ...second, bytes: second.bytes.slice(1) }]);
		const again = await world.reopen(one);
		expect(again.ended).toBe(1);
		await expect(again.replica.put(SPACE, { x: 1 })).rejects.toMatchObject({
			code: "slot-lost",
		});
	});

	it("[S8] never continues a log that peers hold more of", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, other, SPACE, { a: 1 });
		const early = createMemoryEntryStore(other.slots);
		for (const space of await other.store.spaces(world.swarm))
			await early.put(await other.store.load(world.swarm, space));
		await put(world, other, SPACE, { b: 2 });
		await world.clock.run(3_000);
		// The browser lost the tail of the log, and the page begins to write at once.
		const again = await world.reopen(other, { store: early, crash: true });
		const write = again.replica.put(SPACE, { c: 3 }).catch(codeOf);
		// The claim arrives before the commit would be, and its proof after.
		await world.clock.run(30);
		world.link(again, one);
		await world.clock.run(5_000);
		expect(again.ended).toBe(1);
		expect(await write).toBe("slot-lost");
		expect(one.forks).toEqual([]);
		expect(factsOf(again, SPACE)).toEqual(factsOf(one, SPACE));
		expect(Object.keys(factsOf(one, SPACE))).toHaveLength(2);
	});

	it("[S8] goes on when the claim of a longer own log is not proved", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1 });
		const { encodeSync } = await import(
			"../../../src/replica/sync-messages.ts"
		);
		const head = new Uint8Array(32);
		const session = one.peer;
		await one.replica.receive(
			other.peer,
			encodeSync({
				kind: "have",
				space: SPACE,
				isReply: false,
				logs: [{ session, next: 99, head }],
			}),
		);
		const write = one.replica.put(SPACE, { b: 2 });
		await world.clock.run(3_000);
		await write;
		expect(one.ended).toBe(0);
	});
});

describe("storage", () => {
	it("[E1] rejects with slot-lost and sends nothing once another tab owns the slot", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, other, SPACE, { a: 1 });
		await world.clock.run(3_000);
		const since = world.sent.length;
		other.slots.set(other.peer, "another tab's");
		const write = other.replica.put(SPACE, { b: 2 }).catch(codeOf);
		await world.clock.run(5_000);
		expect(await write).toBe("slot-lost");
		expect(world.count("entries", since)).toBe(0);
		expect(Object.values(factsOf(other, SPACE))).toEqual([1]);
		expect(factsOf(one, SPACE)).toEqual(factsOf(other, SPACE));
		expect(other.ended).toBe(1);
		await expect(other.replica.put(SPACE, { c: 1 })).rejects.toMatchObject({
			code: "slot-lost",
		});
	});

	it("[S9] says that storage refuses, keeps the facts, and recovers", async () => {
		const world = await replicaWorld();
		let isFull = false;
		const full = new ShoalError("not-saved", "The storage is full.");
		const refusing = (store: EntryStore): EntryStore => ({
			...store,
			append: async (fence, rows) => {
				if (isFull) throw full;
				await store.append(fence, rows);
			},
			put: async (rows) => {
				if (isFull) throw full;
				await store.put(rows);
			},
		});
		const page: Page = await world.member({}, (slots) =>
			refusing(createMemoryEntryStore(slots)),
		);
		world.link(page, world.founder);
		await world.clock.run(3_000);
		isFull = true;
		const since = world.sent.length;
		const write = page.replica.put(SPACE, { a: 1 });
		await put(world, world.founder, SPACE, { b: 2 });
		await world.clock.run(20_000);
		expect(page.notSaved).toEqual(["The storage is full."]);
		expect(page.replica.facts(SPACE)).toHaveLength(2);
		expect(world.founder.replica.facts(SPACE)).toHaveLength(1);
		isFull = false;
		await world.clock.run(11_000);
		await write;
		expect(page.notSaved).toEqual(["The storage is full.", null]);
		await world.clock.run(100);
		expect(world.founder.replica.facts(SPACE)).toHaveLength(2);
		expect(world.count("entries", since)).toBe(2);
		expect(await page.store.load(world.swarm, SPACE)).toHaveLength(2);
	});

	it("commits what waits when it stops, and rejects what could not be saved", async () => {
		const { world, one, other } = await twoReplicas();
		const write = one.replica.put(SPACE, { a: 1 });
		await one.replica.stop();
		await write;
		expect(await one.store.load(world.swarm, SPACE)).toHaveLength(1);
		Object.assign(other.store, {
			append: () => Promise.reject(new ShoalError("not-saved", "no")),
		});
		const lost = other.replica.put(SPACE, { a: 1 }).catch(codeOf);
		await other.replica.stop();
		expect(await lost).toBe("not-saved");
	});
});

describe("membership", () => {
	it("[M1] never shows an outsider's entries, until it is admitted", async () => {
		const { world, one, other } = await twoReplicas();
		const outsider = await world.outsider();
		world.link(outsider, one);
		world.link(outsider, other);
		await put(world, outsider, SPACE, { a: 1 });
		await world.clock.run(10_000);
		expect(one.replica.facts(SPACE)).toEqual([]);
		expect(other.replica.facts(SPACE)).toEqual([]);
		expect(one.offences).toEqual([]);
		await world.admit(outsider);
		await world.clock.run(5_000);
		expect(factsOf(one, SPACE)).toEqual(factsOf(outsider, SPACE));
		expect(factsOf(other, SPACE)).toEqual(factsOf(outsider, SPACE));
		expect(one.replica.facts(SPACE)).toHaveLength(1);
	});

	it("[M1] writes no act that others would refuse", async () => {
		const { one } = await twoReplicas();
		const body = Uint8Array.of(1, 2, 3);
		for (const kind of ["invite", "admit"] as const)
			await expect(one.replica.act({ kind, body })).rejects.toMatchObject({
				code: "malformed",
			});
	});

	it("[E3] parks within bounds, and asks again for what it let go", async () => {
		const { world, one } = await twoReplicas();
		const outsider = await world.outsider();
		const spaces = MAX_PARKED_ENTRIES / 2 + 50;
		const writes = Array.from({ length: spaces }, (_, n) =>
			outsider.replica.put(`memory:${n}`, { a: n }),
		);
		await world.clock.run(60);
		await Promise.all(writes);
		world.link(outsider, one);
		await world.clock.run(DIGEST_DELAY_MS * 10);
		expect(one.replica.spaces()).toEqual(["swarm"]);
		await world.admit(outsider);
		await world.clock.until(
			() => one.replica.spaces().length === spaces + 1,
			60_000,
		);
		expect(one.replica.spaces()).toHaveLength(spaces + 1);
	});
});
