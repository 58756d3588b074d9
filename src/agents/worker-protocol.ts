/**
 * What passes between an agent host and an agent's worker. Errors lose their code on the way through Comlink, so every
 * answer says in itself whether it is one.
 */
import type { ExtractedText } from "../documents/types.ts";
import {
	codeOf,
	type ErrorCode,
	messageOf,
	ShoalError,
} from "../wire/error.ts";
import type { BlobId, JobId, PeerId } from "../wire/ids.ts";

export type Outcome<T> =
	| { readonly ok: true; readonly value: T }
	| {
			readonly ok: false;
			/** `null` for an error that is not one of ours: a fault of the agent. */
			readonly code: ErrorCode | null;
			readonly message: string;
	  };

/** One call of a skill. */
export interface SkillCall {
	readonly agent: string;
	readonly skill: string;
	readonly input: unknown;
	readonly job: JobId | null;
	/** Milliseconds it may take. */
	readonly deadlineMs: number;
}

/** What a worker answers to. One call at a time. */
export interface WorkerApi {
	/** First of all: what the skills may reach. */
	open(context: ContextApi): Promise<void>;
	run(call: SkillCall): Promise<Outcome<unknown>>;
	/** Fires the signal of the call under way. */
	abort(): Promise<void>;
}

/** What a skill may reach of its node, as the node implements it; rejects with ShoalErrors. */
export interface HostContext {
	text(document: BlobId): Promise<ExtractedText>;
	emit(topic: string, data: unknown): Promise<void>;
	request(to: PeerId, method: string, params?: unknown): Promise<unknown>;
	put(space: string, key: string, value: unknown): Promise<void>;
	entries(
		space: string,
	): Promise<{ key: string; value: unknown; author: string }[]>;
	log?(message: string): void;
}

/** The same, as it crosses to the worker. */
export interface ContextApi {
	text(document: BlobId): Promise<Outcome<ExtractedText>>;
	emit(topic: string, data: unknown): Promise<Outcome<void>>;
	request(
		to: PeerId,
		method: string,
		params?: unknown,
	): Promise<Outcome<unknown>>;
	put(space: string, key: string, value: unknown): Promise<Outcome<void>>;
	entries(
		space: string,
	): Promise<Outcome<{ key: string; value: unknown; author: string }[]>>;
	log(message: string): Promise<void>;
}

/** Runs something and says how it went; never rejects. */
export async function outcomeOf<T>(
	work: () => T | Promise<T>,
): Promise<Outcome<T>> {
	try {
		return { ok: true, value: await work() };
	} catch (error) {
		return {
			ok: false,
			code: codeOf(error) ?? null,
			message: messageOf(error),
		};
	}
}

/** @throws ShoalError with the outcome's code; `agent-failed` where it had none */
export function unwrap<T>(outcome: Outcome<T>): T {
	if (outcome.ok) return outcome.value;
	throw new ShoalError(outcome.code ?? "agent-failed", outcome.message);
}

/** The node's side of a context. */
export function contextApi(context: HostContext): ContextApi {
	return {
		text: (document) => outcomeOf(() => context.text(document)),
		emit: (topic, data) => outcomeOf(() => context.emit(topic, data)),
		request: (to, method, params) =>
			outcomeOf(() => context.request(to, method, params)),
		put: (space, key, value) => outcomeOf(() => context.put(space, key, value)),
		entries: (space) => outcomeOf(() => context.entries(space)),
		log: async (message) => context.log?.(message),
	};
}
