import { describe, expect, it } from "vitest";
import { headingOf } from "../../../../src/agents/research/heading.ts";
import {
	conceptsOf,
	splitQuestion,
	subquestionsOf,
} from "../../../../src/agents/research/question.ts";

describe("a question is split", () => {
	it.each([
		["Why did it stop early, and what was changed?", 2],
		["Which issues did the audit find, and how severe were they?", 2],
		["Who set the alarm? When was it set back?", 2],
		["How does the relay limit clients and reservations?", 1],
		["How and why did the pump fail?", 1],
		["What happens to peers which do not answer?", 1],
		["1. How are peers found? 2. How are they named?", 2],
		[
			"- What is a peer?\n- What is a swarm?\n- Who owns it?\n- Why?\n- Where is the relay?\n- When was it built?",
			4,
		],
		["", 0],
	])("%s", (question, parts) => {
		expect(splitQuestion(question)).toHaveLength(parts);
	});

	it("and a part that leans on the one before knows what it is about", () => {
		const [, second] = subquestionsOf(
			"Which issues did the audit find, and how severe were they?",
		);
		expect(
			second?.concepts.filter((each) => each.carried).map((each) => each.word),
		).toContain("audit");
		expect(second?.concepts[0]).toMatchObject({
			word: "severe",
			carried: false,
		});
	});
});

describe("what a question is about", () => {
	it("names and identifiers must occur, words may have relatives", () => {
		const concepts = conceptsOf(
			"Does gossipsub v1.1 forward messages over BitTorrent?",
		);
		expect(
			concepts.filter((each) => each.must).map((each) => each.word),
		).toEqual(["v1.1", "BitTorrent"]);
		expect(concepts.find((each) => each.word === "forward")?.forms).toContain(
			"deliv",
		);
	});

	it("is never empty where there is a word at all", () => {
		expect(conceptsOf("What is the use of it?").length).toBeGreaterThan(0);
	});
});

describe("headings", () => {
	it.each([
		[
			"How does gossipsub v1.1 score a peer that does not forward messages?",
			"How gossipsub v1.1 scores a peer that does not forward messages",
		],
		[
			"Why did the second greenhouse trial stop early",
			"Why the second greenhouse trial stopped early",
		],
		["which issues did the audit find", "Which issues the audit found"],
		["What is a peer ID?", "Peer ID"],
		[
			"How are records republished in the DHT?",
			"How records are republished in the DHT",
		],
		[
			"How does peer exchange help a pruned peer?",
			"How peer exchange helps a pruned peer",
		],
		[
			"What keeps a relay from being used without limits?",
			"What keeps a relay from being used without limits",
		],
		["How do peers connect?", "How peers connect"],
	])("%s", (question, heading) => {
		expect(headingOf(question)).toBe(heading);
	});

	it("never grow beyond a line or two", () => {
		expect(headingOf("Why ".repeat(100)).length).toBeLessThan(100);
	});
});
