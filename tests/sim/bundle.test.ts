/** `npm run sim` runs what these tests run, faster. */
import { expect, it } from "vitest";
import { runTool } from "../../scripts/process.ts";
import { runScenario } from "./scenario.ts";

const SEEDS = { first: 24, count: 2 };

it("runs the same seed bundled and from its sources, to the letter", async () => {
	const { first, count } = SEEDS;
	const args = ["--seeds", `${count}`, "--from", `${first}`, "--verbose"];
	const { ok, output } = await runTool("tsx", ["scripts/sim.ts", ...args]);
	expect(ok, output).toBe(true);
	const traces = [...output.matchAll(/^ {2}trace (\w+)$/gm)].map(([, t]) => t);
	// 25 runs on real signatures, 24 on stubs.
	for (let at = 0; at < count; at++)
		expect(traces[at]).toBe((await runScenario(first + at)).trace);
});
