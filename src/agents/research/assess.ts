/** Whether sentences answer a question, judged by what of the question they touch. Pure; calibrated by its tests. */
import { coverage, strongest, type Touch } from "./candidates.ts";
import type { AskedConcept } from "./records.ts";

export interface Judged {
	/** In the sentence itself. */
	readonly own: Touch;
	/** Together with where it stands, discounted. */
	readonly whole: Touch;
	/** Together with where it stands, in full. */
	readonly anywhere: Touch;
}

export interface Assessment {
	readonly answers: boolean;
	/** Indices of sentences that touch too little. */
	readonly weak: readonly number[];
	/** Indices of concepts that no sentence touches. */
	readonly uncovered: readonly number[];
	/** For calibration. */
	readonly features: {
		readonly union: number;
		readonly best: number;
		readonly bestOwn: number;
		readonly named: number;
	};
}

/** The least share of the question that all sentences together, the best one in its place, and alone must touch. */
const THRESHOLDS = {
	union: 0.62,
	best: 0.5,
	own: 0.3,
	weak: 0.3,
	/** Words of a short question are found anywhere; one sentence has to bring them together. */
	short: { concepts: 2, best: 0.75 },
};

/** Judges sentences against what was asked. */
export function assess(
	judged: readonly Judged[],
	concepts: readonly AskedConcept[],
	weights: readonly number[],
): Assessment {
	const all = strongest(
		judged.map((each) => each.whole),
		concepts.length,
	);
	const anywhere = strongest(
		judged.map((each) => each.anywhere),
		concepts.length,
	);
	const uncovered = all.flatMap((most, i) => (most === 0 ? [i] : []));
	const best = judged.reduce(
		(most, each) => Math.max(most, coverage(each.whole, weights)),
		0,
	);
	const bestOwn = judged.reduce(
		(most, each) => Math.max(most, coverage(each.own, weights)),
		0,
	);
	const union = coverage(all, weights);
	const names = concepts.flatMap((concept, i) => (concept.must ? [i] : []));
	const named =
		names.length === 0
			? 1
			: names.filter((i) => (anywhere[i] ?? 0) > 0).length / names.length;
	return {
		answers:
			named === 1 &&
			union >= THRESHOLDS.union &&
			best >=
				(concepts.length <= THRESHOLDS.short.concepts
					? THRESHOLDS.short.best
					: THRESHOLDS.best) &&
			bestOwn >= THRESHOLDS.own,
		weak: judged.flatMap((each, i) =>
			coverage(each.whole, weights) < Math.min(THRESHOLDS.weak, best)
				? [i]
				: [],
		),
		uncovered,
		features: { union, best, bestOwn, named },
	};
}
