import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../../src/node/api.ts";
import { reportToMarkdown } from "../../../src/ui/research/markdown.ts";

type Sentence = Report["sections"][number]["sentences"][number];

function sentence(text: string, ...at: readonly number[]): Sentence {
	return {
		text,
		by: "extractive",
		citations: at.map((start) => ({
			document: "d1",
			quote: `quote  at\n${start}`,
			start,
			end: start + 5,
		})),
	};
}

function report(sections: Report["sections"], found = true): Report {
	return {
		question: "Why?",
		found,
		sections,
		coverage: [{ document: "d1", passages: 10, read: 8 }],
		contributors: [],
	};
}

describe("a report as Markdown", () => {
	it("has a footnote for each distinct quote, numbered as it is read", () => {
		const text = reportToMarkdown(
			report([
				{
					heading: "First",
					sentences: [sentence("One.", 7), sentence("Two.", 9, 7)],
				},
				{ heading: "Empty", sentences: [] },
			]),
			() => "log.md",
		);
		expect(text).toBe(
			[
				"# Why?",
				"",
				"## First",
				"",
				"One.[^1] Two.[^2][^1]",
				"",
				"[^1]: log.md: “quote at 7”",
				"[^2]: log.md: “quote at 9”",
				"",
				"*8 of 10 passages in 1 document read.*",
				"",
			].join("\n"),
		);
	});

	it("says when the documents do not answer", () => {
		expect(reportToMarkdown(report([], false), () => "")).toContain(
			"The documents do not answer this.",
		);
	});

	it("names the page of a quote", () => {
		const cited = sentence("One.", 0);
		const [citation] = cited.citations;
		const paged = {
			...cited,
			citations: citation === undefined ? [] : [{ ...citation, page: 4 }],
		};
		expect(
			reportToMarkdown(
				report([{ heading: "", sentences: [paged] }]),
				() => "a.pdf",
			),
		).toContain("[^1]: a.pdf, page 4: “quote at 0”");
	});

	it("[X2] keeps text of documents text: no link, image, tag or heading of theirs comes alive", () => {
		const hostile = fc.string({
			unit: fc.constantFrom(..."[]()!<>*_`~&|#\\ \na1.-+"),
			maxLength: 40,
		});
		fc.assert(
			fc.property(hostile, hostile, (said, name) => {
				const text = reportToMarkdown(
					report([
						{ heading: said, sentences: [{ ...sentence("", 1), text: said }] },
					]),
					() => name,
				);
				const bare = text
					.replace(/\\./g, "e")
					.replace(/\[\^\d+\]/g, "n")
					.replace(/^\*8 of 10 .*\*$/m, "");
				expect(bare).not.toMatch(/[[\]<>*_`~&|]/);
				const lines = bare.split("\n");
				expect(lines.filter((line) => /^#{1,6}(\s|$)/.test(line))).toHaveLength(
					said === "" ? 1 : 2,
				);
				expect(
					lines.filter((line) => /^([-+]|\d+[.)])(\s|$)/.test(line)),
				).toEqual([]);
			}),
		);
	});
});
