/** The seeds that every test run goes through, in parts so that they share the cores. */
import { describe, expect, it } from "vitest";
import { FAULTS } from "./faults.ts";
import { runScenario } from "./scenario.ts";

/** So many a test: a slow machine needs patience for each part only. */
const PART = 25;

/** @param first number of the first seed @param count a multiple of 25; enough for every fault to strike */
export function describeSeeds(first: number, count: number): void {
	describe(`the simulator, seeds ${first} to ${first + count - 1}`, () => {
		const struck = new Set<string>();
		const parts = Array.from(
			{ length: count / PART },
			(_, n) => first + n * PART,
		);

		it.each(parts)(
			"keeps every promise under faults, from %i",
			async (from) => {
				for (let seed = from; seed < from + PART; seed++) {
					const outcome = await runScenario(seed);
					const { problems, trace } = outcome;
					expect({ seed, trace, problems }).toMatchObject({ problems: [] });
					for (const name of outcome.struck.keys()) struck.add(name);
				}
			},
		);

		it("met with whatever can go wrong", () => {
			expect([...struck].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
		});
	});
}
