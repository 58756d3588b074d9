import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesTopic } from "../../../src/wire/topics.ts";

describe("topic patterns", () => {
	it.each([
		["research_*", "research_plan", true],
		["research_*", "research_", true],
		["research_*", "research", false],
		["research_*", "research_plan.first", false],
		["draft.*", "draft.one", true],
		["draft.*", "draft", false],
		["draft.*", "draft.one.two", false],
		["draft.**", "draft.one.two", true],
		["draft.**", "draft", true],
		["draft.**", "drafts", false],
		["**", "anything.at.all", true],
		["*", "one", true],
		["*", "one.two", false],
		["*_done", "ingest_done", true],
		["a*b*c", "a-b-b-c", true],
		["a*b*c", "a-b-b", false],
		["*.tasks.*", "peer.tasks.idle", true],
		["", "", true],
	])("[A4] %s on %s: %s", (pattern, topic, expected) => {
		expect(matchesTopic(pattern, topic)).toBe(expected);
	});

	it("[A4] a topic without stars matches itself and nothing else", () => {
		const word = fc.stringMatching(/^[a-z_]{1,6}(\.[a-z_]{1,6}){0,2}$/);
		fc.assert(
			fc.property(word, word, (a, b) => matchesTopic(a, b) === (a === b)),
		);
	});

	it("agrees with the regular expression it stands for", () => {
		const pattern = fc.stringMatching(/^[ab*]{0,8}$/);
		fc.assert(
			fc.property(pattern, fc.stringMatching(/^[ab]{0,8}$/), (p, word) => {
				fc.pre(p !== "**");
				const expected = new RegExp(`^${p.replaceAll(/\*+/g, "[^.]*")}$`).test(
					word,
				);
				expect(matchesTopic(p, word)).toBe(expected);
			}),
		);
	});

	it("a hostile pattern costs no more than its length", () => {
		expect(matchesTopic(`${"*a".repeat(200)}b`, "a".repeat(2_000))).toBe(false);
	});
});
