/** What an agent declares about itself: an A2A 1.0 AgentCard with one extension (A1). */

/** A JSON Schema 2020-12 document. */
export type JsonSchema = { readonly [key: string]: unknown } | boolean;

/** A2A AgentSkill. */
export interface AgentSkill {
	/** Unique in its agent: `search`. */
	readonly id: string;
	readonly name: string;
	readonly description: string;
	readonly tags: readonly string[];
	readonly examples?: readonly string[];
	/** Media types. */
	readonly inputModes: readonly string[];
	readonly outputModes: readonly string[];
}

/** What Shoal adds to a skill, under `SKILL_EXTENSION_URI`. */
export interface SkillContract {
	readonly input: JsonSchema;
	readonly output: JsonSchema;
	/** A first guess; the measured time replaces it. */
	readonly expectedMs: number;
	/** Whether running it twice does no harm and gives the same result. */
	readonly idempotent: boolean;
	/** Relative; 1 is an ordinary task. */
	readonly cost: number;
}

export const SKILL_EXTENSION_URI = "urn:shoal:extension:skill-contract:1";

/** A2A 1.0 AgentCard, the fields that have a meaning between peers. */
export interface AgentCard {
	readonly name: string;
	readonly description: string;
	readonly version: string;
	readonly capabilities: {
		readonly extensions: readonly {
			readonly uri: string;
			readonly required: boolean;
			/** Skill id to its contract. */
			readonly params: { readonly [skill: string]: SkillContract };
		}[];
	};
	readonly defaultInputModes: readonly string[];
	readonly defaultOutputModes: readonly string[];
	readonly skills: readonly AgentSkill[];
}

/** Whether what a member wrote is a card, as far as it is shown. */
export function isAgentCard(value: unknown): value is AgentCard {
	const { name, description, skills } = Object(value) as Partial<AgentCard>;
	return (
		typeof name === "string" &&
		typeof description === "string" &&
		Array.isArray(skills)
	);
}
