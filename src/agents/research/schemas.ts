/** JSON Schemas of what the research skills take and give (A1). They bound sizes too: records are kept for ever. */
import type { JsonSchema } from "../contract.ts";

const text = (maxLength: number): JsonSchema => ({ type: "string", maxLength });
const count: JsonSchema = { type: "integer", minimum: 0 };
const number: JsonSchema = { type: "number" };
const list = (items: JsonSchema, maxItems: number): JsonSchema => ({
	type: "array",
	items,
	maxItems,
});
/** An object with exactly these fields, `optional` ones aside. */
const object = (
	properties: { readonly [name: string]: JsonSchema },
	optional: readonly string[] = [],
): JsonSchema => ({
	type: "object",
	properties,
	required: Object.keys(properties).filter((name) => !optional.includes(name)),
	additionalProperties: false,
});

/** Of one document: 100 MB are fewer. What makes a list as long as a peer says must have an end. */
const passages: JsonSchema = {
	type: "integer",
	minimum: 0,
	maximum: 1_000_000,
};
const hash: JsonSchema = { type: "string", pattern: "^[0-9a-f]{64}$" };
const numbers = list(number, 64);
const concept = object({
	word: text(200),
	forms: list(text(200), 40),
	weight: number,
	must: { type: "boolean" },
	carried: { type: "boolean" },
});
const subquestion = object({
	id: text(8),
	heading: text(200),
	question: text(2_000),
	concepts: list(concept, 32),
	wants: {
		enum: ["number", "time", "person", "reason", "definition", "anything"],
	},
});
const sentence = object({
	text: text(4_000),
	by: text(200),
	citations: {
		type: "array",
		minItems: 1,
		maxItems: 8,
		items: object(
			{
				document: hash,
				quote: text(4_000),
				start: count,
				end: count,
				page: count,
			},
			["page"],
		),
	},
});
const sentences = list(sentence, 12);

/** The start of a job. */
export const questionSchema = object({
	question: text(2_000),
	documents: list(
		object({ id: hash, name: text(1_000), passages, textBlob: hash }),
		5_000,
	),
});

export const planSchemas = {
	input: object({ question: text(2_000) }),
	output: object({ subquestions: list(subquestion, 4) }),
};

export const ingestSchemas = {
	input: object({ document: hash, name: text(1_000) }),
	output: object({ document: hash, passages }),
};

export const searchSchemas = {
	input: object({
		plan: hash,
		document: hash,
		name: text(1_000),
		from: count,
		to: count,
		ask: list(
			list(object({ forms: list(text(200), 40), weight: number }), 32),
			4,
		),
	}),
	output: object({
		plan: hash,
		document: hash,
		from: count,
		to: count,
		subquestions: list(
			object({
				statistics: object({
					passages: count,
					length: count,
					frequency: numbers,
					exact: numbers,
				}),
				passages: list(
					{
						type: "array",
						prefixItems: [count, count, numbers],
						minItems: 3,
						maxItems: 3,
					},
					32,
				),
			}),
			4,
		),
	}),
};

export const writeSchemas = {
	input: object({
		plan: hash,
		subquestion,
		round: count,
		found: hash,
		ranking: object({
			documents: list(object({ id: hash, name: text(1_000) }), 64),
			passages: list(
				{
					type: "array",
					prefixItems: [count, count, number],
					minItems: 3,
					maxItems: 3,
				},
				64,
			),
			weights: numbers,
			frequency: numbers,
		}),
		rejected: list(text(200), 64),
		missing: list(count, 32),
	}),
	output: object({ plan: hash, subquestion: text(8), round: count, sentences }),
};

export const reviewSchemas = {
	input: object({
		plan: hash,
		subquestion,
		draft: hash,
		round: count,
		sentences,
		weights: numbers,
		frequency: numbers,
		names: { type: "object", additionalProperties: text(1_000) },
	}),
	output: object({
		plan: hash,
		subquestion: text(8),
		round: count,
		draft: hash,
		verdict: { enum: ["approved", "revise", "unanswered"] },
		reasons: list(text(400), 64),
		rejected: list(text(200), 64),
		missing: list(count, 32),
		kept: list(count, 12),
	}),
};
