/** Runs a target over inputs. Input n comes of the seed `from + n` alone, so any of them can be had again by itself. */
import { inspect } from "node:util";
import { seededRandom } from "../sim/world/random.ts";
import { mutated } from "./mutate.ts";
import { ACCEPTED, type Fuzzed, type Outcome, type Target } from "./target.ts";

export interface Bug {
	/** The seed that gives the input; `undefined` where it was not made from one. */
	readonly seed: number | undefined;
	readonly input: Uint8Array;
	readonly what: string;
}

export interface Tally {
	readonly target: string;
	inputs: number;
	readonly outcomes: Map<Outcome, number>;
	slowestMs: number;
	slowest: Uint8Array;
	readonly bugs: Bug[];
	/** The shortest input of each outcome. */
	readonly shortest: Map<Outcome, Uint8Array>;
}

export interface RunOptions {
	readonly from: number;
	readonly inputs: number;
	/** Milliseconds that an input may take; what takes longer three times in a row is a bug. */
	readonly limitMs?: number;
	/** Inputs besides the target's own. */
	readonly known?: readonly Uint8Array[];
	/** Hears of each input before it is taken. */
	onInput?(input: Uint8Array): void;
	/** Where rejections that nobody awaited are put; each is a bug of the input at hand. */
	readonly stray?: string[];
}

const MAX_BUGS = 10;
/** A slow machine is slow now and then; slow code is slow each time. */
const TRIES = 3;

/** Begins a target. Always the same one: what is random in it does not depend on the run. */
export const begin = async (target: Target): Promise<Fuzzed> =>
	target.begin(seededRandom(1));

export async function fuzz(
	target: Target,
	options: RunOptions,
): Promise<Tally> {
	const fuzzed = await begin(target);
	const corpus = {
		inputs: [...fuzzed.inputs, ...(options.known ?? [])],
		tokens: fuzzed.tokens ?? [],
	};
	const tally: Tally = {
		target: target.name,
		inputs: 0,
		outcomes: new Map(),
		slowestMs: 0,
		slowest: new Uint8Array(),
		bugs: [],
		shortest: new Map(),
	};
	for (const input of fuzzed.inputs) {
		const outcome = await takeOne(fuzzed, input, undefined, tally, options);
		if (outcome !== undefined && outcome !== ACCEPTED)
			tally.bugs.push({
				seed: undefined,
				input,
				what: `a good input was refused: ${outcome}`,
			});
	}
	for (let n = 0; n < options.inputs; n++) {
		const seed = options.from + n;
		const input = mutated(seededRandom(seed), corpus);
		await takeOne(fuzzed, input, seed, tally, options);
		if (tally.bugs.length >= MAX_BUGS) break;
	}
	return tally;
}

/** The outcome; `undefined` where it is a bug. */
async function takeOne(
	fuzzed: Fuzzed,
	input: Uint8Array,
	seed: number | undefined,
	tally: Tally,
	{ limitMs = Number.POSITIVE_INFINITY, onInput, stray = [] }: RunOptions,
): Promise<Outcome | undefined> {
	onInput?.(input);
	tally.inputs++;
	try {
		const { outcome, ms } = await measured(fuzzed, input, limitMs);
		if (stray.length > 0)
			throw new Error(`nobody awaited: ${stray.splice(0).join("; ")}`);
		tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
		const known = tally.shortest.get(outcome);
		if (known === undefined || input.length < known.length)
			tally.shortest.set(outcome, input);
		if (ms > tally.slowestMs) {
			tally.slowestMs = ms;
			tally.slowest = input;
		}
		if (ms > limitMs)
			tally.bugs.push({ seed, input, what: `it takes ${Math.round(ms)} ms` });
		return outcome;
	} catch (error) {
		tally.bugs.push({ seed, input, what: inspect(error) });
		return undefined;
	}
}

async function measured(
	fuzzed: Fuzzed,
	input: Uint8Array,
	limitMs: number,
): Promise<{ readonly outcome: Outcome; readonly ms: number }> {
	let least = Number.POSITIVE_INFINITY;
	let outcome: Outcome = "";
	for (let tries = 0; tries < TRIES; tries++) {
		await fuzzed.reset?.();
		// A copy: what is taken may be kept, and must not be changed by the next one.
		const own = Uint8Array.from(input);
		const begun = performance.now();
		const used = process.cpuUsage();
		outcome = await fuzzed.take(own);
		// On a machine that is busy with other work the clock runs and the code does not.
		const { user, system } = process.cpuUsage(used);
		const cpuMs = (user + system) / 1_000;
		least = Math.min(least, performance.now() - begun, cpuMs);
		if (least <= limitMs) break;
	}
	return { outcome, ms: least };
}
