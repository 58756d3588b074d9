import { describe, expect, it } from "vitest";
import { isLinked, SwarmWorld, textFile } from "./world/swarm.ts";

describe("a swarm of whole nodes", () => {
	it("[M2] joins through one link, and every page sees the others", async () => {
		const world = new SwarmWorld(1);
		const pages = await world.swarm(4);
		expect(await world.clock.until(() => isLinked(pages), 20_000)).toBe(true);
		const members = pages.map(
			({ node }) => node.swarm.presence.members().length,
		);
		expect(members).toEqual([4, 4, 4, 4]);
	});

	it("[L6] links a page that took a slot over with every tab of the others", async () => {
		const world = new SwarmWorld(4);
		const [first, second, third] = await world.swarm(3);
		if (first === undefined || second === undefined || third === undefined)
			throw new Error("no page");
		const tab = await world.open(second.profile);
		const all = [first, second, third, tab];
		expect(await world.clock.until(() => isLinked(all), 20_000)).toBe(true);
		first.freeze();
		const again = await world.open(first.profile);
		expect(again.node.me().peer).toBe(first.node.me().peer);
		const back = () => isLinked([again, second, third, tab]);
		expect(await world.clock.until(back, 20_000)).toBe(true);
		await world.clock.run(20_000);
		expect(back()).toBe(true);
	});

	it("[S6] shows what one put to all others, with equal digests", async () => {
		const world = new SwarmWorld(2);
		const pages = await world.swarm(3);
		await Promise.all(
			pages.map(({ node }, i) =>
				world.settle(node.swarm.state.put("notes", `k${i}`, { i })),
			),
		);
		const digests = () =>
			new Set(pages.map(({ node }) => node.swarm.state.digest("notes")));
		const same = () =>
			digests().size === 1 &&
			pages.every(({ node }) => node.swarm.state.entries("notes").length === 3);
		expect(await world.clock.until(same, 10_000)).toBe(true);
	});

	it("[T3] researches a question on all devices", async () => {
		const world = new SwarmWorld(3);
		const pages = await world.swarm(3);
		const [asker] = pages;
		if (asker === undefined) throw new Error("no pages");
		const { documents, research } = asker.node.swarm;
		await world.settle(
			documents.addEach([
				textFile(
					"pump.md",
					"# Pump log\n\nThe circulation pump of the second trial failed on day 31 because its bearing had run dry. The technician replaced the bearing at noon.\n",
				),
				textFile(
					"other.txt",
					"The garden has seven apple trees and a small pond. Frogs live in the pond all summer.",
				),
			]),
		);
		const job = "ab".repeat(16);
		await world.settle(
			research.submit(job, "Why did the circulation pump fail?", undefined),
		);
		const report = await world.settle(research.done(job));
		expect(report.found).toBe(true);
		expect(JSON.stringify(report.sections)).toContain("bearing");
	});

	it.each([
		["suspend", "resume", 1],
		["suspend", "resume", 30],
		["suspend", "resume", 600],
		["sleep", "wake", 1],
		["sleep", "wake", 30],
	] as const)(
		"[L5] is whole again soon after a page had to %s and %s after %s s",
		async (begin, end, seconds) => {
			const world = new SwarmWorld(4);
			const pages = await world.swarm(3);
			const [, sleeper] = pages;
			if (sleeper === undefined) throw new Error("no pages");
			await world.clock.until(() => isLinked(pages), 20_000);
			sleeper[begin]();
			await world.clock.run(seconds * 1000);
			sleeper[end]();
			const others = pages.filter((page) => page !== sleeper);
			const answers = Promise.all(
				others.map(({ node }) =>
					sleeper.node.swarm.request(node.me().peer, "ping", null, {
						timeoutMs: 3000,
					}),
				),
			);
			expect(await world.settle(answers, 3000)).toEqual(["pong", "pong"]);
			expect(await world.clock.until(() => isLinked(pages), 1000)).toBe(true);
		},
	);
});
