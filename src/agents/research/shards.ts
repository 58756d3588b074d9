/** How documents are cut into pieces of searching work, and when all of it has come back. Pure. */

import type { JobView } from "../../tasks/ports.ts";
import type { BlobId } from "../../wire/ids.ts";
import { compareText } from "../../wire/order.ts";
import {
	FOUND,
	type Found,
	ingestedOf,
	planOf,
	questionOf,
	type ResearchPlan,
	type ResearchSource,
	typed,
} from "./records.ts";

/** Passages of one search task: small enough to spread, large enough to be worth a task. */
const SHARD_PASSAGES = 96;

export interface Shard {
	readonly source: ResearchSource;
	readonly from: number;
	readonly to: number;
}

/** Even shards of one document; none where it has no passages. */
export function shardsOf(source: ResearchSource, passages: number): Shard[] {
	const count = Math.ceil(passages / SHARD_PASSAGES);
	return Array.from({ length: count }, (_, i) => ({
		source,
		from: Math.floor((passages * i) / count),
		to: Math.floor((passages * (i + 1)) / count),
	}));
}

/** Everything the writer builds on: complete, or `undefined` while a document or a shard is missing. */
export interface Evidence {
	readonly question: string;
	readonly plan: ResearchPlan;
	readonly planHash: string;
	readonly sources: ReadonlyMap<BlobId, ResearchSource>;
	/** In a fixed order: by document, then by passage. */
	readonly found: readonly Found[];
	/** Hashes of the found records, in that order (T3). */
	readonly pins: readonly string[];
}

/** Joins the searchers' records; `undefined` until every shard of every document has been read. */
export function evidenceOf(view: JobView): Evidence | undefined {
	const question = questionOf(view);
	const plan = planOf(view);
	if (!question || !plan) return undefined;
	const ingested = ingestedOf(view);
	const found = new Map<string, { data: Found; hash: string }>();
	for (const { record, data } of typed(view, FOUND)) {
		if (data.plan !== plan.record.hash) continue;
		const key = `${data.document}:${data.from}-${data.to}`;
		if (!found.has(key)) found.set(key, { data, hash: record.hash });
	}
	const joined: { data: Found; hash: string }[] = [];
	const sources = new Map(question.documents.map((each) => [each.id, each]));
	for (const source of [...sources.values()].sort((a, b) =>
		compareText(a.id, b.id),
	)) {
		const document = ingested.get(source.id);
		if (!document) return undefined;
		for (const { from, to } of shardsOf(source, document.passages)) {
			const part = found.get(`${source.id}:${from}-${to}`);
			if (!part) return undefined;
			joined.push(part);
		}
	}
	return {
		question: question.question,
		plan: plan.data,
		planHash: plan.record.hash,
		sources,
		found: joined.map((each) => each.data),
		pins: joined.map((each) => each.hash),
	};
}
