import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { researchAgents } from "../../../../src/agents/research/agents.ts";
import type { Draft, Review } from "../../../../src/agents/research/records.ts";
import type { Report } from "../../../../src/agents/research/types.ts";
import { encodeCbor } from "../../../../src/wire/cbor.ts";
import { research, type TestDocument, testDocument } from "./in-process-job.ts";

const QUESTION =
	"Why did the second greenhouse trial stop early, and what was changed for the third?";
const samples = join(import.meta.dirname, "../../../../public/samples");
let documents: TestDocument[] = [];

beforeAll(async () => {
	const index = JSON.parse(
		readFileSync(join(samples, "samples.json"), "utf8"),
	) as { file: string }[];
	documents = await Promise.all(
		index.map(({ file }) =>
			testDocument(file, new Uint8Array(readFileSync(join(samples, file)))),
		),
	);
});

const sentencesOf = (report: Report) =>
	report.sections.flatMap((section) => section.sentences);
const textOf = (report: Report): string =>
	sentencesOf(report)
		.map((sentence) => sentence.text)
		.join(" ");

describe("a question about the sample documents", () => {
	it("gets a section for each of its parts, every sentence cited to the letter", async () => {
		const { report, complete } = await research(QUESTION, documents);
		expect(complete).toBe(true);
		expect(report.found).toBe(true);
		expect(report.sections.map((section) => section.heading)).toEqual([
			"Why the second greenhouse trial stopped early",
			"What was changed for the third",
		]);
		expect(textOf(report)).toContain("We stopped the trial on day 33");
		expect(textOf(report)).toContain("two pumps on separate circuits");
		for (const { text, by, citations } of sentencesOf(report)) {
			expect(by).toBe("extractive");
			expect(citations.length).toBeGreaterThan(0);
			for (const { document, start, end, quote } of citations) {
				const source = documents.find((each) => each.id === document);
				expect(source?.text.text.slice(start, end)).toBe(quote);
				expect(quote.replace(/\s+/g, " ").trim()).toBe(text);
			}
		}
	});

	it.each([
		["Which conditions did the review board set for trial 3?", "two pumps"],
		["Who set the alarm to 38 degrees, and why?", "warm bath"],
		["Is a warmer root zone worth its energy?", "40 kWh"],
		["How much electricity does heating take?", "0.9 kWh"],
		["Who was present at the review board meeting?", "Ilse Brandt"],
		["What caused the tip burn?", "calcium"],
		["How heavy were the plants at harvest?", "241 g"],
	])("%s", async (question, expected) => {
		const { report } = await research(question, documents);
		expect(textOf(report)).toContain(expected);
	});

	it.each([
		"What is the best recipe for lasagne?",
		"How often were tomatoes harvested?",
		"Which fertiliser supplier delivered the phosphate?",
		"Who won the 1998 World Cup?",
		"?!",
	])(
		"that they do not answer is said to be unanswered: %s",
		async (question) => {
			const { report, complete, activity } = await research(
				question,
				documents,
			);
			expect(complete).toBe(true);
			expect(report).toMatchObject({ found: false, sections: [] });
			expect(activity).toContain("do not answer");
		},
	);

	it("with no documents ends at once", async () => {
		const { complete, report, executed } = await research(QUESTION, []);
		expect({ complete, found: report.found, executed }).toEqual({
			complete: true,
			found: false,
			executed: [],
		});
	});

	it("answers one part and leaves out the other where only one is answered", async () => {
		const { report } = await research(
			"Why did the second greenhouse trial stop early, and which football club won the championship?",
			documents,
		);
		expect(report.found).toBe(true);
		expect(report.sections).toHaveLength(1);
	});
});

describe("the flow", () => {
	it("[A4] [T3] gives the same report and the same tasks in whatever order and by whomever they are done", async () => {
		const first = await research(QUESTION, documents);
		const tasks = (records: typeof first.records) =>
			records.map((record) => `${record.task} ${record.hash}`).sort();
		await fc.assert(
			fc.asyncProperty(
				fc.infiniteStream(fc.nat()),
				fc.integer({ min: 1, max: 4 }),
				async (choices, peers) => {
					const other = await research(QUESTION, [...documents], {
						pick: (open) => (choices.next().value ?? 0) % open,
						peers: ["a", "b", "c", "d"]
							.slice(0, peers)
							.map((each) => each.repeat(64)),
					});
					expect(tasks(other.records)).toEqual(tasks(first.records));
					expect({ ...other.report, contributors: [] }).toEqual({
						...first.report,
						contributors: [],
					});
				},
			),
			{ numRuns: 12 },
		);
	});

	it("counts who did what, and what was read", async () => {
		const peers = ["a".repeat(64), "b".repeat(64)];
		const { report, contributors, passages, readings, executed } =
			await research(QUESTION, documents, { peers });
		expect(new Set(contributors.map((each) => each.peer))).toEqual(
			new Set(peers),
		);
		expect(contributors.reduce((sum, each) => sum + each.tasks, 0)).toBe(
			executed.length,
		);
		expect(passages.read).toBe(passages.total);
		expect(passages.total).toBe(
			documents.reduce((sum, each) => sum + each.passages, 0),
		);
		expect(report.coverage.every((each) => each.read === each.passages)).toBe(
			true,
		);
		expect(readings.length).toBeGreaterThanOrEqual(documents.length);
	});

	it("is told in words while it goes on, with open sections still empty", async () => {
		const whole = await research(QUESTION, documents);
		const said: string[] = [];
		for (let n = 0; n < whole.executed.length; n++) {
			const partial = await research(QUESTION, documents, { stopAfter: n });
			expect(partial.complete).toBe(false);
			said.push(partial.activity);
		}
		expect(said[0]).toMatch(/^Planner/);
		expect(said.some((each) => each.startsWith("Searcher"))).toBe(true);
		expect(said.some((each) => each.startsWith("Writer"))).toBe(true);
		expect(said.at(-1)).toMatch(/^Reviewer/);
	});

	it("keeps every record and input small and plain", async () => {
		const { records } = await research(QUESTION, documents);
		for (const { data } of records)
			expect(encodeCbor(data).length).toBeLessThan(30_000);
	});

	it("names each agent, skill and topic as others know them", () => {
		for (const agent of researchAgents) {
			expect(agent.name).toMatch(/^[a-z0-9-]{1,40}$/);
			for (const skill of Object.values(agent.skills))
				expect(skill.idempotent).toBe(true);
		}
	});
});

describe("the reviewer", () => {
	const broken = (draft: Draft, change: (quote: string) => string): Draft => ({
		...draft,
		sentences: draft.sentences.map((sentence) => ({
			...sentence,
			text: change(sentence.text),
			citations: sentence.citations.map((citation) => ({
				...citation,
				quote: change(citation.quote),
			})),
		})),
	});

	it("sends a draft back whose quote is not in the text, and the next one stands", async () => {
		const { report, records } = await research(QUESTION, documents, {
			tamper: (skill, output) =>
				skill === "write" && (output as Draft).round === 1
					? broken(output as Draft, (quote) =>
							quote.replace("day 33", "day 34"),
						)
					: output,
		});
		const reviews = records
			.filter((record) => record.topic === "research_review")
			.map((record) => record.data as Review);
		expect(
			reviews.find((each) => each.subquestion === "q1" && each.round === 1),
		).toMatchObject({
			verdict: "revise",
			reasons: expect.arrayContaining([
				"A quote does not stand in its document.",
			]),
		});
		expect(textOf(report)).not.toContain("day 34");
		expect(report.sections.length).toBeGreaterThan(0);
	});

	it("lets nothing through that a writer makes up, and ends after three rounds", async () => {
		const { report, complete, records } = await research(QUESTION, documents, {
			tamper: (skill, output) =>
				skill === "write"
					? broken(output as Draft, (quote) => `${quote} Trust me.`)
					: output,
		});
		expect(complete).toBe(true);
		expect(report.found).toBe(false);
		const rounds = records
			.filter((record) => record.topic === "research_draft")
			.map((record) => (record.data as Draft).round);
		expect(Math.max(...rounds)).toBe(3);
	});

	it("does not pass a text that differs from its quote", async () => {
		const { report } = await research(QUESTION, documents, {
			tamper: (skill, output) => {
				if (skill !== "write") return output;
				const draft = output as Draft;
				return {
					...draft,
					sentences: draft.sentences.map((sentence) => ({
						...sentence,
						text: "Something else.",
					})),
				};
			},
		});
		expect(report.found).toBe(false);
	});
});
