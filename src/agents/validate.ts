/** JSON Schema 2020-12 for the inputs and outputs of skills (A1). Interpreted: it runs under a CSP without eval (X2). */
import { type Schema, Validator } from "@cfworker/json-schema";
import type { JsonSchema } from "./contract.ts";
import type { AgentDefinition } from "./define.ts";

const validators = new WeakMap<object, Validator>();

/**
 * Checks plain data against a schema.
 *
 * @returns what is wrong with it, in words; `undefined` where nothing is
 */
export function violationOf(
	schema: JsonSchema,
	value: unknown,
): string | undefined {
	if (typeof schema === "boolean")
		return schema ? undefined : "nothing is allowed here";
	let validator = validators.get(schema);
	if (validator === undefined) {
		// The package's type lists the keywords; a contract's schema is any JSON object.
		validator = new Validator(schema as Schema, "2020-12");
		validators.set(schema, validator);
	}
	try {
		const { valid, errors } = validator.validate(value);
		if (valid) return undefined;
		const deepest = errors.at(-1);
		return deepest === undefined
			? "it does not match its schema"
			: `${deepest.instanceLocation}: ${deepest.error}`;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

const known = new WeakMap<object, Map<JsonSchema, boolean>>();

/** Whether plain data matches a schema. Remembered for objects, which must not change: facts are frozen. */
export function conforms(schema: JsonSchema, value: unknown): boolean {
	if (typeof value !== "object" || value === null)
		return violationOf(schema, value) === undefined;
	const answers = known.get(value) ?? new Map<JsonSchema, boolean>();
	known.set(value, answers);
	let answer = answers.get(schema);
	if (answer === undefined) {
		answer = violationOf(schema, value) === undefined;
		answers.set(schema, answer);
	}
	return answer;
}

/**
 * The check that a peer's results must pass to be accepted: `StatusRules.accepts` of the task engine. Outputs of skills
 * that are not known here pass, for somebody else's agents may be newer.
 */
export function outputCheck(
	agents: readonly AgentDefinition[],
): (skill: string, output: unknown) => boolean {
	const schemas = new Map<string, JsonSchema>();
	for (const { name, skills } of agents)
		for (const [id, { output }] of Object.entries(skills)) {
			schemas.set(`${name}/${id}`, output);
			if (!schemas.has(id)) schemas.set(id, output);
		}
	return (skill, output) => {
		const schema = schemas.get(skill);
		return schema === undefined || conforms(schema, output);
	};
}
