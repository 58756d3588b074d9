/**
 * BM25 (Robertson & Zaragoza 2009) over passages, computed in shards: each shard counts for itself, and the merged
 * counts give exactly the scores that one index over everything would give. Only + - * / on doubles, so that every
 * device gets the same bits (`Math.log` may differ in the last one).
 */
import type { Passage } from "./types.ts";

/** Something asked for, as index terms. The first form is the word of the question, the others mean about the same. */
export interface Concept {
	readonly forms: readonly string[];
}

/** What a shard knows about the concepts of a query. Shards of one collection add up. */
export interface ShardStatistics {
	readonly passages: number;
	/** Terms in all passages. */
	readonly length: number;
	/** By concept: passages that have any of its forms. */
	readonly frequency: readonly number[];
	/** By concept: passages that have its first form. */
	readonly exact: readonly number[];
}

/** Counts of the index terms of one passage, of its headings, and its length in terms. */
export interface PassageTerms {
	readonly counts: ReadonlyMap<string, number>;
	readonly headings: Pick<ReadonlySet<string>, "has">;
	readonly length: number;
}

/** How often each concept occurs: a related form counts less, a heading once. */
export type Occurrences = readonly number[];

export interface IndexedPassage {
	readonly passage: Passage;
	readonly length: number;
	readonly occurrences: Occurrences;
}

const K1 = 1.2;
const B = 0.75;
const RELATED_FORM = 0.6;
const IN_HEADING = 0.5;

/** Occurrences of the concepts in a passage; `undefined` where there are none at all. */
export function occurrencesIn(
	terms: PassageTerms,
	concepts: readonly Concept[],
): Occurrences | undefined {
	let any = false;
	const occurrences = concepts.map(({ forms }) => {
		let count = 0;
		for (let i = 0; i < forms.length; i++) {
			const form = forms[i] ?? "";
			const weight = i === 0 ? 1 : RELATED_FORM;
			count += weight * (terms.counts.get(form) ?? 0);
			if (terms.headings.has(form)) count += weight * IN_HEADING;
		}
		if (count > 0) any = true;
		return round(count, 2);
	});
	return any ? occurrences : undefined;
}

/** Adds up shards. */
export function mergeStatistics(
	shards: readonly ShardStatistics[],
	concepts: number,
): ShardStatistics {
	const frequency = new Array<number>(concepts).fill(0);
	const exact = new Array<number>(concepts).fill(0);
	let passages = 0;
	let length = 0;
	for (const shard of shards) {
		passages += shard.passages;
		length += shard.length;
		for (let i = 0; i < concepts; i++) {
			frequency[i] = (frequency[i] ?? 0) + (shard.frequency[i] ?? 0);
			exact[i] = (exact[i] ?? 0) + (shard.exact[i] ?? 0);
		}
	}
	return { passages, length, frequency, exact };
}

/**
 * How rare a concept is. The asked word itself decides: a question about "forward" is no less particular because texts
 * also say "send". Where nobody uses the word, its relatives stand in.
 */
export function rarity(statistics: ShardStatistics, concept: number): number {
	const exact = statistics.exact[concept] ?? 0;
	return inverseFrequency(
		statistics.passages,
		exact > 0 ? exact : (statistics.frequency[concept] ?? 0),
	);
}

/** Inverse document frequency, never negative. */
function inverseFrequency(passages: number, frequency: number): number {
	return naturalLog(1 + (passages - frequency + 0.5) / (frequency + 0.5));
}

/** Score of one passage; `weights`, by concept, multiply its share. */
export function scorePassage(
	occurrences: Occurrences,
	length: number,
	statistics: ShardStatistics,
	weights: readonly number[],
): number {
	const average = statistics.length / Math.max(1, statistics.passages);
	const norm = K1 * (1 - B + (B * length) / Math.max(1, average));
	let score = 0;
	for (let i = 0; i < occurrences.length; i++) {
		const count = occurrences[i] ?? 0;
		if (count <= 0) continue;
		score +=
			(weights[i] ?? 1) *
			rarity(statistics, i) *
			((count * (K1 + 1)) / (count + norm));
	}
	return score;
}

/** Rounds for records, so that a last bit never makes two results out of one. */
export function round(value: number, digits: number): number {
	const scale = 10 ** digits;
	return Math.round(value * scale) / scale;
}

const LN2 = Math.LN2;

/** The natural logarithm from basic arithmetic; `value` > 0. */
export function naturalLog(value: number): number {
	let mantissa = value;
	let exponent = 0;
	while (mantissa > 1.5) {
		mantissa /= 2;
		exponent++;
	}
	while (mantissa < 0.75) {
		mantissa *= 2;
		exponent--;
	}
	const s = (mantissa - 1) / (mantissa + 1);
	const square = s * s;
	let sum = 0;
	for (let k = 25; k >= 1; k -= 2) sum = sum * square + 1 / k;
	return exponent * LN2 + 2 * s * sum;
}
