/** `defineAgent`: an agent is a name, skills, and reactions to what a job comes to know (A3, A4). */
import type { ExtractedText } from "../documents/types.ts";
import type { JobRecord, JobView, TaskRequest } from "../tasks/ports.ts";
import type { BlobId, JobId, PeerId } from "../wire/ids.ts";
import type { SkillContract } from "./contract.ts";

/** What a skill may do besides computing. Everything is asynchronous: it may run in a worker or a sandbox. */
export interface AgentContext {
	/** Fires when the task is cancelled, its lease is lost or its deadline has passed. */
	readonly signal: AbortSignal;
	/** Milliseconds left when the task began; `null` where it has no deadline. */
	readonly deadline: number | null;
	readonly job: JobId | null;
	/** Publishes a signed event to the swarm. */
	emit(topic: string, data: unknown): Promise<void>;
	/** Asks another peer or agent. */
	request(to: PeerId, method: string, params?: unknown): Promise<unknown>;
	readonly state: {
		put(space: string, key: string, value: unknown): Promise<void>;
		entries(
			space: string,
		): Promise<{ key: string; value: unknown; author: string }[]>;
	};
	readonly documents: {
		/** The extracted text, fetched from another device where this one does not hold it. */
		text(document: BlobId): Promise<ExtractedText>;
	};
	/** Reports progress or a remark into the trace. */
	log(message: string): void;
}

export interface SkillDefinition<I = unknown, O = unknown>
	extends SkillContract {
	readonly name: string;
	readonly description: string;
	readonly tags: readonly string[];
	readonly examples?: readonly string[];
	run(input: I, ctx: AgentContext): O | Promise<O>;
}

export interface AgentDefinition {
	/** 1-40 characters `a-z0-9-`, unique on a peer. */
	readonly name: string;
	readonly version: string;
	readonly description: string;
	/** By skill id. */
	readonly skills: Readonly<Record<string, SkillDefinition>>;
	/** By topic pattern. Pure functions: the same record and view give the same tasks on every peer. */
	readonly on?: Readonly<
		Record<string, (record: JobRecord, job: JobView) => readonly TaskRequest[]>
	>;
}
