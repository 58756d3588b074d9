/** Much state, late joiners, and equal entries that must give equal facts (S6, S11). */
import { describe, expect, it } from "vitest";
import type { Fact } from "../../../src/replica/types.ts";
import {
	factsOf,
	type Page,
	put,
	replicaWorld,
	twoReplicas,
} from "../../helpers/replica-world.ts";

const SPACE = "memory:test";

/** Says yes at once: what is measured here is the replica, and signatures have tests of their own. */
const trusting = { verify: async () => true };

describe("late join", () => {
	it("[S6] to 10,000 records of 5 authors ends with equal digests", async () => {
		const world = await replicaWorld();
		const authors = [world.founder];
		for (let n = 1; n < 5; n++) authors.push(await world.member());
		world.mesh(...authors);
		await world.clock.run(5_000);
		for (let n = 0; n < 20; n++) {
			const writes = authors.map(({ replica }) =>
				replica.put(
					SPACE,
					Object.fromEntries(
						Array.from({ length: 100 }, (_, at) => [
							`${n}/${at}`,
							{ n, text: "some words of a record" },
						]),
					),
				),
			);
			await world.clock.run(60);
			await Promise.all(writes);
		}
		await world.clock.run(5_000);
		const late = await world.member({ verifier: trusting });
		world.mesh(late, ...authors);
		const isEqual = await world.clock.until(
			() =>
				late.replica.headsDigest(SPACE) ===
				world.founder.replica.headsDigest(SPACE),
			60_000,
		);
		expect(isEqual).toBe(true);
		expect(late.replica.facts(SPACE)).toHaveLength(10_000);
		expect(late.replica.facts(SPACE)).toEqual(
			world.founder.replica.facts(SPACE),
		);
		expect(late.offences).toEqual([]);
	}, 60_000);

	it("[Y1] brings a value of 5 MB, and a small one after it", async () => {
		const { world, one, other } = await twoReplicas();
		const late = await world.member();
		const body = new Uint8Array(5_000_000).fill(7);
		await put(world, one, SPACE, { large: body });
		await put(world, one, SPACE, { small: 1 });
		await world.clock.run(3_000);
		world.link(late, other);
		await world.clock.run(5_000);
		for (const page of [other, late]) {
			expect(page.replica.headsDigest(SPACE)).toBe(
				one.replica.headsDigest(SPACE),
			);
			const [large, small] = page.replica.facts(SPACE);
			expect(small?.value).toBe(1);
			// Compared as a whole: item by item takes the test runner half a minute.
			expect(
				large?.value instanceof Uint8Array && Buffer.compare(large.value, body),
			).toBe(0);
		}
	});
});

describe("[S11] equal entries", () => {
	/** Changes what a page shows of a byte string, as a fault would. */
	function corrupt({ replica }: Page): void {
		const bytes = replica.facts(SPACE).find(({ key }) => key === "bytes");
		if (!(bytes?.value instanceof Uint8Array)) throw new Error("no bytes");
		bytes.value.fill(9);
	}
	const bytesOf = ({ replica }: Page): readonly Fact["value"][] =>
		replica.facts(SPACE).map(({ value }) => value);

	it("that give other facts are applied anew, and that is counted", async () => {
		const world = await replicaWorld();
		const rebuilt: [string, boolean][] = [];
		const one = world.founder;
		const other = await world.member({
			onRebuilt: (space, hasChanged) => rebuilt.push([space, hasChanged]),
		});
		world.link(one, other);
		await world.clock.run(4_000);
		const write = one.replica.put(SPACE, { bytes: Uint8Array.of(1, 2, 3) });
		await world.clock.run(80);
		await write;
		corrupt(other);
		expect(other.replica.headsDigest(SPACE)).toBe(
			one.replica.headsDigest(SPACE),
		);
		expect(bytesOf(other)).not.toEqual(bytesOf(one));
		await world.clock.run(5_000);
		expect(bytesOf(other)).toEqual([Uint8Array.of(1, 2, 3)]);
		expect(rebuilt).toEqual([[SPACE, true]]);
		await put(world, other, SPACE, { more: 1 });
		await world.clock.run(5_000);
		expect(rebuilt).toHaveLength(1);
		expect(factsOf(one, SPACE)).toEqual(factsOf(other, SPACE));
		const quiet = world.sent.length;
		await world.clock.run(600_000);
		expect(world.sent.length).toBe(quiet);
	});

	it("are not said to differ while own writes wait for storage", async () => {
		const world = await replicaWorld(5);
		const rebuilt: string[] = [];
		const onRebuilt = (space: string): void => {
			rebuilt.push(space);
		};
		const pages = [world.founder];
		for (let n = 1; n < 4; n++) pages.push(await world.member({ onRebuilt }));
		world.mesh(...pages);
		world.pipes.loses = () => world.random.fraction() < 0.2;
		const writes: Promise<void>[] = [];
		for (let n = 0; n < 100; n++) {
			const page = pages[n % 4] ?? world.founder;
			writes.push(page.replica.put(SPACE, { [n % 7]: n, [`k${n}`]: n }));
			if (n === 50) writes.push(page.replica.compact(SPACE));
			await world.clock.run(world.random.fraction() * 900);
		}
		await Promise.all(writes);
		await world.clock.run(120_000);
		expect(rebuilt).toEqual([]);
		const [first] = pages;
		for (const page of pages)
			expect(page.replica.facts(SPACE)).toEqual(first?.replica.facts(SPACE));
	});
});
