/**
 * What a job lacks: the tasks that its reactions ask for and that nobody has written yet (A4). Pure, so that it does
 * not matter which peer asks, how often, or how late.
 */
import { toHex } from "../wire/bytes.ts";
import { MAX_JOB_TASKS, MAX_TASK_INPUT_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { TaskId } from "../wire/ids.ts";
import { plainData } from "./plain.ts";
import type { JobView, Reaction, TaskRequest } from "./ports.ts";
import { type Spec, sizeOf, taskIdOf } from "./records.ts";

/** Specs by what was asked for. The same is asked for again after every change, and hashing it is what costs. */
export type SpecMemo = Map<string, Spec>;

/**
 * @param known the ids of the tasks there are
 * @param onFault hears of a rule that threw or asked for what cannot be; the other rules go on
 * @returns missing specs, each id once, in the order in which rules and records name them
 */
export function missingSpecs(
	reactions: readonly Reaction[],
	view: JobView,
	known: { has(task: TaskId): boolean; readonly size: number },
	onFault: (rule: string, error: unknown) => void,
	memo: SpecMemo = new Map(),
): readonly Spec[] {
	const missing = new Map<TaskId, Spec>();
	for (const reaction of reactions)
		for (const record of view.records(reaction.on)) {
			try {
				for (const request of reaction.react(record, view)) {
					const spec = recall(memo, view, reaction.rule, request);
					if (known.size + missing.size >= MAX_JOB_TASKS)
						return [...missing.values()];
					if (!known.has(spec.task)) missing.set(spec.task, spec);
				}
			} catch (error) {
				onFault(reaction.rule, error);
			}
		}
	return [...missing.values()];
}

function recall(
	memo: SpecMemo,
	view: JobView,
	rule: string,
	request: TaskRequest,
): Spec {
	const { skill, topic } = request;
	const input = plainData(request.input);
	const key = JSON.stringify([rule, skill, topic, input], markBytes);
	let spec = memo.get(key);
	if (spec === undefined) {
		spec = specOf(view, rule, { skill, topic, input });
		memo.set(key, spec);
	}
	return spec;
}

/** In JSON bytes look like an object of numbers. Texts that begin alike are marked too: no two inputs meet. */
const markBytes = (_: string, value: unknown): unknown => {
	if (value instanceof Uint8Array) return `bytes:${toHex(value)}`;
	return typeof value === "string" && /^(bytes|text):/.test(value)
		? `text:${value}`
		: value;
};

function specOf(view: JobView, rule: string, request: TaskRequest): Spec {
	const { skill, topic, input } = request;
	if (!isName(skill) || !isName(topic) || !isName(rule))
		throw new ShoalError(
			"bad-input",
			`The rule ${rule} asked for a task without a skill or a topic.`,
		);
	if (sizeOf(input) > MAX_TASK_INPUT_BYTES)
		throw new ShoalError(
			"too-large",
			`The rule ${rule} asked for a task whose input exceeds ${MAX_TASK_INPUT_BYTES} bytes.`,
		);
	return {
		task: taskIdOf(view.job, rule, skill, input),
		rule,
		skill,
		input,
		topic,
	};
}

/** As the decoder of specs has it: what it would ignore must not be written. */
const isName = (text: unknown): boolean =>
	typeof text === "string" && text.length > 0 && text.length <= 200;
