/**
 * The status of a job: a pure function of its records, derived and never stored (T1, facts Y9). Whatever the order in
 * which records come and however partitions heal, peers with the same records see the same status.
 */
import { MAX_ATTEMPTS } from "../wire/constants.ts";
import type { DeviceId, JobId, PeerId, TaskId } from "../wire/ids.ts";
import {
	type BoardFact,
	decodeFail,
	decodeJob,
	decodeResult,
	decodeSpec,
	type FailRecord,
	type JobRecordBody,
	parseKey,
	type ResultRecord,
	type Spec,
} from "./records.ts";

/** A2A's names (A2). WORKING is no record: leases are messages, so it is laid over by whoever hears them (T2). */
export type TaskState = "SUBMITTED" | "COMPLETED" | "FAILED" | "CANCELED";

export interface Accepted extends ResultRecord {
	readonly attempt: number;
	readonly peer: PeerId;
	readonly device: DeviceId;
}

export interface Failure extends FailRecord {
	readonly attempt: number;
	readonly peer: PeerId;
}

export interface TaskStatus extends Spec {
	readonly state: TaskState;
	/** Present in COMPLETED. In `converge` mode a result that comes later may take its place (T3). */
	readonly accepted?: Accepted;
	/** Ascending by attempt; the last says why a dead task died. */
	readonly failures: readonly Failure[];
	/** The highest attempt of which there is a record; 0 where there is none. */
	readonly attempts: number;
}

export interface JobStatus {
	readonly job: JobId;
	readonly record: JobRecordBody;
	/** The submitter's device. */
	readonly device: DeviceId;
	readonly cancelled: boolean;
	/** Ascending by id. */
	readonly tasks: ReadonlyMap<TaskId, TaskStatus>;
}

export interface StatusRules {
	/** Whether a `cancel` of this device counts: the submitter's own, or an admin's (T1). */
	mayCancel(device: DeviceId, submitter: DeviceId): boolean;
	/** Whether an output is valid for its skill (A1). The same on every peer. Default: any is. */
	accepts?(skill: string, output: unknown): boolean;
}

export const ownCancelOnly: StatusRules = {
	mayCancel: (device, submitter) => device === submitter,
};

/** The job's status, or `undefined` while its `job` record is not known. */
export function jobStatus(
	job: JobId,
	facts: readonly BoardFact[],
	rules: StatusRules = ownCancelOnly,
): JobStatus | undefined {
	const found = submitterOf(facts);
	if (found === undefined) return undefined;
	const { record, device } = found;
	const drafts = new Map<TaskId, Draft>();
	const draftOf = (task: TaskId): Draft => {
		const known = drafts.get(task);
		if (known !== undefined) return known;
		const draft: Draft = { failures: new Map(), results: [], cancelled: false };
		drafts.set(task, draft);
		return draft;
	};
	let cancelled = false;
	for (const fact of facts) {
		const name = parseKey(fact.key);
		switch (name?.kind) {
			case "spec": {
				const spec = remember(fact, () =>
					decodeSpec(job, name.task, fact.value),
				);
				if (spec === undefined) break;
				const draft = draftOf(name.task);
				const rank = rankOf(spec, fact, device);
				if (draft.rank !== undefined && draft.rank <= rank) break;
				draft.spec = spec;
				draft.rank = rank;
				break;
			}
			case "result": {
				const result = remember(fact, () => decodeResult(fact.value));
				if (result !== undefined)
					draftOf(name.task).results.push({
						output: result.output,
						hash: result.hash,
						agent: result.agent,
						ms: result.ms,
						attempt: name.attempt,
						peer: fact.peer,
						device: fact.device,
					});
				break;
			}
			case "fail": {
				const fail = decodeFail(fact.value);
				if (fail !== undefined)
					keepFailure(draftOf(name.task).failures, {
						...fail,
						attempt: name.attempt,
						peer: fact.peer,
					});
				break;
			}
			case "cancel":
				cancelled ||= rules.mayCancel(fact.device, device);
				break;
			case "cancel-task":
				if (rules.mayCancel(fact.device, device))
					draftOf(name.task).cancelled = true;
				break;
		}
	}
	const tasks = new Map<TaskId, TaskStatus>();
	for (const task of [...drafts.keys()].sort()) {
		const status = settle(drafts.get(task), cancelled, rules);
		if (status !== undefined) tasks.set(task, status);
	}
	return { job, record, device, cancelled, tasks };
}

interface Draft {
	spec?: Spec;
	rank?: string;
	cancelled: boolean;
	/** One an attempt: two homes of a healed partition may both have counted from 1. */
	readonly failures: Map<number, Failure>;
	readonly results: Accepted[];
}

/** Where several claim to have submitted the job, all peers must take the same one. */
function submitterOf(
	facts: readonly BoardFact[],
): { record: JobRecordBody; device: DeviceId } | undefined {
	let least: { record: JobRecordBody; device: DeviceId } | undefined;
	for (const fact of facts) {
		if (fact.key !== "job") continue;
		const record = remember(fact, () => decodeJob(fact));
		if (record === undefined) continue;
		if (least === undefined || record.submitter < least.record.submitter)
			least = { record, device: fact.device };
	}
	return least;
}

/** The topic is not in a task's id: of two specs the submitter's device's counts, then the lesser topic. */
function rankOf(spec: Spec, fact: BoardFact, submitter: DeviceId): string {
	return `${fact.device === submitter ? 0 : 1}${spec.topic}`;
}

function keepFailure(failures: Map<number, Failure>, failure: Failure): void {
	const known = failures.get(failure.attempt);
	if (known === undefined || failure.peer < known.peer)
		failures.set(failure.attempt, failure);
}

/** Written out property by property: a job of a thousand tasks comes through here after every change. */
function settle(
	draft: Draft | undefined,
	jobCancelled: boolean,
	rules: StatusRules,
): TaskStatus | undefined {
	if (draft?.spec === undefined) return undefined;
	const { task, rule, skill, input, topic } = draft.spec;
	const failures =
		draft.failures.size === 0
			? NO_FAILURES
			: [...draft.failures.values()].sort((a, b) => a.attempt - b.attempt);
	let attempts = failures.at(-1)?.attempt ?? 0;
	let accepted: Accepted | undefined;
	for (const result of draft.results) {
		attempts = Math.max(attempts, result.attempt);
		if (accepted !== undefined && !isLess(result, accepted)) continue;
		if (rules.accepts?.(skill, result.output) ?? true) accepted = result;
	}
	const spec = { task, rule, skill, input, topic, failures, attempts };
	if (accepted !== undefined)
		return Object.assign(spec, { state: "COMPLETED" as const, accepted });
	const state =
		failures.length >= MAX_ATTEMPTS
			? ("FAILED" as const)
			: jobCancelled || draft.cancelled
				? ("CANCELED" as const)
				: ("SUBMITTED" as const);
	return Object.assign(spec, { state });
}

const NO_FAILURES: readonly Failure[] = [];

/** The order in which `converge` prefers results (T3); the peer only makes it total. */
function isLess(a: Accepted, b: Accepted): boolean {
	if (a.attempt !== b.attempt) return a.attempt < b.attempt;
	return a.hash === b.hash ? a.peer < b.peer : a.hash < b.hash;
}

/**
 * Decoding hashes, and a board shows the same value objects again after each change, so what came of a value is kept
 * with it. Key and author are checked: they are part of what is decoded.
 */
const decoded = new WeakMap<
	object,
	{ readonly key: string; readonly peer: PeerId; readonly record: unknown }
>();

function remember<T>(fact: BoardFact, decode: () => T): T {
	if (typeof fact.value !== "object" || fact.value === null) return decode();
	const known = decoded.get(fact.value);
	if (known?.key === fact.key && known.peer === fact.peer)
		// The same value under the same key has been decoded by the same function.
		return known.record as T;
	const record = decode();
	decoded.set(fact.value, { key: fact.key, peer: fact.peer, record });
	return record;
}
