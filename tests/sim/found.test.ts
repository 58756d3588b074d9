/** Seeds beyond those of every run that once showed something. */
import { expect, it } from "vitest";
import { runScenario } from "./scenario.ts";

it.each([
	["[M1] who was removed keeps what its disk holds, not knowing why", 10_247],
	["[M3] an epoch stays due while all that may begin it are gone", 20_946],
	["[M1] who was removed shows its own until it is in again", 31_825],
	["[S9] who lost the swarm's log in an epoch of its own gets it back", 32_728],
])("%s (seed %i)", async (_, seed) => {
	expect((await runScenario(seed)).problems).toEqual([]);
});
