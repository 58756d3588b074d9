/**
 * What the records of a research job hold, by topic. Agents know each other by these and nothing else (A4). Records are
 * kept for ever, so they are small: indices and offsets, never whole texts.
 */
import type {
	Concept,
	Occurrences,
	ShardStatistics,
} from "../../documents/bm25.ts";
import type { JobRecord, JobView } from "../../tasks/ports.ts";
import type { BlobId } from "../../wire/ids.ts";
import type { JsonSchema } from "../contract.ts";
import { conforms } from "../validate.ts";
import {
	ingestSchemas,
	planSchemas,
	questionSchema,
	reviewSchemas,
	searchSchemas,
	writeSchemas,
} from "./schemas.ts";
import type { Sentence } from "./types.ts";

/** Topics. The question is the start record; the others are results of tasks. */
export const QUESTION = "research_question";
export const PLAN = "research_plan";
export const DOCUMENT = "research_document";
export const FOUND = "research_found";
export const DRAFT = "research_draft";
export const REVIEW = "research_review";

/** The start record. */
export interface ResearchQuestion {
	readonly question: string;
	readonly documents: readonly ResearchSource[];
}

/** What a job needs to know of a document: the part of DocumentInfo that does not change. */
export interface ResearchSource {
	readonly id: BlobId;
	readonly name: string;
	readonly passages: number;
	/** Blob of the extracted text, so that whoever holds the job can fetch it (S12). */
	readonly textBlob: BlobId;
}

/** Something a sub-question asks for. */
export interface AskedConcept extends Concept {
	/** How much it matters: 1 is an ordinary word. */
	readonly weight: number;
	/** A name, number or identifier: what does not mention it does not answer. */
	readonly must: boolean;
	/** Said by an earlier part of the question and only understood here: sets the scene, answers nothing. */
	readonly carried: boolean;
	/** The word as asked. */
	readonly word: string;
}

export interface Subquestion {
	/** `q1`, `q2`, … */
	readonly id: string;
	readonly heading: string;
	readonly question: string;
	readonly concepts: readonly AskedConcept[];
	/** What kind of thing would answer it. */
	readonly wants:
		| "number"
		| "time"
		| "person"
		| "reason"
		| "definition"
		| "anything";
}

export interface ResearchPlan {
	readonly subquestions: readonly Subquestion[];
}

export interface IngestedDocument {
	readonly document: BlobId;
	/** Passages counted from the text itself. */
	readonly passages: number;
}

/** A passage worth reading again: [index, length in terms, occurrences of each concept]. */
export type FoundPassage = readonly [
	index: number,
	length: number,
	occurrences: Occurrences,
];

export interface Found {
	/** Hash of the plan it was searched for. */
	readonly plan: string;
	readonly document: BlobId;
	/** Passages read, half open. */
	readonly from: number;
	readonly to: number;
	/** In the order of the plan. */
	readonly subquestions: readonly {
		readonly statistics: ShardStatistics;
		readonly passages: readonly FoundPassage[];
	}[];
}

export interface Draft {
	readonly plan: string;
	readonly subquestion: string;
	readonly round: number;
	readonly sentences: readonly Sentence[];
}

export type Verdict = "approved" | "revise" | "unanswered";

export interface Review {
	readonly plan: string;
	readonly subquestion: string;
	readonly round: number;
	/** Hash of the draft it speaks of. */
	readonly draft: string;
	readonly verdict: Verdict;
	/** For people. */
	readonly reasons: readonly string[];
	/** Sentences that must not come again, by `placeOf`. */
	readonly rejected: readonly string[];
	/** Indices of concepts that the next draft should bring in. */
	readonly missing: readonly number[];
	/** Indices of the draft's sentences that stand; all of them matter only when approved. */
	readonly kept: readonly number[];
}

/** Names the place of a sentence, for `rejected`. */
export function placeOf(sentence: Sentence): string {
	const first = sentence.citations[0];
	return first ? `${first.document}:${first.start}-${first.end}` : "";
}

/** What the records of each topic hold. */
interface TopicData {
	readonly [QUESTION]: ResearchQuestion;
	readonly [PLAN]: ResearchPlan;
	readonly [DOCUMENT]: IngestedDocument;
	readonly [FOUND]: Found;
	readonly [DRAFT]: Draft;
	readonly [REVIEW]: Review;
}
type Topic = keyof TopicData;

const SCHEMAS: Readonly<Record<Topic, JsonSchema>> = {
	[QUESTION]: questionSchema,
	[PLAN]: planSchemas.output,
	[DOCUMENT]: ingestSchemas.output,
	[FOUND]: searchSchemas.output,
	[DRAFT]: writeSchemas.output,
	[REVIEW]: reviewSchemas.output,
};

/**
 * The data of a record of a topic; `undefined` where it is not what such records hold. A member may give the result of
 * any skill any topic, so it does not help that results keep to the contract of their skill. What another version of an
 * agent wrote is passed over, not tripped over.
 */
export function dataOf<T extends Topic>(
	topic: T,
	record: JobRecord,
): TopicData[T] | undefined {
	return record.topic === topic && conforms(SCHEMAS[topic], record.data)
		? (record.data as TopicData[T])
		: undefined;
}

/** The records of a topic that hold what they should. */
export function typed<T extends Topic>(
	view: JobView,
	topic: T,
): { readonly record: JobRecord; readonly data: TopicData[T] }[] {
	return view.records(topic).flatMap((record) => {
		const data = dataOf(topic, record);
		return data === undefined ? [] : [{ record, data }];
	});
}

export const questionOf = (view: JobView): ResearchQuestion | undefined =>
	typed(view, QUESTION)[0]?.data;

export const planOf = (view: JobView) => typed(view, PLAN)[0];

/** One a document: the first that was accepted speaks. */
export function ingestedOf(view: JobView): Map<BlobId, IngestedDocument> {
	const ingested = new Map<BlobId, IngestedDocument>();
	for (const { data } of typed(view, DOCUMENT))
		if (!ingested.has(data.document)) ingested.set(data.document, data);
	return ingested;
}
