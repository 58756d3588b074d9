/**
 * The five agents of research. Each knows topics of records, never another agent: who adds a sixth that reacts to
 * `research_draft` needs to change nothing here (A4). Reactions are pure; skills are loaded when first run.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { TaskRequest } from "../../tasks/ports.ts";
import { toHex, utf8 } from "../../wire/bytes.ts";
import type { AgentDefinition } from "../define.ts";
import type { Ranking } from "./ranking.ts";
import { rankingOf } from "./ranking.ts";
import {
	DOCUMENT,
	DRAFT,
	type Draft,
	dataOf,
	FOUND,
	ingestedOf,
	PLAN,
	planOf,
	QUESTION,
	questionOf,
	REVIEW,
	typed,
} from "./records.ts";
import type { ReviewInput } from "./review.ts";
import {
	ingestSchemas,
	planSchemas,
	reviewSchemas,
	searchSchemas,
	writeSchemas,
} from "./schemas.ts";
import type { SearchInput } from "./search.ts";
import { type Evidence, evidenceOf, shardsOf } from "./shards.ts";
import type { WriteInput } from "./write.ts";

const VERSION = "1.0.0";

const planner: AgentDefinition = {
	name: "planner",
	version: VERSION,
	description: "Takes a question apart into what it asks.",
	skills: {
		plan: {
			...planSchemas,
			name: "Plan",
			description: "Question to sub-questions, each with a heading.",
			tags: ["research", "planning"],
			examples: ["Why did the trial stop early, and what was changed?"],
			expectedMs: 5,
			idempotent: true,
			cost: 1,
			run: async (input) =>
				(await import("./plan.ts")).plan(input as { question: string }),
		},
	},
	on: {
		[QUESTION]: (_, job) => {
			const asked = questionOf(job);
			if (!asked || asked.documents.length === 0) return [];
			return [
				{ skill: "plan", topic: PLAN, input: { question: asked.question } },
			];
		},
	},
};

const ingester: AgentDefinition = {
	name: "ingester",
	version: VERSION,
	description: "Opens documents and cuts them into passages.",
	skills: {
		ingest: {
			...ingestSchemas,
			name: "Ingest",
			description: "Opens a document and counts its passages.",
			tags: ["research", "documents"],
			expectedMs: 50,
			idempotent: true,
			cost: 1,
			run: async (input, ctx) =>
				(await import("./ingest.ts")).ingest(
					input as { document: string; name: string },
					ctx,
				),
		},
	},
	on: {
		[QUESTION]: (_, job) =>
			(questionOf(job)?.documents ?? []).map(({ id, name }) => ({
				skill: "ingest",
				topic: DOCUMENT,
				input: { document: id, name },
			})),
	},
};

const searcher: AgentDefinition = {
	name: "searcher",
	version: VERSION,
	description: "Reads passages and finds those that speak about a question.",
	skills: {
		search: {
			...searchSchemas,
			name: "Search",
			description: "Ranks a stretch of passages for all sub-questions.",
			tags: ["research", "retrieval"],
			expectedMs: 40,
			idempotent: true,
			cost: 1,
			run: async (input, ctx) =>
				(await import("./search.ts")).search(input as SearchInput, ctx),
		},
	},
	on: {
		// Each document asks for its own shards only: a job looks at all its reactions again whenever it knows more, so
		// what this costs is what each record costs.
		[DOCUMENT]: (record, job) => {
			const plan = planOf(job);
			const ingested = dataOf(DOCUMENT, record);
			if (ingested === undefined) return [];
			const { document, passages } = ingested;
			const source = questionOf(job)?.documents.find(
				(each) => each.id === document,
			);
			if (!plan || !source || ingestedOf(job).get(document) !== record.data)
				return [];
			const ask = plan.data.subquestions.map((sub) =>
				sub.concepts.map(({ forms, weight }) => ({ forms, weight })),
			);
			return shardsOf(source, passages).map(({ from, to }) => ({
				skill: "search",
				topic: FOUND,
				input: {
					plan: plan.record.hash,
					document,
					name: source.name,
					from,
					to,
					ask,
				} satisfies SearchInput,
			}));
		},
	},
};

const writer: AgentDefinition = {
	name: "writer",
	version: VERSION,
	description: "Writes sections out of sentences that stand in the documents.",
	skills: {
		write: {
			...writeSchemas,
			name: "Write",
			description: "Picks and orders the sentences that answer a sub-question.",
			tags: ["research", "writing", "extractive"],
			expectedMs: 60,
			idempotent: true,
			cost: 1,
			run: async (input, ctx) =>
				(await import("./write.ts")).write(input as WriteInput, ctx),
		},
	},
	on: {
		// A first draft of each section the plan names, once everything there is has been read.
		[PLAN]: (record, job) => {
			const evidence = evidenceOf(job);
			if (evidence?.planHash !== record.hash) return [];
			return evidence.plan.subquestions.map((_, at) =>
				writeRequest(evidence, at, 1, [], []),
			);
		},
		// Another draft where the reviewer sends one back.
		[REVIEW]: (record, job) => {
			const review = dataOf(REVIEW, record);
			if (review?.verdict !== "revise") return [];
			const evidence = evidenceOf(job);
			const at =
				evidence?.plan.subquestions.findIndex(
					(sub) => sub.id === review.subquestion,
				) ?? -1;
			if (!evidence || at < 0 || review.plan !== evidence.planHash) return [];
			const rejected = new Set<string>();
			for (const { data } of typed(job, REVIEW))
				if (
					data.subquestion === review.subquestion &&
					data.round <= review.round
				)
					for (const place of data.rejected) rejected.add(place);
			return [
				writeRequest(
					evidence,
					at,
					review.round + 1,
					[...rejected].sort(),
					review.missing,
				),
			];
		},
	},
};

const reviewer: AgentDefinition = {
	name: "reviewer",
	version: VERSION,
	description:
		"Checks every quote word for word, and that a section answers its question.",
	skills: {
		review: {
			...reviewSchemas,
			name: "Review",
			description: "Approves a draft, sends it back, or says it has no answer.",
			tags: ["research", "review"],
			expectedMs: 20,
			idempotent: true,
			cost: 1,
			run: async (input, ctx) =>
				(await import("./review.ts")).review(input as ReviewInput, ctx),
		},
	},
	on: {
		[DRAFT]: (record, job) => {
			const draft = dataOf(DRAFT, record);
			if (draft === undefined) return [];
			const evidence = evidenceOf(job);
			const sub = evidence?.plan.subquestions.find(
				(each) => each.id === draft.subquestion,
			);
			if (!evidence || !sub || draft.plan !== evidence.planHash) return [];
			const { weights, frequency } = rankingOf(evidence, sub);
			return [
				{
					skill: "review",
					topic: REVIEW,
					input: {
						plan: draft.plan,
						subquestion: sub,
						draft: record.hash,
						round: draft.round,
						sentences: draft.sentences,
						weights,
						frequency,
						names: namesOf(draft, evidence),
					} satisfies ReviewInput,
				},
			];
		},
	},
};

/** All of them; every page offers all. */
export const researchAgents: readonly AgentDefinition[] = [
	planner,
	ingester,
	searcher,
	writer,
	reviewer,
];

function writeRequest(
	evidence: Evidence,
	at: number,
	round: number,
	rejected: readonly string[],
	missing: readonly number[],
): TaskRequest {
	const subquestion = evidence.plan.subquestions[at];
	const ranking: Ranking = subquestion
		? rankingOf(evidence, subquestion)
		: { documents: [], passages: [], weights: [], frequency: [] };
	return {
		skill: "write",
		topic: DRAFT,
		input: {
			plan: evidence.planHash,
			subquestion,
			round,
			found: toHex(sha256(utf8(evidence.pins.join("")))),
			ranking,
			rejected,
			missing,
		},
	};
}

function namesOf(draft: Draft, evidence: Evidence): Record<string, string> {
	const names: Record<string, string> = {};
	for (const { citations } of draft.sentences)
		for (const { document } of citations) {
			const source = evidence.sources.get(document);
			if (source) names[document] = source.name;
		}
	return names;
}
