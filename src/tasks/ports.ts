/** What the task engine needs from the node: records, the awake peers, messages, and somebody to do the work. */
import type { DeviceId, JobId, PeerId, SpaceId, TaskId } from "../wire/ids.ts";

/** Durable, replicated, single-writer records (the replica, seen from here). */
export interface RecordBoard {
	put(
		space: SpaceId,
		records: Readonly<Record<string, unknown>>,
	): Promise<void>;
	facts(space: SpaceId): readonly {
		readonly key: string;
		readonly value: unknown;
		readonly peer: PeerId;
		readonly device: DeviceId;
	}[];
	spaces(): readonly SpaceId[];
	/** Hears of every space whose records changed. */
	watch(listener: (space: SpaceId) => void): () => void;
}

/** Signed direct messages (the mesh, seen from here). Requests reject with a ShoalError when unanswered. */
export interface Bus {
	request(
		to: PeerId,
		method: string,
		params: unknown,
		options?: { timeoutMs?: number },
	): Promise<unknown>;
	/** Answers a method. One handler a method; the returned function removes it. */
	handle(
		method: string,
		answer: (params: unknown, from: PeerId) => unknown,
	): () => void;
}

/** A task in the hands of a worker. */
export interface Assignment {
	readonly job: JobId;
	readonly task: TaskId;
	readonly attempt: number;
	readonly skill: string;
	readonly input: unknown;
	readonly traceparent: string;
}

/** Runs skills (the agent host, seen from here). */
export interface Executor {
	/** How many assignments may run at once on this peer. */
	readonly capacity: number;
	/** Skill ids this peer's agents offer. */
	skills(): readonly string[];
	/** The agent that offers a skill, for records of failures and for showing. */
	agentOf?(skill: string): string | undefined;
	/** Resolves with the agent that did it and its output; rejects on failure or abort. */
	run(
		assignment: Assignment,
		signal: AbortSignal,
	): Promise<{ readonly agent: string; readonly output: unknown }>;
}

/** One thing a job knows: its start, or the accepted result of a task. Agents react to these (A4). */
export interface JobRecord {
	readonly topic: string;
	readonly data: unknown;
	/** Hex SHA-256 of the deterministic CBOR of `data`; who builds on a record pins this (T3). */
	readonly hash: string;
	/** The task that made it; absent on the start record. */
	readonly task?: TaskId;
	readonly agent?: string;
	readonly peer: PeerId;
	readonly device: DeviceId;
}

/** What a reaction sees of its job. */
export interface JobView {
	readonly job: JobId;
	/** Records whose topic matches the pattern, in an order that is the same on every peer. */
	records(pattern: string): readonly JobRecord[];
}

/** A task that a reaction asks for. Its id is hash(job, rule, skill, input): many reactors make one task (A4). */
export interface TaskRequest {
	readonly skill: string;
	/** Plain data; part of the task's id, so no clocks and no chance in it. */
	readonly input: unknown;
	/** The topic under which the accepted result becomes a record. */
	readonly topic: string;
}

/** Pure: the same record and view give the same requests on every peer. */
export interface Reaction {
	/** Name of the rule, part of the ids of its tasks: `writer/research_found`. */
	readonly rule: string;
	/** Topic pattern (A4). */
	readonly on: string;
	react(record: JobRecord, job: JobView): readonly TaskRequest[];
}
