/**
 * One run of a whole swarm under faults from a seed (faults.ts). What must always hold is looked at after every step; at
 * the end all is healed, and what the rules promise then is waited for and checked (promises.ts).
 */
import { codeOf } from "../../src/wire/error.ts";
import { drawFault, freeze, wake } from "./faults.ts";
import type { Guard } from "./guards.ts";
import { checkAlways, checkHealed } from "./promises.ts";
import { Run, SPACE } from "./run.ts";
import { calm } from "./world/faults.ts";

export interface Outcome {
	/** Empty: all promises were kept. */
	readonly problems: readonly string[];
	/** Hash of what happened: equal for equal seeds. */
	readonly trace: string;
	/** What was done, line by line, with virtual milliseconds. */
	readonly story: readonly string[];
	/** How often each fault struck. */
	readonly struck: ReadonlyMap<string, number>;
}

const STEPS = 16;

export async function runScenario(
	seed: number,
	without?: Guard,
): Promise<Outcome> {
	const run = new Run(seed, without);
	try {
		await run.gather();
		for (let n = 0; n < STEPS; n++) await step(run);
		await thaw(run);
		calmDown(run);
		await checkHealed(run);
		checkAlways(run);
	} finally {
		run.end();
	}
	const { problems, trace, story, struck } = run;
	return { problems, trace: trace.hash, story, struck };
}

async function step(run: Run): Promise<void> {
	const { clock, random } = run.world;
	const awake = run.awake();
	const [page, other] = [run.pick(awake), run.pick(awake)];
	const fault = drawFault(run);
	if (page !== undefined && other !== undefined && fault !== undefined) {
		run.note(`${fault.name} ${page.host} ${other.host}`);
		run.struck.set(fault.name, (run.struck.get(fault.name) ?? 0) + 1);
		await fault.strike(run, page, other);
	}
	await clock.run(random.fraction() * 4000);
	checkAlways(run);
}

/** The frozen page wakes up and writes, while another tab has its slot (E1). */
async function thaw(run: Run): Promise<void> {
	for (const disk of run.disks()) disk.isFull = false;
	if (run.asleep !== undefined) wake(run);
	if (run.frozen === undefined) {
		const page = run.pick(run.awake());
		if (page !== undefined) await freeze(run, page);
	}
	const page = run.frozen;
	if (page === undefined) return;
	page.thaw();
	const written = page.node.swarm.state.put(SPACE, "thawed", "late");
	const code = await run.world.settle(
		written.then(() => "acknowledged", codeOf),
		30_000,
	);
	// Where its device was removed meanwhile it may hear of that first.
	if (code !== "slot-lost" && code !== "not-a-member")
		run.blame(`a thawed page wrote behind the new owner: ${code}`);
	await page.node.close();
}

/** Nothing goes wrong any more. */
function calmDown({ world: { network } }: Run): void {
	Object.assign(network.faults, calm());
	network.relay.set(true);
	network.healAll();
}
