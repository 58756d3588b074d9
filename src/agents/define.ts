/** `defineAgent`: an agent is a name, skills, and reactions to what a job comes to know (A3, A4). */
import type { ExtractedText } from "../documents/types.ts";
import type {
	JobRecord,
	JobView,
	Reaction,
	TaskRequest,
} from "../tasks/ports.ts";
import { ShoalError } from "../wire/error.ts";
import type { BlobId, JobId, PeerId } from "../wire/ids.ts";
import {
	type AgentCard,
	SKILL_EXTENSION_URI,
	type SkillContract,
} from "./contract.ts";

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

const AGENT_NAME = /^[a-z0-9-]{1,40}$/;
const SKILL_ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,59}$/;
const TOPIC_PATTERN = /^[^\s]{1,200}$/;
const JSON_MODE = ["application/json"] as const;

/**
 * Checks and freezes an agent's definition.
 *
 * @throws ShoalError `bad-input` naming what is wrong
 */
export function defineAgent(definition: AgentDefinition): AgentDefinition {
	const { name, version, description, skills, on = {} } = definition;
	if (!AGENT_NAME.test(name))
		throw bad(`“${name}” is no agent name: 1-40 characters a-z, 0-9 and -.`);
	if (version.length === 0 || version.length > 40)
		throw bad(`The agent ${name} needs a version of 1-40 characters.`);
	if (description.length === 0 || description.length > 1_000)
		throw bad(`The agent ${name} needs a description.`);
	if (Object.keys(skills).length + Object.keys(on).length === 0)
		throw bad(`The agent ${name} has neither skills nor reactions.`);
	for (const [id, skill] of Object.entries(skills)) {
		if (!SKILL_ID.test(id))
			throw bad(`“${id}” of ${name} is no skill id: letters, digits, _ and -.`);
		if (skill.name.length === 0 || typeof skill.run !== "function")
			throw bad(`The skill ${name}/${id} needs a name and a run function.`);
		if (!(skill.expectedMs > 0) || !(skill.cost >= 0))
			throw bad(`The skill ${name}/${id} needs a duration and a cost.`);
	}
	for (const [pattern, react] of Object.entries(on))
		if (!TOPIC_PATTERN.test(pattern) || typeof react !== "function")
			throw bad(`“${pattern}” of ${name} is no reaction to a topic.`);
	return Object.freeze({
		...definition,
		skills: Object.freeze(
			Object.fromEntries(
				Object.entries(skills).map(([id, skill]) => [
					id,
					Object.freeze({ ...skill }),
				]),
			),
		),
		on: Object.freeze({ ...on }),
	});
}

const bad = (message: string): ShoalError =>
	new ShoalError("bad-input", message);

/** The agent's contract as other peers read it (A1). */
export function cardOf(definition: AgentDefinition): AgentCard {
	const params: Record<string, SkillContract> = {};
	for (const [id, skill] of Object.entries(definition.skills)) {
		const { input, output, expectedMs, idempotent, cost } = skill;
		params[id] = { input, output, expectedMs, idempotent, cost };
	}
	return {
		name: definition.name,
		description: definition.description,
		version: definition.version,
		capabilities: {
			extensions: [{ uri: SKILL_EXTENSION_URI, required: false, params }],
		},
		defaultInputModes: JSON_MODE,
		defaultOutputModes: JSON_MODE,
		skills: Object.entries(definition.skills).map(([id, skill]) => ({
			id,
			name: skill.name,
			description: skill.description,
			tags: skill.tags,
			...(skill.examples === undefined ? {} : { examples: skill.examples }),
			inputModes: JSON_MODE,
			outputModes: JSON_MODE,
		})),
	};
}

/** The rules by which these agents advance a job. A rule is named after its agent and its pattern (A4). */
export function reactionsOf(
	definitions: readonly AgentDefinition[],
): readonly Reaction[] {
	return definitions.flatMap(({ name, on = {} }) =>
		Object.entries(on).map(([pattern, react]) => ({
			rule: `${name}/${pattern}`,
			on: pattern,
			react,
		})),
	);
}
