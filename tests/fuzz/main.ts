/**
 * `npm run fuzz -- --inputs N --from SEED --target NAME,… [--save]`: N changed inputs, shared among the targets (all
 * decoders, where none is named). Prints what became of them, a line a target; exits with 1 on a crash, a hang or a
 * state that changed. The same seed gives the same inputs. `--save` adds to the corpus the inputs of bugs, and the
 * shortest input of each outcome that it lacks.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { toHex } from "../../src/wire/bytes.ts";
import { addToCorpus, readCorpus, type Saved } from "./corpus.ts";
import type { Tally } from "./run.ts";
import { targets } from "./targets.ts";
import { HEAD_BYTES, type WorkerTask } from "./worker-task.ts";

/** What takes longer is a hang. */
const LIMIT_MS = 1_000;
/** What has not ended by then never will; the thread is ended instead. */
const DEAD_MS = 20_000;
const MAX_INPUT = 64 * 1024;

const { values } = parseArgs({
	options: {
		inputs: { type: "string", default: "100000" },
		from: { type: "string", default: "1" },
		target: { type: "string", default: "all" },
		save: { type: "boolean", default: false },
	},
});
const inputs = Number(values.inputs);
const from = Number(values.from);
const names = targets.map(({ name }) => name);
const wanted = values.target === "all" ? names : values.target.split(",");
const weights = new Map(
	targets.map(({ name, weight = 1 }) => [name, weight] as const),
);
const unknown = wanted.filter((name) => !names.includes(name));
if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(from)) {
	console.error("--inputs and --from take whole numbers");
	process.exit(2);
}
if (unknown.length > 0) {
	console.error(
		`There is no target ${unknown.join(", ")}; there are ${names.join(", ")}.`,
	);
	process.exit(2);
}

const weightOf = (name: string): number => weights.get(name) ?? 1;
const whole = wanted.reduce((sum, name) => sum + weightOf(name), 0);
let total = 0;
let bugs = 0;
for (const name of wanted) {
	const tally = await runTarget(
		name,
		Math.ceil((inputs * weightOf(name)) / whole),
	);
	report(tally);
	if (values.save) save(tally);
	total += tally.inputs;
	bugs += tally.bugs.length;
}
console.log(`${total} inputs, ${wanted.length} targets, ${bugs} bugs`);
process.exit(bugs > 0 ? 1 : 0);

/** A target in a thread of its own, so that one that hangs can be ended. */
function runTarget(target: string, count: number): Promise<Tally> {
	const present = new SharedArrayBuffer(HEAD_BYTES + MAX_INPUT);
	const head = new Int32Array(present, 0, 2);
	const task: WorkerTask = {
		...{ target, from, inputs: count, limitMs: LIMIT_MS, present },
	};
	// Threads do not inherit the loader of TypeScript.
	const worker = new Worker(
		`import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(new URL("./worker.ts", import.meta.url).href)}); });`,
		{ workerData: task, eval: true },
	);
	return new Promise((resolve, reject) => {
		let begun = -1;
		let since = performance.now();
		const watch = setInterval(() => {
			const now = Atomics.load(head, 0);
			if (now !== begun || now === 0) {
				begun = now;
				since = performance.now();
			} else if (performance.now() - since > DEAD_MS) end(hung());
		}, 500);
		const end = (tally: Tally): void => {
			clearInterval(watch);
			void worker.terminate();
			resolve(tally);
		};
		const hung = (): Tally => {
			const input = Uint8Array.from(
				new Uint8Array(present, HEAD_BYTES, Atomics.load(head, 1)),
			);
			return {
				...{ target, inputs: begun, slowestMs: DEAD_MS, slowest: input },
				...{ outcomes: new Map(), shortest: new Map() },
				bugs: [{ seed: undefined, input, what: "it never ends" }],
			};
		};
		worker.on("message", end);
		worker.on("error", (error) => {
			clearInterval(watch);
			reject(error);
		});
	});
}

function report({ target, inputs, outcomes, slowestMs, bugs }: Tally): void {
	const { accepted = 0, ...refused } = Object.fromEntries(outcomes);
	const codes = Object.entries(refused)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([code, count]) => `${code} ${count}`);
	console.log(
		`${target}: ${inputs} inputs, ${accepted} accepted, refused: ${codes.join(", ") || "none"}; slowest ${slowestMs.toFixed(1)} ms`,
	);
	for (const { seed, input, what } of bugs) {
		console.log(`  BUG ${what}`);
		console.log(`  input ${shown(input)}`);
		if (seed !== undefined)
			console.log(
				`  npm run fuzz -- --inputs 1 --from ${seed} --target ${target}`,
			);
	}
}

function shown(input: Uint8Array): string {
	return input.length > 400
		? `${toHex(input.subarray(0, 400))}… (${input.length} bytes)`
		: toHex(input);
}

function save({ target, bugs, shortest }: Tally): void {
	const known = new Set(readCorpus(target).map(({ outcome }) => outcome));
	const fresh: Saved[] = [...shortest]
		.filter(([outcome]) => !known.has(outcome))
		.map(([outcome, input]) => ({ outcome, input, why: "" }));
	const found: Saved[] = bugs.map(({ input, what }) => ({
		...{ outcome: "bug", input },
		why: what.split("\n", 1)[0] ?? "",
	}));
	addToCorpus(target, [...fresh, ...found]);
}
