/** Every decoder over its saved corpus and a few changed inputs; `npm run fuzz` takes as many as one likes. */
import { describe, expect, it } from "vitest";
import { readCorpus } from "./corpus.ts";
import { begin, fuzz } from "./run.ts";
import { targets } from "./targets.ts";

const INPUTS = 300;

describe.each(targets)("$name", (target) => {
	it("[E3] takes and refuses what is saved as it always did", async () => {
		const saved = readCorpus(target.name);
		expect(saved.length).toBeGreaterThan(0);
		const fuzzed = await begin(target);
		for (const { outcome, input, why } of saved) {
			await fuzzed.reset?.();
			expect([await fuzzed.take(input), why]).toEqual([outcome, why]);
		}
	});

	it("[E3] has no trouble with what is changed", async () => {
		const inputs = Math.ceil(INPUTS * (target.weight ?? 1));
		const { bugs } = await fuzz(target, { from: 1, inputs });
		expect(bugs.map(({ seed, what }) => `${seed}: ${what}`)).toEqual([]);
	});
});
