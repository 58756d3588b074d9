/**
 * Answers and refusals on real documents, which stay out of the repository: `SHOAL_CORPUS` names the folder. Without it
 * there is nothing to measure, and the sample documents' tests stand alone.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { research, type TestDocument, testDocument } from "./in-process-job.ts";
import { ANSWERABLE, UNANSWERABLE } from "./networking-questions.ts";

const corpus =
	process.env["SHOAL_CORPUS"] ??
	join(import.meta.dirname, "../../../../../shared/corpus/networking");

// Sixty whole jobs: nothing here is timed, a slow machine only takes longer.
const PATIENCE = { timeout: 240_000 };

describe.runIf(existsSync(corpus))("nineteen real documents", PATIENCE, () => {
	let documents: TestDocument[] = [];

	beforeAll(async () => {
		documents = await Promise.all(
			readdirSync(corpus).map((name) =>
				testDocument(name, new Uint8Array(readFileSync(join(corpus, name)))),
			),
		);
	});

	it("answer the three questions of their README", async () => {
		for (const [question, expected] of ANSWERABLE.slice(0, 3)) {
			const { report } = await research(question, documents);
			const sentences = report.sections.flatMap((each) => each.sentences);
			expect(sentences.some((each) => expected.test(each.text))).toBe(true);
			for (const { document, start, end, quote } of sentences.flatMap(
				(each) => each.citations,
			))
				expect(
					documents
						.find((each) => each.id === document)
						?.text.text.slice(start, end),
				).toBe(quote);
		}
	});

	it("say how a peer that does not deliver is scored: the deficit, and its penalty", async () => {
		const { report } = await research(ANSWERABLE[0]?.[0] ?? "", documents);
		const text = JSON.stringify(report.sections);
		expect(text).toMatch(/P₃/);
		expect(text).toMatch(/square of the deficit/);
	});

	it("answer at least nine in ten of what they hold", async () => {
		const wrong: string[] = [];
		for (const [question, expected] of ANSWERABLE) {
			const { report } = await research(question, documents);
			const right = report.sections.some((section) =>
				section.sentences.some((each) => expected.test(each.text)),
			);
			if (!right) wrong.push(question);
		}
		expect(wrong.length, wrong.join("\n")).toBeLessThanOrEqual(
			Math.floor(ANSWERABLE.length / 10),
		);
	});

	it("refuse at least nine in ten of what they do not", async () => {
		const answered: string[] = [];
		for (const question of UNANSWERABLE) {
			const { report } = await research(question, documents);
			if (report.found) answered.push(question);
		}
		expect(answered.length, answered.join("\n")).toBeLessThanOrEqual(
			Math.floor(UNANSWERABLE.length / 10),
		);
	});
});
