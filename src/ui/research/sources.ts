/** The sources of a report: cited documents numbered in reading order, and a quote in its surroundings. */
import type { Report } from "../../node/api.ts";
import type { SentencePlace } from "../route.ts";

export type Sentence = Report["sections"][number]["sentences"][number];
export type Citation = Sentence["citations"][number];

/** Document id to its number in the report, from 1. */
export function numberSources(report: Report): ReadonlyMap<string, number> {
	const numbers = new Map<string, number>();
	for (const section of report.sections) {
		for (const sentence of section.sentences) {
			for (const { document } of sentence.citations) {
				if (!numbers.has(document)) numbers.set(document, numbers.size + 1);
			}
		}
	}
	return numbers;
}

/** Every sentence's place, in reading order. */
export function placesOf(report: Report): SentencePlace[] {
	return report.sections.flatMap((section, at) =>
		section.sentences.map((_, sentence) => ({ section: at, sentence })),
	);
}

/** The sentence at a place, if the report has come so far. */
export function sentenceAt(
	report: Report,
	place: SentencePlace,
): Sentence | undefined {
	return report.sections[place.section]?.sentences[place.sentence];
}

/** A paragraph as long as this is enough to read at a stretch. */
const PARAGRAPH = 420;

/** A sentence and its index in its section. */
export interface Placed {
	readonly sentence: Sentence;
	readonly index: number;
}

/** Cuts a section into paragraphs: a new one begins once the last has `long` characters. Sentences stay whole. */
export function paragraphsOf(
	sentences: readonly Sentence[],
	long = PARAGRAPH,
): Placed[][] {
	const paragraphs: Placed[][] = [];
	let length = long;
	sentences.forEach((sentence, index) => {
		if (length >= long) {
			paragraphs.push([]);
			length = 0;
		}
		paragraphs.at(-1)?.push({ sentence, index });
		length += sentence.text.length;
	});
	return paragraphs;
}

/** A quote with some text around it. `exact` is whether the source says it to the letter. */
export interface QuoteInContext {
	readonly before: string;
	readonly quote: string;
	readonly after: string;
	readonly exact: boolean;
}

/**
 * Cuts a quote out of its text with up to `around` characters on both sides, whole words, within its paragraph.
 * Where the text does not hold the quote at its place, the quote stands alone and `exact` is false.
 */
export function inContext(
	text: string,
	citation: Citation,
	around = 180,
): QuoteInContext {
	const { start, end, quote } = citation;
	if (text.slice(start, end) !== quote) {
		return { before: "", quote, after: "", exact: false };
	}
	let before = text.slice(Math.max(0, start - around), start);
	const paragraph = before.lastIndexOf("\n\n");
	if (paragraph >= 0) before = before.slice(paragraph + 2);
	else if (start > around) before = `…${before.replace(/^\S*/, "")}`;
	let after = text.slice(end, end + around);
	const stop = after.indexOf("\n\n");
	if (stop >= 0) after = after.slice(0, stop);
	else if (end + around < text.length) after = `${after.replace(/\S*$/, "")}…`;
	return { before, quote, after, exact: true };
}

/** A stretch of a document to show as one paragraph. Offsets are UTF-16 units into the text. */
export interface Block {
	readonly start: number;
	readonly end: number;
}

/** Cuts a text at its empty lines. Every character is in exactly one block. */
export function blocksOf(text: string): Block[] {
	const blocks: Block[] = [];
	let start = 0;
	for (const gap of text.matchAll(/\n[^\S\n]*\n\s*/g)) {
		const end = gap.index + gap[0].length;
		blocks.push({ start, end });
		start = end;
	}
	if (start < text.length) blocks.push({ start, end: text.length });
	return blocks;
}

/** A piece of a block, inside a quote or between quotes. */
export interface Piece {
	readonly text: string;
	/** Index of the quote it stands in, or `null`. */
	readonly mark: number | null;
}

/** Cuts a block where quotes begin and end. Where quotes overlap the earlier one in the list wins. */
export function piecesOf(
	text: string,
	block: Block,
	quotes: readonly Block[],
): Piece[] {
	const cuts = new Set([block.start, block.end]);
	for (const quote of quotes) {
		if (quote.start > block.start && quote.start < block.end)
			cuts.add(quote.start);
		if (quote.end > block.start && quote.end < block.end) cuts.add(quote.end);
	}
	const sorted = [...cuts].sort((a, b) => a - b);
	return sorted.slice(1).map((end, at) => {
		const start = sorted[at] ?? block.start;
		const mark = quotes.findIndex((q) => q.start <= start && end <= q.end);
		return { text: text.slice(start, end), mark: mark < 0 ? null : mark };
	});
}
