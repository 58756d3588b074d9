/**
 * `npm run sim -- --seeds N --from S [--without GUARD]`: whole swarms in this process, one a seed. Prints each failing
 * seed with its trace and the command that replays it, how many seeds a minute of processor time takes, and one hash
 * over all traces; exits with 1 if any failed.
 */
import { parseArgs } from "node:util";
import { GUARDS, type Guard } from "./guards.ts";
import { runScenario } from "./scenario.ts";
import { Trace } from "./trace.ts";

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "20" },
		from: { type: "string", default: "1" },
		without: { type: "string" },
		verbose: { type: "boolean", default: false },
	},
});

const seeds = Number(values.seeds);
const from = Number(values.from);
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from)) {
	console.error("--seeds and --from take whole numbers");
	process.exit(2);
}
const without = GUARDS.find((guard) => guard === values.without);
if (values.without !== undefined && without === undefined) {
	console.error(`--without takes one of: ${GUARDS.join(", ")}`);
	process.exit(2);
}

const before = process.cpuUsage();
const { failed, traces } = await runSeeds(from, seeds, without, values.verbose);
const { user, system } = process.cpuUsage(before);
const perMinute = Math.round((seeds * 60_000_000) / (user + system));
console.log(
	`${seeds - failed} of ${seeds} seeds passed${without === undefined ? "" : ` without ${without}`}, ${perMinute} a minute of one core; trace of all ${traces}`,
);
process.exit(failed > 0 ? 1 : 0);

async function runSeeds(
	first: number,
	count: number,
	guard: Guard | undefined,
	verbose: boolean,
): Promise<{ readonly failed: number; readonly traces: string }> {
	let failed = 0;
	const all = new Trace();
	for (let seed = first; seed < first + count; seed++) {
		const { problems, trace, story } = await runScenario(seed, guard);
		all.note(trace);
		if (verbose) console.log(`seed ${seed}: ${story.join("\n  ")}`);
		if (verbose) console.log(`  trace ${trace}`);
		if (problems.length === 0) continue;
		failed++;
		const flag = guard === undefined ? "" : ` --without ${guard}`;
		console.log(`seed ${seed} failed: ${problems.join("; ")} (trace ${trace})`);
		console.log(`  npm run sim -- --seeds 1 --from ${seed}${flag}`);
	}
	return { failed, traces: all.hash };
}
