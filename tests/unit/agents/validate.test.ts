import { describe, expect, it } from "vitest";
import { outputCheck, violationOf } from "../../../src/agents/validate.ts";

const person = {
	type: "object",
	required: ["name"],
	properties: {
		name: { type: "string", minLength: 1 },
		age: { type: "integer" },
	},
	additionalProperties: false,
};

describe("JSON Schema 2020-12", () => {
	it("[A1] accepts what matches", () => {
		expect(violationOf(person, { name: "Ada", age: 36 })).toBeUndefined();
		expect(violationOf(true, 1)).toBeUndefined();
	});

	it.each<[string, unknown, string]>([
		["a missing property", {}, "name"],
		["a wrong type", { name: 1 }, "#/name"],
		["an unknown property", { name: "Ada", other: 1 }, "other"],
		["no object", "Ada", "object"],
		["a value that is no JSON", { name: undefined }, ""],
	])("[A1] refuses %s, in words that name the place", (_, value, words) => {
		expect(violationOf(person, value)).toContain(words);
	});

	it("[A1] knows the keywords of 2020-12", () => {
		const pair = {
			type: "array",
			prefixItems: [{ type: "string" }, { type: "number" }],
			items: false,
		};
		expect(violationOf(pair, ["a", 1])).toBeUndefined();
		expect(violationOf(pair, ["a", 1, 2])).toBeDefined();
		expect(violationOf(false, 1)).toBeDefined();
	});

	it("a broken schema is an answer, not a crash", () => {
		expect(violationOf({ $ref: "#/nowhere" }, 1)).toBeDefined();
	});

	it("[A1] lets pass what a newer peer's unknown skill gives, and no bad output of a known one", () => {
		const skill = {
			name: "Who",
			description: "d",
			tags: [],
			input: true,
			output: person,
			expectedMs: 1,
			idempotent: true,
			cost: 1,
			run: () => null,
		};
		const accepts = outputCheck([
			{ name: "who", version: "1", description: "d", skills: { who: skill } },
		]);
		const bad = { name: 1 };
		expect([
			accepts("who", { name: "Ada" }),
			accepts("who", bad),
			accepts("who", bad),
			accepts("who/who", bad),
			accepts("who", null),
			accepts("else", bad),
		]).toEqual([true, false, false, false, false, true]);
	});
});
