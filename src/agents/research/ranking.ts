/** From what all searchers found to one ranking of passages for a sub-question. Pure. */
import {
	mergeStatistics,
	rarity,
	round,
	scorePassage,
} from "../../documents/bm25.ts";
import type { BlobId } from "../../wire/ids.ts";
import { compareText } from "../../wire/order.ts";
import type { Subquestion } from "./records.ts";
import type { Evidence } from "./shards.ts";

/** [document index in `documents`, passage index, score]. */
export type RankedPassage = readonly [
	document: number,
	index: number,
	score: number,
];

export interface Ranking {
	readonly documents: readonly { readonly id: BlobId; readonly name: string }[];
	readonly passages: readonly RankedPassage[];
	/** By concept: its weight times how rare it is, bounded. */
	readonly weights: readonly number[];
	/** By concept: passages of the whole collection that have it. */
	readonly frequency: readonly number[];
}

/** A word in every passage still matters a little… */
const MIN_RARITY = 0.8;
/** …and one found nowhere does not outweigh all others. */
const MAX_RARITY = 4;
const MAX_RANKED = 48;
/** Passages of one document among the first: others should have a say. */
const MAX_OF_ONE = 32;

/** Ranks the passages for one sub-question. */
export function rankingOf(evidence: Evidence, sub: Subquestion): Ranking {
	const at = evidence.plan.subquestions.indexOf(sub);
	const shards = evidence.found.map((each) => ({
		document: each.document,
		part: each.subquestions[at],
	}));
	const statistics = mergeStatistics(
		shards.flatMap(({ part }) => (part ? [part.statistics] : [])),
		sub.concepts.length,
	);
	const importance = sub.concepts.map((concept) => concept.weight);
	const scored: { document: BlobId; index: number; score: number }[] = [];
	for (const { document, part } of shards)
		for (const [index, length, occurrences] of part?.passages ?? [])
			scored.push({
				document,
				index,
				score: round(
					scorePassage(occurrences, length, statistics, importance),
					4,
				),
			});
	scored.sort(
		(a, b) =>
			b.score - a.score ||
			compareText(a.document, b.document) ||
			a.index - b.index,
	);
	const ofOne = new Map<BlobId, number>();
	const kept = scored.filter(({ document }) => {
		const count = (ofOne.get(document) ?? 0) + 1;
		ofOne.set(document, count);
		return count <= MAX_OF_ONE;
	});
	const top = kept.slice(0, MAX_RANKED);
	const documents = [...new Set(top.map((each) => each.document))].sort(
		compareText,
	);
	return {
		documents: documents.map((id) => ({
			id,
			name: evidence.sources.get(id)?.name ?? "",
		})),
		passages: top.map(({ document, index, score }) => [
			documents.indexOf(document),
			index,
			score,
		]),
		weights: sub.concepts.map((concept, i) =>
			round(
				concept.weight *
					Math.min(MAX_RARITY, Math.max(MIN_RARITY, rarity(statistics, i))),
				3,
			),
		),
		frequency: statistics.frequency,
	};
}
