/** Skill of the searcher: counts one shard of a document for all sub-questions and keeps its best passages. */
import {
	type IndexedPassage,
	occurrencesIn,
	type ShardStatistics,
	scorePassage,
} from "../../documents/bm25.ts";
import type { AgentContext } from "../define.ts";
import { openDocument } from "./library.ts";
import type { AskedConcept, Found } from "./records.ts";

export interface SearchInput {
	/** Hash of the plan (T3). */
	readonly plan: string;
	readonly document: string;
	/** Counts as the outermost heading. */
	readonly name: string;
	/** Passages to read, half open. */
	readonly from: number;
	readonly to: number;
	/** Concepts of each sub-question. */
	readonly ask: readonly (readonly Pick<AskedConcept, "forms" | "weight">[])[];
}

/** Passages a shard offers for one sub-question. */
const MAX_OFFERED = 14;

/** Reads one shard. */
export async function search(
	input: SearchInput,
	ctx: AgentContext,
): Promise<Found> {
	const { index, nameTerms } = await openDocument(
		input.document,
		input.name,
		ctx,
	);
	const to = Math.min(input.to, index.passages.length);
	return {
		plan: input.plan,
		document: input.document,
		from: input.from,
		to: input.to,
		subquestions: input.ask.map((concepts) => {
			const hits: IndexedPassage[] = [];
			const frequency = new Array<number>(concepts.length).fill(0);
			const exact = new Array<number>(concepts.length).fill(0);
			let length = 0;
			for (let i = input.from; i < to; i++) {
				const own = index.termsAt(i);
				const passage = index.passages[i];
				length += own.length;
				const inHeadings = (term: string): boolean =>
					own.headings.has(term) || nameTerms.has(term);
				const headingsOrBody = (term: string): boolean =>
					own.counts.has(term) || inHeadings(term);
				const occurrences = occurrencesIn(
					{ ...own, headings: { has: inHeadings } },
					concepts,
				);
				if (!occurrences || !passage) continue;
				for (let c = 0; c < concepts.length; c++) {
					if ((occurrences[c] ?? 0) > 0) frequency[c] = (frequency[c] ?? 0) + 1;
					if (headingsOrBody(concepts[c]?.forms[0] ?? ""))
						exact[c] = (exact[c] ?? 0) + 1;
				}
				hits.push({ passage, length: own.length, occurrences });
			}
			const statistics = {
				passages: to - input.from,
				length,
				frequency,
				exact,
			};
			return { statistics, passages: best(hits, statistics, concepts) };
		}),
	};
}

function best(
	hits: readonly IndexedPassage[],
	statistics: ShardStatistics,
	concepts: SearchInput["ask"][number],
): Found["subquestions"][number]["passages"] {
	const weights = concepts.map((concept) => concept.weight);
	return hits
		.map((hit) => ({
			hit,
			score: scorePassage(hit.occurrences, hit.length, statistics, weights),
		}))
		.sort(
			(a, b) => b.score - a.score || a.hit.passage.index - b.hit.passage.index,
		)
		.slice(0, MAX_OFFERED)
		.map(({ hit }) => [hit.passage.index, hit.length, hit.occurrences]);
}
