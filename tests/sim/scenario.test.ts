import { describe, expect, it } from "vitest";
import { GUARDS, runScenario } from "./scenario.ts";

describe("the simulator", () => {
	it("keeps every promise under faults", async () => {
		for (let seed = 1; seed <= 25; seed++)
			expect({ seed, ...(await runScenario(seed)) }).toMatchObject({
				seed,
				problems: [],
			});
	});

	it("replays a seed to the letter", async () => {
		const first = await runScenario(7);
		const second = await runScenario(7);
		expect(second.trace).toBe(first.trace);
	});

	it.each(GUARDS)("has teeth: without %s seeds fail", async (guard) => {
		let failed = 0;
		for (let seed = 1; seed <= 6 && failed === 0; seed++)
			if ((await runScenario(seed, guard)).problems.length > 0) failed++;
		expect(failed).toBe(1);
	});
});
