/** The messages between a home and its workers (T2): never entries, so an idle swarm writes nothing. */
import type { JobId, PeerId, TaskId } from "../wire/ids.ts";
import { isHashId } from "../wire/ids.ts";
import type { Lease, Token } from "./leases.ts";
import type { Assignment } from "./ports.ts";
import { isTaskId } from "./records.ts";

/** Worker to home: "I am here, I can do this, I hold that". Also renews what it holds. Answered by `AskAnswer`. */
export const ASK = "tasks.idle";
/** Home to worker: leases with their work. Answered by `GrantAnswer`. */
export const GRANT = "tasks.grant";
/** Worker to home: records are written. Answered by `{}`. */
export const DONE = "tasks.done";
/** Home to everybody, best effort: who works on what. Answered by `{}`. */
export const LEASES = "tasks.leases";

/** A lease as its holder names it. */
export type HeldLease = Pick<Lease, "job" | "task" | "attempt" | "token">;

export interface Ask {
	/** Fresh at each start of a worker: what it held before is lost. */
	readonly boot: string;
	/** How many tasks it will run at once for this home. */
	readonly slots: number;
	readonly skills: readonly string[];
	readonly held: readonly HeldLease[];
}

export interface AskAnswer {
	/** Tasks that somebody else holds now: stop. */
	readonly lost: readonly TaskId[];
}

export interface Grant extends Assignment {
	readonly token: Token;
	readonly durationMs: number;
}

export interface GrantAnswer {
	readonly refused: readonly TaskId[];
}

export interface Done {
	readonly task: TaskId;
	readonly skill: string;
	/** `released`: there is no record, somebody else shall do it. */
	readonly outcome: "result" | "fail" | "released";
	readonly ms: number;
}

/** Who works on what, for showing. */
export interface Working {
	readonly job: JobId;
	readonly task: TaskId;
	readonly attempt: number;
	readonly holder: PeerId;
}

/** Caps on lists in one message: a peer's mistake must not fill our memory. */
const MAX_ITEMS = 10_000;
const MAX_SLOTS = 64;

export function decodeAsk(params: unknown): Ask | undefined {
	const { boot, slots, skills, held } = fields(params);
	if (!isName(boot) || !isCount(slots)) return undefined;
	return {
		boot,
		slots: Math.min(slots, MAX_SLOTS),
		skills: listOf(skills, (skill) => (isName(skill) ? skill : undefined)),
		held: listOf(held, decodeHeld),
	};
}

export function decodeAskAnswer(answer: unknown): AskAnswer {
	return { lost: listOf(fields(answer)["lost"], taskId) };
}

export function decodeGrants(params: unknown): readonly Grant[] {
	return listOf(fields(params)["leases"], (item) => {
		const held = decodeHeld(item);
		const { durationMs, skill, input, traceparent } = fields(item);
		if (held === undefined || !isCount(durationMs) || !isName(skill))
			return undefined;
		const trace = isName(traceparent) ? traceparent : "";
		return { ...held, durationMs, skill, input, traceparent: trace };
	});
}

export function decodeGrantAnswer(answer: unknown): GrantAnswer {
	return { refused: listOf(fields(answer)["refused"], taskId) };
}

export function decodeDone(params: unknown): readonly Done[] {
	return listOf(fields(params)["tasks"], (item) => {
		const { task, skill, outcome, ms } = fields(item);
		if (!isTaskId(task) || !isName(skill)) return undefined;
		if (outcome !== "result" && outcome !== "fail" && outcome !== "released")
			return undefined;
		return { task, skill, outcome, ms: isCount(ms) ? ms : 0 };
	});
}

export function decodeWorking(params: unknown): readonly Working[] {
	return listOf(fields(params)["leases"], (item) => {
		const { job, task, attempt, holder } = fields(item);
		if (!isTaskId(job) || !isTaskId(task) || !isHashId(holder))
			return undefined;
		return isCount(attempt) ? { job, task, attempt, holder } : undefined;
	});
}

function decodeHeld(item: unknown): HeldLease | undefined {
	const { job, task, attempt, token } = fields(item);
	const { home, counter } = fields(token);
	// A job's id has the shape of a task's.
	if (!isTaskId(job) || !isTaskId(task)) return undefined;
	if (!isCount(attempt) || attempt < 1) return undefined;
	if (!isCount(counter) || !isHashId(home)) return undefined;
	return { job, task, attempt, token: { home, counter } };
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null
		? (value as Readonly<Record<string, unknown>>)
		: {};

function listOf<T>(
	value: unknown,
	decode: (item: unknown) => T | undefined,
): readonly T[] {
	if (!Array.isArray(value)) return [];
	return value
		.slice(0, MAX_ITEMS)
		.map(decode)
		.filter((item) => item !== undefined);
}

const taskId = (value: unknown): TaskId | undefined =>
	isTaskId(value) ? value : undefined;
const isName = (value: unknown): value is string =>
	typeof value === "string" && value.length > 0 && value.length <= 200;
const isCount = (value: unknown): value is number =>
	typeof value === "number" && Number.isInteger(value) && value >= 0;
