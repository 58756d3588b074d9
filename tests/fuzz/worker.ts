/** Runs one target in a thread of its own, and leaves each input where the other thread finds it when this one hangs. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../src/wire/error.ts";
import { readCorpus } from "./corpus.ts";
import { fuzz } from "./run.ts";
import { targets } from "./targets.ts";
import { HEAD_BYTES, type WorkerTask } from "./worker-task.ts";

const task: WorkerTask = workerData;
const head = new Int32Array(task.present, 0, 2);
const bytes = new Uint8Array(task.present, HEAD_BYTES);
const target = targets.find(({ name }) => name === task.target);
if (target === undefined) throw new Error(`no target ${task.target}`);

/** What nobody awaited is a crash too; it belongs to the input that is being taken. */
const stray: string[] = [];
process.on("unhandledRejection", (error) => {
	stray.push(error instanceof Error ? (error.stack ?? "") : messageOf(error));
});

const tally = await fuzz(target, {
	from: task.from,
	inputs: task.inputs,
	limitMs: task.limitMs,
	known: readCorpus(target.name).map(({ input }) => input),
	onInput(input) {
		bytes.set(input.subarray(0, bytes.length));
		Atomics.store(head, 1, input.length);
		Atomics.add(head, 0, 1);
	},
	stray,
});
parentPort?.postMessage(tally);
