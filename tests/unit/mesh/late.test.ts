import { describe, expect, it, vi } from "vitest";
import type { BywaysDeps } from "../../../src/mesh/byways.ts";
import { VirtualClock } from "../../sim/world/clock.ts";

describe("byways whose code comes late", () => {
	it("[L6] do what happened meanwhile in its order, and the rest at once", async () => {
		vi.resetModules();
		const { LateByways, fetchNeighbours } = await import(
			"../../../src/mesh/late.ts"
		);
		const clock = new VirtualClock();
		const deps: Partial<BywaysDeps> = { clock, self: "00" };
		const byways = new LateByways(deps as BywaysDeps);
		const done: number[] = [];
		for (const n of [1, 2, 3]) byways.do(() => done.push(n));
		expect(done).toEqual([]);
		await fetchNeighbours();
		byways.do(() => done.push(4));
		expect(done).toEqual([1, 2, 3, 4]);
		byways.stop();
	});
});
