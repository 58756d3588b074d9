/**
 * The records in a job's space, their keys, and decoders for what others wrote there (T1). Each is immutable and lies
 * in the corner of whoever wrote it. Facts come from peers that may be hostile: what has not the shape is no record.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import { MAX_RESULT_BYTES, MAX_TASK_INPUT_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId, JobId, PeerId, TaskId } from "../wire/ids.ts";
import { isHashId } from "../wire/ids.ts";
import { plainData } from "./plain.ts";

/** A fact as a record board shows it. */
export interface BoardFact {
	readonly key: string;
	readonly value: unknown;
	readonly peer: PeerId;
	readonly device: DeviceId;
}

/** Key `job`, written by the submitter. */
export interface JobRecordBody {
	readonly kind: string;
	readonly title: string;
	readonly submitter: PeerId;
	/** Wall clock of the submitter, milliseconds since 1970; for display only (E6). */
	readonly createdAt: number;
	readonly start: { readonly topic: string; readonly data: unknown };
	readonly mode: "converge";
}

/** Key `spec/<task>`, written by a home. */
export interface Spec {
	readonly task: TaskId;
	readonly rule: string;
	readonly skill: string;
	readonly input: unknown;
	/** The topic under which the accepted result becomes a record. */
	readonly topic: string;
}

/** Key `result/<task>/<attempt>`. */
export interface ResultRecord {
	readonly output: unknown;
	/** Hex SHA-256 of the deterministic CBOR of `output`. */
	readonly hash: string;
	readonly agent: string;
	/** How long it ran, by the worker's own clock. */
	readonly ms: number;
}

/** Key `fail/<task>/<attempt>`. */
export interface FailRecord {
	readonly code: string;
	readonly message: string;
	/** Empty where nobody could be named. */
	readonly agent: string;
}

export const JOB_KEY = "job";
export const CANCEL_KEY = "cancel";
export const specKey = (task: TaskId): string => `spec/${task}`;
export const resultKey = (task: TaskId, attempt: number): string =>
	`result/${task}/${attempt}`;
export const failKey = (task: TaskId, attempt: number): string =>
	`fail/${task}/${attempt}`;
export const cancelKey = (task: TaskId): string => `cancel/${task}`;

/** What a key names. `accept/…` is reserved for the other modes (T3). */
export type RecordName =
	| { readonly kind: "job" | "cancel" }
	| { readonly kind: "spec" | "cancel-task"; readonly task: TaskId }
	| {
			readonly kind: "result" | "fail";
			readonly task: TaskId;
			readonly attempt: number;
	  };

const HEX_32 = /^[0-9a-f]{32}$/;
const ATTEMPT = /^[1-9][0-9]{0,5}$/;

export const isTaskId = (text: unknown): text is TaskId =>
	typeof text === "string" && HEX_32.test(text);
/** A job's id has the shape of a task's. */
export const isJobId = (text: unknown): text is JobId => isTaskId(text);
/** The job of a space named `job:<id>`. */
export function jobOfSpace(space: string): JobId | undefined {
	const id = space.startsWith("job:") ? space.slice(4) : "";
	return isJobId(id) ? id : undefined;
}

/** Reads a key; `undefined` where it names no record. */
export function parseKey(key: string): RecordName | undefined {
	if (key === JOB_KEY) return { kind: "job" };
	if (key === CANCEL_KEY) return { kind: "cancel" };
	const [kind, task, number, ...rest] = key.split("/");
	if (rest.length > 0 || !isTaskId(task)) return undefined;
	if (number === undefined) {
		if (kind === "spec") return { kind, task };
		return kind === "cancel" ? { kind: "cancel-task", task } : undefined;
	}
	if (!ATTEMPT.test(number) || (kind !== "result" && kind !== "fail"))
		return undefined;
	return { kind, task, attempt: Number(number) };
}

/**
 * hash(job, rule, skill, input): many reactors make one task, and who writes a spec cannot choose its id (A4).
 *
 * @returns the first 16 bytes of the SHA-256 of the deterministic CBOR, as 32 hex characters
 */
export function taskIdOf(
	job: JobId,
	rule: string,
	skill: string,
	input: unknown,
): TaskId {
	return toHex(sha256(encodeCbor([job, rule, skill, input])).subarray(0, 16));
}

type Shape = Readonly<Record<string, unknown>>;
const shapeOf = (value: unknown): Shape | undefined =>
	typeof value === "object" && value !== null && !Array.isArray(value)
		? (value as Shape)
		: undefined;
const isText = (value: unknown, max: number): value is string =>
	typeof value === "string" && value.length <= max;
const isName = (value: unknown): value is string =>
	isText(value, 200) && value.length > 0;

/** Decodes `job`. Only the submitter itself can write it. */
export function decodeJob(fact: BoardFact): JobRecordBody | undefined {
	const body = shapeOf(fact.value);
	const start = shapeOf(body?.["start"]);
	if (body === undefined || start === undefined) return undefined;
	const { kind, title, submitter, createdAt, mode } = body;
	if (!isName(kind) || !isText(title, 2_000) || mode !== "converge")
		return undefined;
	if (!isHashId(submitter) || submitter !== fact.peer) return undefined;
	if (typeof createdAt !== "number" || !Number.isFinite(createdAt))
		return undefined;
	const topic = start["topic"];
	if (!isName(topic) || sizeOf(start["data"]) > MAX_TASK_INPUT_BYTES)
		return undefined;
	return {
		kind,
		title,
		submitter,
		createdAt,
		start: { topic, data: start["data"] },
		mode,
	};
}

/** Decodes `spec/<task>`; the id must be the hash of what it names. */
export function decodeSpec(
	job: JobId,
	task: TaskId,
	value: unknown,
): Spec | undefined {
	const body = shapeOf(value);
	if (body === undefined) return undefined;
	const { rule, skill, input, topic } = body;
	if (!isName(rule) || !isName(skill) || !isName(topic)) return undefined;
	if (sizeOf(input) > MAX_TASK_INPUT_BYTES) return undefined;
	if (taskIdOf(job, rule, skill, input) !== task) return undefined;
	return { task, rule, skill, input, topic };
}

/** Decodes `result/…`. The hash is computed here, never believed: it decides which result is accepted (T3). */
export function decodeResult(value: unknown): ResultRecord | undefined {
	const body = shapeOf(value);
	if (body === undefined) return undefined;
	const { output, hash, agent, ms } = body;
	if (!isHashId(hash) || !isText(agent, 200)) return undefined;
	if (typeof ms !== "number" || !(ms >= 0)) return undefined;
	const bytes = encoded(output);
	if (bytes === undefined || bytes.length > MAX_RESULT_BYTES) return undefined;
	if (toHex(sha256(bytes)) !== hash) return undefined;
	return { output, hash, agent, ms };
}

/** Decodes `fail/…`. */
export function decodeFail(value: unknown): FailRecord | undefined {
	const body = shapeOf(value);
	if (body === undefined) return undefined;
	const { code, message, agent } = body;
	if (!isName(code) || !isText(message, 2_000) || !isText(agent, 200))
		return undefined;
	return { code, message, agent };
}

/**
 * A worker's output as its record.
 *
 * @throws ShoalError `too-large` above MAX_RESULT_BYTES, `bad-input` for what is not plain data
 */
export function resultOf(
	output: unknown,
	agent: string,
	ms: number,
): ResultRecord {
	const plain = plainData(output);
	const bytes = encodeCbor(plain);
	if (bytes.length > MAX_RESULT_BYTES)
		throw new ShoalError(
			"too-large",
			`The result of ${agent} has ${bytes.length} bytes; ${MAX_RESULT_BYTES} are allowed.`,
		);
	return {
		output: plain,
		hash: toHex(sha256(bytes)),
		agent: agent.slice(0, 200),
		ms: Math.max(0, Math.round(ms)),
	};
}

/** Bytes that plain data takes; infinite for what is none. */
export function sizeOf(value: unknown): number {
	return encoded(value)?.length ?? Number.POSITIVE_INFINITY;
}

function encoded(value: unknown): Uint8Array | undefined {
	try {
		return encodeCbor(value);
	} catch {
		// Cyclic or exotic: no record of ours looks like that.
		return undefined;
	}
}
