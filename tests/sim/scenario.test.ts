import { describe, expect, it } from "vitest";
import { GUARDS } from "./guards.ts";
import { runScenario } from "./scenario.ts";

const HUNDREDS = [1, 101, 201, 301, 401];

describe("the simulator", () => {
	it.each(HUNDREDS)(
		"keeps every promise under faults, a hundred seeds from %i",
		async (from) => {
			for (let seed = from; seed < from + 100; seed++)
				expect({ seed, ...(await runScenario(seed)) }).toMatchObject({
					seed,
					problems: [],
				});
		},
	);

	// 16 runs on real signatures, 7 on stubs.
	it.each([7, 16])("replays seed %i to the letter", async (seed) => {
		const first = await runScenario(seed);
		const second = await runScenario(seed);
		expect(second.trace).toBe(first.trace);
	});

	it.each(GUARDS)("has teeth: without %s seeds fail", async (guard) => {
		let failed = 0;
		for (let seed = 1; seed <= 12 && failed === 0; seed++)
			if ((await runScenario(seed, guard)).problems.length > 0) failed++;
		expect(failed).toBe(1);
	});
});
