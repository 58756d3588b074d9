import { describe, expect, it } from "vitest";
import { FAULTS } from "./faults.ts";
import { GUARDS } from "./guards.ts";
import { runScenario } from "./scenario.ts";

const HUNDREDS = [1, 101, 201, 301, 401];
/** Enough for every guard to be missed. */
const SEEDS = 60;

describe("the simulator", () => {
	const struck = new Set<string>();
	it.each(HUNDREDS)(
		"keeps every promise under faults, a hundred seeds from %i",
		async (from) => {
			for (let seed = from; seed < from + 100; seed++) {
				const outcome = await runScenario(seed);
				const { problems, trace } = outcome;
				expect({ seed, trace, problems }).toMatchObject({ problems: [] });
				for (const name of outcome.struck.keys()) struck.add(name);
			}
		},
	);

	it("met with whatever can go wrong in those", () => {
		expect([...struck].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
	});

	// 16 runs on real signatures, 7 on stubs.
	it.each([7, 16])("replays seed %i to the letter", async (seed) => {
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
