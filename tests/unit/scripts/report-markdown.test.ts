import { describe, expect, it } from "vitest";
import { markdownOf } from "../../../scripts/report-markdown.ts";
import type { Citation, Report } from "../../../src/agents/research/types.ts";

const names = {
	documents: new Map([["d1", "trial.pdf"]]),
	peers: new Map([["p1", "Peer 1"]]),
};

const cite = (start: number, quote: string, page?: number): Citation => ({
	document: "d1",
	quote,
	start,
	end: start + quote.length,
	...(page === undefined ? {} : { page }),
});

const report = (over: Partial<Report>): Report => ({
	question: "Why did it stop?",
	found: true,
	sections: [],
	coverage: [{ document: "d1", passages: 9, read: 4 }],
	contributors: [{ device: "x", peer: "p1", agent: "Reader", tasks: 1 }],
	...over,
});

describe("a report as Markdown", () => {
	it("numbers each quote once, and names its document and page", () => {
		const quote = cite(5, "The pump\nfailed.", 3);
		const other = cite(50, "It was hot.");
		const text = markdownOf(
			report({
				sections: [
					{
						heading: "Cause",
						sentences: [
							{
								text: "The pump failed.",
								by: "extractive",
								citations: [quote],
							},
							{ text: "Heat.", by: "extractive", citations: [other, quote] },
						],
					},
				],
			}),
			names,
		);
		expect(text).toBe(`# Why did it stop?

## Cause

The pump failed. [1]

Heat. [2][1]

## Sources

**[1] trial.pdf**, page 3

> The pump
> failed.

**[2] trial.pdf**

> It was hot.

## Contributors

- Reader on Peer 1: 1 task

4 of 9 passages in 1 document were read.
`);
	});

	it("says so where the documents hold no answer", () => {
		const text = markdownOf(report({ found: false }), names);
		expect(text).toContain("The documents do not answer this question.");
		expect(text).not.toContain("## Sources");
	});

	it("shows ids that have no name", () => {
		const sentence = {
			text: "So.",
			by: "extractive",
			citations: [{ ...cite(0, "So."), document: "d9" }],
		};
		const text = markdownOf(
			report({ sections: [{ heading: "H", sentences: [sentence] }] }),
			names,
		);
		expect(text).toContain("**[1] d9**");
	});
});
