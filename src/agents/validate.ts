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
	const seen = new WeakMap<object, Map<string, boolean>>();
	return (skill, output) => {
		const schema = schemas.get(skill);
		if (schema === undefined) return true;
		if (typeof output !== "object" || output === null)
			return violationOf(schema, output) === undefined;
		const known = seen.get(output) ?? new Map<string, boolean>();
		seen.set(output, known);
		let valid = known.get(skill);
		if (valid === undefined) {
			valid = violationOf(schema, output) === undefined;
			known.set(skill, valid);
		}
		return valid;
	};
}
