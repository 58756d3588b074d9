import { describe, expect, it } from "vitest";
import { builtinAgents } from "../../../src/agents/builtin.ts";
import { SKILL_EXTENSION_URI } from "../../../src/agents/contract.ts";
import {
	type AgentDefinition,
	cardOf,
	defineAgent,
	reactionsOf,
} from "../../../src/agents/define.ts";

const skill = {
	name: "Echo",
	description: "Says it again.",
	tags: ["test"],
	input: { type: "string" },
	output: { type: "string" },
	expectedMs: 1,
	idempotent: true,
	cost: 1,
	run: (input: unknown) => input,
};
const echo: AgentDefinition = {
	name: "echo",
	version: "1",
	description: "An echo.",
	skills: { echo: skill },
	on: { "call.*": () => [{ skill: "echo", input: "a", topic: "echoed" }] },
};

describe("an agent's definition", () => {
	it("[A3] is frozen, so that no caller changes what peers were told", () => {
		const agent = defineAgent(echo);
		expect(Object.isFrozen(agent)).toBe(true);
		expect(Object.isFrozen(agent.skills["echo"])).toBe(true);
	});

	it.each<[string, Partial<AgentDefinition>]>([
		["upper case", { name: "Echo" }],
		["an empty name", { name: "" }],
		["a long name", { name: "a".repeat(41) }],
		["no version", { version: "" }],
		["no description", { description: "" }],
		["nothing to do", { skills: {}, on: {} }],
		["a skill id with a slash", { skills: { "a/b": skill } }],
		["no duration", { skills: { echo: { ...skill, expectedMs: 0 } } }],
		["a blank topic", { on: { " ": () => [] } }],
	])("[A3] with %s is refused", (_, change) => {
		expect(() => defineAgent({ ...echo, ...change })).toThrowError(
			expect.objectContaining({ code: "bad-input" }),
		);
	});

	it("[A1] becomes an AgentCard with one extension", () => {
		const card = cardOf(defineAgent(echo));
		expect(card).toEqual({
			name: "echo",
			description: "An echo.",
			version: "1",
			capabilities: {
				extensions: [
					{
						uri: SKILL_EXTENSION_URI,
						required: false,
						params: {
							echo: {
								input: { type: "string" },
								output: { type: "string" },
								expectedMs: 1,
								idempotent: true,
								cost: 1,
							},
						},
					},
				],
			},
			defaultInputModes: ["application/json"],
			defaultOutputModes: ["application/json"],
			skills: [
				{
					id: "echo",
					name: "Echo",
					description: "Says it again.",
					tags: ["test"],
					inputModes: ["application/json"],
					outputModes: ["application/json"],
				},
			],
		});
		expect(JSON.parse(JSON.stringify(card))).toEqual(card);
	});

	it("[A4] gives one rule a pattern, named after its agent", () => {
		const [rule] = reactionsOf([defineAgent(echo)]);
		expect(rule).toMatchObject({ rule: "echo/call.*", on: "call.*" });
		expect(reactionsOf([{ ...echo, on: {} }])).toEqual([]);
	});

	it("[A1] of every built-in agent is sound, and its skills have distinct ids", () => {
		const ids = builtinAgents.flatMap(({ skills }) => Object.keys(skills));
		expect(new Set(ids).size).toBe(ids.length);
		for (const agent of builtinAgents)
			expect(JSON.stringify(cardOf(agent)).length).toBeLessThan(64 * 1024);
	});
});
