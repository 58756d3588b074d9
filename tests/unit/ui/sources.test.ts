import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../../src/node/api.ts";
import {
	blocksOf,
	inContext,
	numberSources,
	paragraphsOf,
	piecesOf,
	placesOf,
	type Sentence,
	sentenceAt,
} from "../../../src/ui/research/sources.ts";

function sentence(text: string, ...documents: readonly string[]): Sentence {
	return {
		text,
		by: "extractive",
		citations: documents.map((document) => ({
			document,
			quote: text,
			start: 0,
			end: text.length,
		})),
	};
}

const report: Report = {
	question: "?",
	found: true,
	sections: [
		{ heading: "a", sentences: [sentence("1", "x", "y"), sentence("2", "x")] },
		{ heading: "b", sentences: [sentence("3", "z", "y")] },
	],
	coverage: [],
	contributors: [],
};

describe("the sources of a report", () => {
	it("are numbered as they are read", () => {
		expect([...numberSources(report)]).toEqual([
			["x", 1],
			["y", 2],
			["z", 3],
		]);
	});

	it("are found by the place of a sentence", () => {
		expect(placesOf(report).map((at) => sentenceAt(report, at)?.text)).toEqual([
			"1",
			"2",
			"3",
		]);
		expect(sentenceAt(report, { section: 5, sentence: 0 })).toBeUndefined();
	});
});

describe("paragraphs", () => {
	it("begin anew once the last is long enough, and lose no sentence", () => {
		const texts = fc.array(fc.string({ maxLength: 30 }), { maxLength: 20 });
		fc.assert(
			fc.property(texts, fc.integer({ min: 1, max: 60 }), (list, long) => {
				const sentences = list.map((text) => sentence(text));
				const paragraphs = paragraphsOf(sentences, long);
				expect(paragraphs.flat().map((placed) => placed.index)).toEqual(
					list.map((_, at) => at),
				);
				for (const paragraph of paragraphs.slice(0, -1)) {
					const lengths = paragraph.map(
						(placed) => placed.sentence.text.length,
					);
					const sum = lengths.reduce((all, one) => all + one, 0);
					expect(sum).toBeGreaterThanOrEqual(long);
					expect(sum - (lengths.at(-1) ?? 0)).toBeLessThan(long);
				}
			}),
		);
	});
});

describe("a quote in its surroundings", () => {
	const cite = (text: string, quote: string) => {
		const start = text.indexOf(quote);
		return { document: "d", quote, start, end: start + quote.length };
	};

	it("stands in its paragraph", () => {
		const text = "Before.\n\nIt began. The pump failed. It ended.\n\nAfter.";
		expect(inContext(text, cite(text, "The pump failed."))).toEqual({
			before: "It began. ",
			quote: "The pump failed.",
			after: " It ended.",
			exact: true,
		});
	});

	it("is cut at words", () => {
		const text = "one two three four QUOTE five six seven";
		expect(inContext(text, cite(text, "QUOTE"), 8)).toEqual({
			before: "… four ",
			quote: "QUOTE",
			after: " five …",
			exact: true,
		});
	});

	it("stands alone, and says so, when the text does not hold it there", () => {
		expect(
			inContext("abc", { document: "d", quote: "x", start: 1, end: 2 }),
		).toEqual({ before: "", quote: "x", after: "", exact: false });
	});
});

describe("the reader's text", () => {
	const words = fc.string({
		unit: fc.constantFrom("a", "b", " ", "\n"),
		maxLength: 60,
	});

	it("is all there, once", () => {
		fc.assert(
			fc.property(words, (text) => {
				const blocks = blocksOf(text);
				expect(blocks.map((b) => text.slice(b.start, b.end)).join("")).toBe(
					text,
				);
			}),
		);
	});

	it("is marked where it is quoted and nowhere else", () => {
		const quote = fc.tuple(fc.nat(59), fc.nat(20)).map(([start, long]) => ({
			start,
			end: start + long,
		}));
		fc.assert(
			fc.property(words, fc.array(quote, { maxLength: 4 }), (text, quotes) => {
				for (const block of blocksOf(text)) {
					let at = block.start;
					for (const { text: part, mark } of piecesOf(text, block, quotes)) {
						for (let i = at; i < at + part.length; i++) {
							const quoted = quotes.some((q) => q.start <= i && i < q.end);
							expect(mark !== null).toBe(quoted);
						}
						at += part.length;
					}
					expect(at).toBe(block.end);
				}
			}),
		);
	});
});
