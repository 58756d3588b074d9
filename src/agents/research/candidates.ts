/** Sentences that might stand in a report, with what of the question each one touches. Pure. */
import type { DocumentIndex } from "../../documents/document-index.ts";
import type { TextUnit } from "../../documents/sentences.ts";
import { termsOf, wordCount } from "../../documents/terms.ts";
import type { Passage } from "../../documents/types.ts";
import { isCommonVerb } from "./heading.ts";
import type { AskedConcept } from "./records.ts";

/** What of each concept is where: 1 the word itself, less for a related one, 0 nothing. */
export type Touch = readonly number[];

/** One sentence, or a few that only make sense together. */
export interface Candidate {
	readonly start: number;
	readonly end: number;
	readonly text: string;
	readonly terms: ReadonlySet<string>;
	/** In the sentence itself. */
	readonly own: Touch;
	/** In the headings above it and the document's name. */
	readonly heading: Touch;
	/** In the outermost heading and the document's name: what the whole document is about. */
	readonly title: Touch;
	/** In its passage. */
	readonly near: Touch;
	/** 0-1: how well it reads alone. */
	readonly quality: number;
	/** 0-1: how close together it has neighbouring words of the question. */
	readonly closeness: number;
	/** The list it opens. */
	readonly items: readonly Candidate[];
}

const RELATED = 0.8;
/** Sentences that lean on the one before it. */
const DANGLING =
	/^(?:this|these|it|its|they|their|those|that|such|however|otherwise|furthermore|moreover|in addition|also|but|and|or|so|therefore|thus|hence|instead|he|she|the former|the latter|both|in (?:this|that|these|such) cases?|as such|as a result|additionally|similarly|likewise|consequently|for this|to do so|then|nonetheless|nevertheless|conversely|again|here|note that this|(?:we|i|they) (?:think|believe|assume|suspect|found|expect) (?:that )?(?:it|this|they))\b/i;
const AUXILIARY =
	/\b(?:is|are|was|were|be|been|has|have|had|can|cannot|may|must|should|will|would|does|do|did|shall|could|might|isn't|aren't|won't|don't)\b/i;
const MAX_JOINED_WORDS = 80;
const MAX_ITEM_WORDS = 100;
const MAX_ITEMS = 6;

/** How strongly a set of terms touches each concept. */
export function touch(
	terms: Pick<ReadonlySet<string>, "has">,
	concepts: readonly Pick<AskedConcept, "forms">[],
): Touch {
	return concepts.map(({ forms }) => {
		for (let i = 0; i < forms.length; i++)
			if (terms.has(forms[i] ?? "")) return i === 0 ? 1 : RELATED;
		return 0;
	});
}

/** The candidates of a passage. */
export function candidatesIn(
	index: DocumentIndex,
	passage: Passage,
	nameTerms: ReadonlySet<string>,
	concepts: readonly AskedConcept[],
): Candidate[] {
	const first = index.unitFrom(passage.start);
	const last = index.unitFrom(passage.end);
	const headingTerms = index.headingTerms(passage.headings);
	const heading = touch(
		{ has: (term) => headingTerms.has(term) || nameTerms.has(term) },
		concepts,
	);
	const titleTerms = index.headingTerms(passage.headings.slice(0, 1));
	const title = touch(
		{ has: (term) => titleTerms.has(term) || nameTerms.has(term) },
		concepts,
	);
	const whole = index.termsAt(passage.index).counts;
	const near = touch(whole, concepts);
	const make = (
		range: { readonly start: number; readonly end: number },
		quality: number,
		items: readonly Candidate[],
	): Candidate => {
		const text = index.text(range);
		const tokens = termsOf(text);
		const terms = new Set(tokens);
		return {
			start: range.start,
			end: range.end,
			text,
			terms,
			own: touch(terms, concepts),
			heading,
			title,
			near,
			quality,
			closeness: closenessOf(tokens, concepts),
			items,
		};
	};
	const candidates: Candidate[] = [];
	for (let i = first; i < last; i++) {
		const unit = index.units[i];
		if (!unit || unit.kind === "code" || unit.kind === "heading") continue;
		const from = beginning(index, i);
		const range = { start: (index.units[from] ?? unit).start, end: unit.end };
		const items = listAfter(index, unit);
		const quality = qualityOf(
			index.text(range),
			unit,
			from === i,
			items.length > 0,
		);
		if (quality <= 0) continue;
		candidates.push(
			make(
				range,
				quality,
				items.map((item) => make(item, quality, [])),
			),
		);
	}
	return candidates;
}

/** The items of the list that a sentence opens; none where it opens none. */
function listAfter(
	index: DocumentIndex,
	unit: TextUnit,
): { readonly start: number; readonly end: number }[] {
	if (unit.kind !== "prose") return [];
	const items: { start: number; end: number }[] = [];
	let line = unit.line;
	for (let i = index.unitFrom(unit.end); i < index.units.length; i++) {
		const next = index.units[i];
		if (next?.kind !== "item") break;
		const open = items.at(-1);
		if (open && next.line === line) {
			const longer = { start: open.start, end: next.end };
			if (wordCount(index.text(longer)) <= MAX_JOINED_WORDS)
				open.end = next.end;
			continue;
		}
		if (next.line !== line + 1 || items.length >= MAX_ITEMS) break;
		line = next.line;
		items.push({ start: next.start, end: next.end });
	}
	return items;
}

/** Index of the unit to begin with, so that "This …" does not stand without what it speaks of. */
function beginning(index: DocumentIndex, at: number): number {
	const { units } = index;
	let from = at;
	if (units[at]?.kind === "item") {
		// An item of a list says what it is about at its start ("P3: delivery rate. …").
		let start = at;
		while (units[start - 1]?.line === units[at]?.line) start--;
		const whole = { start: units[start]?.start ?? 0, end: units[at]?.end ?? 0 };
		if (wordCount(index.text(whole)) <= MAX_ITEM_WORDS) return start;
	}
	const end = units[at]?.end ?? 0;
	while (DANGLING.test(index.text(units[from] ?? { start: 0, end: 0 }))) {
		const before = units[from - 1];
		if (!before || before.line !== units[at]?.line) break;
		if (wordCount(index.text({ start: before.start, end })) > MAX_JOINED_WORDS)
			break;
		from--;
	}
	return from;
}

function qualityOf(
	text: string,
	unit: TextUnit,
	single: boolean,
	opensList: boolean,
): number {
	const words = wordCount(text);
	if (words < 4) return 0;
	const letters = text.match(/\p{L}/gu)?.length ?? 0;
	if (letters < text.length * 0.55) return 0;
	if (/https?:\/\//.test(text) && words < 9) return 0;
	let quality = 1;
	if (unit.kind === "row") quality *= 0.6;
	else if (!hasVerb(text)) quality *= 0.6;
	if (words < 6) quality *= 0.7;
	// Long stretches touch more of a question only because they are long.
	else if (words > 35)
		quality *= Math.max(
			unit.kind === "item" ? 0.95 : 0.6,
			1 - (words - 35) * 0.006,
		);
	if (single && DANGLING.test(text)) quality *= 0.75;
	if (unit.kind !== "row" && !/^["'“‘«([{]?[\p{Lu}\p{Lo}\p{N}]/u.test(text))
		quality *= 0.85;
	if (!opensList && /:$/.test(text)) quality *= 0.6;
	if (/\?$/.test(text)) quality *= 0.5;
	if (/^(?:note|see|todo|figure|table|example|e\.g\.)\b/i.test(text))
		quality *= 0.8;
	return quality;
}

/** Scripts without English verbs are given the benefit of the doubt. */
function hasVerb(text: string): boolean {
	if (!/[a-z]{3}/i.test(text) || /\p{Lo}/u.test(text)) return true;
	return (
		AUXILIARY.test(text) ||
		text
			.split(/[^\p{L}'-]+/u)
			.some(
				(word) =>
					isCommonVerb(word) || /^\p{Ll}{2,}(?:ed|izes|ifies)$/u.test(word),
			)
	);
}

/** Share of neighbouring concepts of the question that stand within a few words of each other. */
function closenessOf(
	tokens: readonly string[],
	concepts: readonly AskedConcept[],
): number {
	if (concepts.length < 2) return 0;
	const places = concepts.map(({ forms }) => {
		const at: number[] = [];
		for (let i = 0; i < tokens.length; i++)
			if (forms.includes(tokens[i] ?? "")) at.push(i);
		return at;
	});
	let close = 0;
	for (let c = 1; c < places.length; c++) {
		const here = places[c] ?? [];
		if (
			(places[c - 1] ?? []).some((a) => here.some((b) => Math.abs(a - b) <= 3))
		)
			close++;
	}
	return close / (concepts.length - 1);
}

/** Weighted share of what is touched. */
export function coverage(touched: Touch, weights: readonly number[]): number {
	let got = 0;
	let all = 0;
	for (let i = 0; i < weights.length; i++) {
		const weight = weights[i] ?? 0;
		all += weight;
		got += weight * (touched[i] ?? 0);
	}
	return all === 0 ? 0 : got / all;
}

/** What a sentence touches together with where it stands. */
export function inContext(
	candidate: Pick<Candidate, "own" | "heading" | "near">,
): Touch {
	return candidate.own.map((own, i) =>
		Math.max(
			own,
			0.85 * (candidate.heading[i] ?? 0),
			0.4 * (candidate.near[i] ?? 0),
		),
	);
}

/** The most of each. */
export function strongest(touches: readonly Touch[], length: number): number[] {
	return Array.from({ length }, (_, i) =>
		touches.reduce((most, each) => Math.max(most, each[i] ?? 0), 0),
	);
}
