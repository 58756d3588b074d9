/** A research job as a person sees it: report, progress, who did what. A pure function of the job's records. */

import type { JobView } from "../../tasks/ports.ts";
import { compareText } from "../../wire/order.ts";
import {
	DRAFT,
	FOUND,
	ingestedOf,
	placeOf,
	planOf,
	questionOf,
	REVIEW,
	typed,
} from "./records.ts";
import { evidenceOf } from "./shards.ts";
import type {
	Contributor,
	Coverage,
	Reading,
	Report,
	Section,
} from "./types.ts";

/** What the records say. Tasks that are still open are the task engine's to tell. */
export interface ResearchState {
	/** While working: as far as it is written, open sections without sentences. */
	readonly report: Report;
	readonly complete: boolean;
	/** What is going on, for a person. */
	readonly activity: string;
	readonly readings: readonly Reading[];
	readonly contributors: readonly Contributor[];
	readonly passages: { readonly total: number; readonly read: number };
}

type Outcome =
	| { readonly state: "open"; readonly drafted: boolean }
	| { readonly state: "unanswered" }
	| { readonly state: "approved"; readonly section: Section };

/** The report as far as the records go. */
export function reportOf(view: JobView): ResearchState {
	const question = questionOf(view);
	const plan = planOf(view);
	const outcomes = plan?.data.subquestions.map((sub) =>
		outcomeOf(view, plan.record.hash, sub.id, sub.heading),
	);
	const readings = readingsOf(view, plan?.record.hash);
	const coverage = coverageOf(view, readings);
	const contributors = contributorsOf(view);
	const complete =
		question !== undefined &&
		(question.documents.length === 0 ||
			(outcomes?.every((outcome) => outcome.state !== "open") ?? false));
	const written = withoutRepeats(
		(outcomes ?? []).flatMap((outcome) =>
			outcome.state === "approved" ? [outcome.section] : [],
		),
	);
	const sections = complete
		? written
		: (outcomes ?? []).flatMap((outcome, i): Section[] => {
				if (outcome.state === "unanswered") return [];
				if (outcome.state === "approved") return [outcome.section];
				const heading = plan?.data.subquestions[i]?.heading ?? "";
				return [{ heading, sentences: [] }];
			});
	return {
		report: {
			question: question?.question ?? "",
			found: written.length > 0,
			sections,
			coverage,
			contributors,
		},
		complete,
		activity: activityOf(view, complete, written.length > 0, outcomes),
		readings,
		contributors,
		passages: {
			total: coverage.reduce((sum, each) => sum + each.passages, 0),
			read: coverage.reduce((sum, each) => sum + each.read, 0),
		},
	};
}

/** What an earlier section said is not said again, unless a section would be left with nothing. */
function withoutRepeats(sections: readonly Section[]): Section[] {
	const said = new Set<string>();
	return sections.map((section) => {
		const fresh = section.sentences.filter(
			(sentence) => !said.has(placeOf(sentence)),
		);
		for (const sentence of fresh) said.add(placeOf(sentence));
		return fresh.length > 0 ? { ...section, sentences: fresh } : section;
	});
}

/** The first final review decides; several can only differ where a task ran under two versions of an agent. */
function outcomeOf(
	view: JobView,
	plan: string,
	subquestion: string,
	heading: string,
): Outcome {
	const drafts = typed(view, DRAFT).filter(
		({ data }) => data.plan === plan && data.subquestion === subquestion,
	);
	const reviews = typed(view, REVIEW)
		.filter(
			({ data }) =>
				data.plan === plan &&
				data.subquestion === subquestion &&
				data.verdict !== "revise",
		)
		.sort(
			(a, b) =>
				a.data.round - b.data.round ||
				compareText(a.record.hash, b.record.hash),
		);
	for (const { data } of reviews) {
		if (data.verdict === "unanswered") return { state: "unanswered" };
		const draft = drafts.find(({ record }) => record.hash === data.draft);
		if (!draft) continue;
		const kept = new Set(data.kept);
		const sentences = draft.data.sentences.filter((_, i) => kept.has(i));
		if (sentences.length > 0)
			return { state: "approved", section: { heading, sentences } };
	}
	return { state: "open", drafted: drafts.length > 0 };
}

function readingsOf(view: JobView, plan: string | undefined): Reading[] {
	return typed(view, FOUND)
		.filter(({ data }) => data.plan === plan)
		.map(({ record, data }) => ({
			document: data.document,
			from: data.from,
			to: data.to,
			device: record.device,
			peer: record.peer,
		}))
		.sort((a, b) => compareText(a.document, b.document) || a.from - b.from);
}

function coverageOf(view: JobView, readings: readonly Reading[]): Coverage[] {
	const ingested = ingestedOf(view);
	return (questionOf(view)?.documents ?? []).map((source) => {
		const passages = ingested.get(source.id)?.passages ?? source.passages;
		const starts = new Map<number, number>();
		for (const each of readings)
			if (each.document === source.id) starts.set(each.from, each.to);
		let read = 0;
		for (const [from, to] of starts) read += to - from;
		return { document: source.id, passages, read: Math.min(read, passages) };
	});
}

/** Accepted results by peer and agent. */
function contributorsOf(view: JobView): Contributor[] {
	const counted = new Map<string, Contributor>();
	for (const { task, agent, peer, device } of view.records("research_*")) {
		if (task === undefined || agent === undefined) continue;
		const key = `${peer} ${agent}`;
		const tasks = (counted.get(key)?.tasks ?? 0) + 1;
		counted.set(key, { device, peer, agent, tasks });
	}
	return [...counted.values()].sort(
		(a, b) =>
			b.tasks - a.tasks ||
			compareText(a.peer, b.peer) ||
			compareText(a.agent, b.agent),
	);
}

function activityOf(
	view: JobView,
	complete: boolean,
	found: boolean,
	outcomes: readonly Outcome[] | undefined,
): string {
	if (complete)
		return found ? "Done" : "Done: the documents do not answer this";
	if (!outcomes) return "Planner is taking the question apart";
	const sources = questionOf(view)?.documents.length ?? 0;
	const opened = ingestedOf(view).size;
	if (opened < sources && view.records(FOUND).length === 0)
		return `Ingester is opening documents, ${opened} of ${sources}`;
	if (!evidenceOf(view)) return "Searcher is reading passages";
	if (outcomes.some((each) => each.state === "open" && !each.drafted))
		return "Writer is drafting";
	const again = typed(view, REVIEW).some(
		({ data }) => data.verdict === "revise",
	);
	return again
		? "Reviewer sent a section back; writer and reviewer are at it"
		: "Reviewer is checking quotes";
}
