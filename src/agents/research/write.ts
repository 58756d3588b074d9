/** Skill of the writer: an extractive draft of one section. Rank, avoid saying it twice, put in reading order. */
import { round } from "../../documents/bm25.ts";
import { pageAt } from "../../documents/passages.ts";
import { CELL_SEPARATOR } from "../../documents/text-builder.ts";
import { compareText } from "../../wire/order.ts";
import type { AgentContext } from "../define.ts";
import {
	type Candidate,
	candidatesIn,
	coverage,
	inContext,
	strongest,
} from "./candidates.ts";
import { openDocument } from "./library.ts";
import type { Ranking } from "./ranking.ts";
import { type Draft, placeOf, type Subquestion } from "./records.ts";
import type { Sentence } from "./types.ts";

export interface WriteInput {
	readonly plan: string;
	readonly subquestion: Subquestion;
	readonly round: number;
	/** SHA-256 over the hashes of all found records this builds on, in their order (T3). */
	readonly found: string;
	readonly ranking: Ranking;
	/** Places the reviewer does not want to see again. */
	readonly rejected: readonly string[];
	/** Indices of concepts it missed. */
	readonly missing: readonly number[];
}

const MAX_SENTENCES = 6;
/** Passages read for a first draft; each round reads more. */
const PASSAGES_A_ROUND = 24;
/** A sentence below this share of the best one is left out. */
const WORTH_SAYING = 0.72;
const SAME_AGAIN = 0.6;
/** Share of the best score from which a sentence brings its list along, and how many sentences there may be then. */
const LEADS_A_LIST = 0.85;
const MAX_WITH_LIST = 8;
/** How much words of the document's title still count in its sentences. */
const TITLE_FOCUS = 0.25;

interface Scored {
	readonly document: string;
	readonly candidate: Candidate;
	readonly pages: readonly number[] | undefined;
	readonly score: number;
}

/** Writes one draft; empty where nothing in the passages touches the question. */
export async function write(
	input: WriteInput,
	ctx: AgentContext,
): Promise<Draft> {
	const scored = await scoreAll(input, ctx);
	const chosen = choose(scored, input);
	return {
		plan: input.plan,
		subquestion: input.subquestion.id,
		round: input.round,
		sentences: inReadingOrder(chosen).map(toSentence),
	};
}

async function scoreAll(input: WriteInput, ctx: AgentContext) {
	const { ranking, subquestion } = input;
	const rejected = new Set(input.rejected);
	const best = ranking.passages[0]?.[2] ?? 1;
	const scored = new Map<string, Scored>();
	for (const [at, number, rank] of ranking.passages.slice(
		0,
		PASSAGES_A_ROUND * input.round,
	)) {
		const source = ranking.documents[at];
		if (!source) continue;
		const { index, nameTerms } = await openDocument(
			source.id,
			source.name,
			ctx,
		);
		const passage = index.passages[number];
		if (!passage) continue;
		for (const candidate of candidatesIn(
			index,
			passage,
			nameTerms,
			subquestion.concepts,
		)) {
			const entry: Scored = {
				document: source.id,
				candidate,
				pages: index.extracted.pages,
				score: scoreOf(candidate, rank / best, input),
			};
			const sentence = toSentence(entry);
			if (entry.score <= 0 || rejected.has(placeOf(sentence))) continue;
			scored.set(placeOf(sentence), entry);
		}
	}
	return [...scored.values()];
}

/** "A multiaddr is …", "Peer Exchange (PX) kicks in when …": says what something is. */
const DEFINES =
	/^(?:in [^,]{1,40}, )?(?:\S+ ){1,6}?(?:is|are|was|means|refers|denotes|describes|allows|introduces|provides|enables|kicks|consists)\b/i;

/** How much a sentence would add to the section, about 0-1.5. */
function scoreOf(
	candidate: Candidate,
	rank: number,
	input: WriteInput,
): number {
	const { weights } = input.ranking;
	// What the title already says ("gossipsub v1.1") needs no saying again: the rest of the question decides.
	const focus = weights.map((weight, i) =>
		(candidate.title[i] ?? 0) > 0 ? weight * TITLE_FOCUS : weight,
	);
	const own = coverage(candidate.own, focus);
	const { concepts } = input.subquestion;
	if (!candidate.own.some((value, i) => value > 0 && !concepts[i]?.carried))
		return 0;
	const whole = coverage(inContext(candidate), weights);
	const missing =
		whole >= 0.4 && input.missing.some((i) => (candidate.own[i] ?? 0) > 0);
	const score =
		0.4 * own +
		0.5 * whole +
		0.3 * rank +
		0.1 * candidate.closeness +
		wantBonus(candidate.text, input.subquestion.wants) +
		(missing ? 0.2 : 0);
	// What the part before was about: elsewhere, "critical" speaks of something else.
	const astray =
		concepts.some((concept) => concept.carried) &&
		!concepts.some(
			(concept, i) =>
				concept.carried &&
				(candidate.near[i] ?? 0) + (candidate.heading[i] ?? 0) > 0,
		);
	// Rows read badly, but numbers often stand nowhere else.
	const tabled =
		input.subquestion.wants === "number" &&
		candidate.text.includes(CELL_SEPARATOR) &&
		/\d/.test(candidate.text);
	return round(
		score * candidate.quality * (astray ? 0.6 : 1) * (tabled ? 1.5 : 1),
		6,
	);
}

function wantBonus(text: string, wants: Subquestion["wants"]): number {
	switch (wants) {
		case "number":
			return /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand)\b/i.test(
				text,
			)
				? 0.15
				: 0;
		case "time":
			return /\d|\b(?:january|february|march|april|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/i.test(
				text,
			)
				? 0.15
				: 0;
		case "person":
			return /\p{Ll} \p{Lu}\p{Ll}/u.test(text) ? 0.1 : 0;
		case "reason":
			return /\b(?:because|since|due to|so that|in order to|therefore|reason|caused?|prevents?|avoids?|protects?|counter|ensures?|intended|otherwise|to allow|to ensure|failed|as a result)\b/i.test(
				text,
			)
				? 0.12
				: 0;
		case "definition":
			return DEFINES.test(text) ? 0.2 : 0;
		case "anything":
			return 0;
	}
}

/** Maximal marginal relevance (Carbonell & Goldstein 1998), with a bonus for what was not said yet. */
function choose(scored: readonly Scored[], input: WriteInput): Scored[] {
	const { weights } = input.ranking;
	const pool = [...scored].sort(
		(a, b) =>
			b.score - a.score ||
			compareText(a.document, b.document) ||
			a.candidate.start - b.candidate.start,
	);
	const best = pool[0]?.score ?? 0;
	const chosen: Scored[] = [];
	while (chosen.length < MAX_SENTENCES) {
		const said = strongest(
			chosen.map((each) => each.candidate.own),
			weights.length,
		);
		let pick: Scored | undefined;
		let most = 0;
		for (const entry of pool) {
			if (entry.score < best * WORTH_SAYING || chosen.includes(entry)) continue;
			const alike = chosen.reduce(
				(top, other) => Math.max(top, likeness(entry, other)),
				0,
			);
			if (alike > SAME_AGAIN) continue;
			const fresh = entry.candidate.own.map((own, i) =>
				Math.max(0, own - (said[i] ?? 0)),
			);
			const value =
				entry.score - 0.35 * alike + 0.15 * coverage(fresh, weights);
			if (value > most) {
				most = value;
				pick = entry;
			}
		}
		if (!pick) break;
		chosen.push(pick);
		if (pick.score >= best * LEADS_A_LIST) addItems(chosen, pick, scored);
	}
	return chosen;
}

/** A sentence that opens a list brings the list along: "… under four conditions." is no answer without them. */
function addItems(
	chosen: Scored[],
	intro: Scored,
	scored: readonly Scored[],
): void {
	for (const item of intro.candidate.items) {
		if (chosen.length >= MAX_WITH_LIST) return;
		const here = { ...intro, candidate: item };
		if (chosen.some((each) => likeness(each, here) === 1)) continue;
		chosen.push(
			scored.find(
				(each) =>
					each.document === intro.document &&
					each.candidate.start === item.start &&
					each.candidate.end === item.end,
			) ?? here,
		);
	}
}

/** Jaccard likeness of the words; 1 where the places overlap. */
function likeness(a: Scored, b: Scored): number {
	if (
		a.document === b.document &&
		a.candidate.start < b.candidate.end &&
		b.candidate.start < a.candidate.end
	)
		return 1;
	let shared = 0;
	for (const term of a.candidate.terms)
		if (b.candidate.terms.has(term)) shared++;
	const all = a.candidate.terms.size + b.candidate.terms.size - shared;
	return all === 0 ? 1 : shared / all;
}

/** By document, the one with the best sentence first, then as they stand in it. */
function inReadingOrder(chosen: readonly Scored[]): Scored[] {
	const order = new Map<string, number>();
	for (const { document } of [...chosen].sort(
		(a, b) => b.score - a.score || compareText(a.document, b.document),
	))
		if (!order.has(document)) order.set(document, order.size);
	return [...chosen].sort(
		(a, b) =>
			(order.get(a.document) ?? 0) - (order.get(b.document) ?? 0) ||
			a.candidate.start - b.candidate.start,
	);
}

function toSentence({ document, candidate, pages }: Scored): Sentence {
	const page = pageAt(pages, candidate.start);
	return {
		text: candidate.text.replace(/\s+/g, " ").trim(),
		by: "extractive",
		citations: [
			{
				document,
				quote: candidate.text,
				start: candidate.start,
				end: candidate.end,
				...(page === undefined ? {} : { page }),
			},
		],
	};
}
