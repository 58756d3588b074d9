import { describe, expect, it } from "vitest";
import { GUARDS } from "./guards.ts";
import { runScenario } from "./scenario.ts";

/** Enough for every guard to be missed. */
const SEEDS = 60;

describe("the simulator", () => {
	// 25 runs on real signatures, 7 on stubs.
	it.each([7, 25])("replays seed %i to the letter", async (seed) => {
		const first = await runScenario(seed);
		const second = await runScenario(seed);
		expect(second.trace).toBe(first.trace);
		expect(second.story).toEqual(first.story);
		expect((await runScenario(seed + 1)).trace).not.toBe(first.trace);
	});

	it.each(GUARDS)("has teeth: without %s seeds fail", async (guard) => {
		let failed = 0;
		for (let seed = 1; seed <= SEEDS && failed === 0; seed++)
			if ((await runScenario(seed, guard)).problems.length > 0) failed++;
		expect(failed).toBe(1);
	});
});
