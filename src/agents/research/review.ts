/** Skill of the reviewer: every quote against the text, and whether the section answers its sub-question. */

import { termsOf } from "../../documents/terms.ts";
import type { Passage } from "../../documents/types.ts";
import type { AgentContext } from "../define.ts";
import { assess, type Judged } from "./assess.ts";
import { inContext, touch } from "./candidates.ts";
import { openDocument } from "./library.ts";
import type { Ranking } from "./ranking.ts";
import {
	type Draft,
	placeOf,
	type Review,
	type Subquestion,
} from "./records.ts";
import type { Sentence } from "./types.ts";

export interface ReviewInput {
	readonly plan: string;
	readonly subquestion: Subquestion;
	/** Hash of the draft (T3). */
	readonly draft: string;
	readonly round: number;
	readonly sentences: Draft["sentences"];
	readonly weights: Ranking["weights"];
	readonly frequency: Ranking["frequency"];
	/** Names of the documents cited. */
	readonly names: Readonly<Record<string, string>>;
}

/** Drafts of one section, at most. */
export const MAX_ROUNDS = 3;

/** Judges one draft. */
export async function review(
	input: ReviewInput,
	ctx: AgentContext,
): Promise<Review> {
	const { subquestion, weights } = input;
	const reasons: string[] = [];
	const rejected: string[] = [];
	const judged: (Judged & { readonly index: number })[] = [];
	for (const [index, sentence] of input.sentences.entries()) {
		const result = await judge(sentence, input, ctx);
		if (typeof result === "string") {
			reasons.push(result);
			rejected.push(placeOf(sentence));
		} else judged.push({ ...result, index });
	}
	const assessment = assess(judged, subquestion.concepts, weights);
	// What some passage has and the draft lacks is worth another try; what no passage has is not.
	const missing = assessment.uncovered.filter(
		(i) => (input.frequency[i] ?? 0) > 0 && !subquestion.concepts[i]?.carried,
	);
	for (const i of missing)
		reasons.push(`Nothing about “${subquestion.concepts[i]?.word ?? ""}” yet.`);
	for (const weak of assessment.weak) {
		const sentence = input.sentences[judged[weak]?.index ?? -1];
		if (!sentence) continue;
		reasons.push("A sentence says little about the question.");
		rejected.push(placeOf(sentence));
	}
	const kept = judged
		.filter((_, i) => !assessment.weak.includes(i))
		.map((each) => each.index);
	const verdict = verdictOf(
		assessment.answers && kept.length > 0,
		input,
		// Looking for a missing word a second time finds nothing better.
		rejected.length > 0 || (missing.length > 0 && input.round === 1),
	);
	if (verdict === "unanswered")
		reasons.push("The documents do not answer this.");
	return {
		plan: input.plan,
		subquestion: subquestion.id,
		round: input.round,
		draft: input.draft,
		verdict,
		reasons,
		rejected,
		missing,
		kept,
	};
}

function verdictOf(
	answers: boolean,
	input: ReviewInput,
	improvable: boolean,
): Review["verdict"] {
	if (input.sentences.length === 0) return "unanswered";
	if (improvable && input.round < MAX_ROUNDS) return "revise";
	return answers ? "approved" : "unanswered";
}

/** What a sentence touches, or why it cannot stand. Nothing the draft claims is believed: the text decides. */
async function judge(
	sentence: Sentence,
	input: ReviewInput,
	ctx: AgentContext,
): Promise<Judged | string> {
	const { concepts } = input.subquestion;
	if (sentence.citations.length === 0) return "A sentence has no source.";
	let touched: Judged | undefined;
	for (const { document, start, end, quote } of sentence.citations) {
		const name = input.names[document];
		if (name === undefined) return "A source is not among the documents.";
		const { index, nameTerms } = await openDocument(document, name, ctx);
		if (quote === "" || index.text({ start, end }) !== quote)
			return "A quote does not stand in its document.";
		if (touched) continue;
		const passage = passageAt(index.passages, start);
		const headings = index.headingTerms(passage?.headings ?? []);
		const own = touch(new Set(termsOf(quote)), concepts);
		const inHeading = touch(
			{ has: (term) => headings.has(term) || nameTerms.has(term) },
			concepts,
		);
		// With the passage before: the items of a list may stand in the one after its first line.
		const here = index.termsAt(passage?.index ?? -1).counts;
		const before = index.termsAt((passage?.index ?? 0) - 1).counts;
		const near = touch(
			{ has: (term) => here.has(term) || before.has(term) },
			concepts,
		);
		touched = {
			own,
			whole: inContext({ own, heading: inHeading, near }),
			anywhere: own.map((value, i) =>
				Math.max(value, inHeading[i] ?? 0, near[i] ?? 0),
			),
		};
	}
	const first = sentence.citations[0];
	const extractive =
		sentence.by !== "extractive" ||
		sentence.text === first?.quote.replace(/\s+/g, " ").trim();
	if (!extractive) return "A sentence differs from its quote.";
	return touched ?? "A sentence has no source.";
}

function passageAt(
	passages: readonly Passage[],
	offset: number,
): Passage | undefined {
	let low = 0;
	let high = passages.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((passages[middle]?.end ?? 0) <= offset) low = middle + 1;
		else high = middle;
	}
	const passage = passages[low];
	return passage && passage.start <= offset ? passage : undefined;
}
