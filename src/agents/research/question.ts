/** What a question asks: its parts, what each is about, and what would answer it. Pure, and the same everywhere. */

import { stemEnglish } from "../../documents/stemmer.ts";
import { ASKING_WORDS } from "../../documents/stop-words.ts";
import { type Token, tokensOf } from "../../documents/terms.ts";
import { headingOf, isCommonVerb } from "./heading.ts";
import type { AskedConcept, Subquestion } from "./records.ts";
import { relatedStems } from "./related-words.ts";

const MAX_SUBQUESTIONS = 4;
const MAX_CONCEPTS = 24;
/** Questions beyond this are cut: the rest is hardly a question. */
const MAX_QUESTION = 2_000;
/** Weight of what a part of a question leaves unsaid because the part before it said it. */
const CARRIED_WEIGHT = 0.25;

const ASKING =
	"how|what|why|when|where|who|whom|whose|which|does|do|did|is|are|was|were|can|could|should|will|would|has|have|had";
/** "…, and what was changed": a new question begins. */
const JOINED =
	/(?:[,;]\s*(?:and|or|but)?|\s+(?:and|but))\s+(?=(?:(?:in|on|at|by|for|to|with|under|from)\s+)?(?:how|what|why|when|where|who|whom|whose|which)\s+\p{L}|(?:does|did|is|are|was|were)\s+\p{L}+\s+\p{L})/iu;
const MEASURES =
	/^(?:long|many|much|often|large|big|small|fast|far|old|tall|high|deep|soon|well)$/i;
/** Names what is sought between things; an answer shows it without saying it. */
const RELATION =
	/^(?:caus(?:e|es|ed|ing)|effects?|affect(?:s|ed)?|impacts?|influenc(?:e|es|ed)|consequences?|results?|role)$/i;
const REFERS =
	/\b(?:it|its|they|them|their|this|that|these|those|he|she|him|her|one|ones|there|former|latter)\b/i;

/** Splits a question into what it asks, in its own words. */
export function splitQuestion(question: string): string[] {
	const text = question.slice(0, MAX_QUESTION).replace(/\r/g, "");
	const parts: string[] = [];
	for (const line of text.split(/\n+|(?<=\?)\s+|\s+(?=\(?\d[.)]\s)/)) {
		const bare = line
			.replace(/^\s*(?:[-*•]|\(?\d{1,2}[.)])\s+/, "")
			.replace(/\s+/g, " ")
			.trim();
		if (tokensOf(bare).length === 0) continue;
		parts.push(...splitJoined(bare));
	}
	if (parts.length <= MAX_SUBQUESTIONS) return parts;
	return [
		...parts.slice(0, MAX_SUBQUESTIONS - 1),
		parts.slice(MAX_SUBQUESTIONS - 1).join(" "),
	];
}

function splitJoined(part: string): string[] {
	const parts: string[] = [];
	let rest = part;
	for (;;) {
		const joint = JOINED.exec(rest);
		if (!joint) break;
		const before = rest.slice(0, joint.index);
		const behind = rest.slice(joint.index + joint[0].length);
		const asks = new RegExp(`\\b(?:${ASKING})\\b`, "i").test(before);
		// "Tell me how and why", "the nodes which, when asleep, …": one question, not two.
		if (!asks || subject(before).length < 1 || subject(behind).length < 1)
			break;
		parts.push(before);
		rest = behind;
	}
	parts.push(rest);
	return parts.map((each) => each.trim());
}

const subject = (text: string): Token[] =>
	tokensOf(text).filter((token) => !ASKING_WORDS.has(token.word.toLowerCase()));

/** The sub-questions of a question, ready to be searched for. */
export function subquestionsOf(question: string): Subquestion[] {
	const parts = splitQuestion(question);
	const carried = parts.length > 1 ? conceptsOf(parts[0] ?? "") : [];
	return parts.map((part, index) => {
		const own = conceptsOf(part);
		// A part that leans on the one before ("how severe were they?") is about the same things.
		const leans = index > 0 && (REFERS.test(part) || own.length < 3);
		const known = new Set(own.map((concept) => concept.forms[0]));
		const context = leans
			? carried
					.filter((concept) => !known.has(concept.forms[0]))
					.map((concept) => ({
						...concept,
						weight: Math.round(concept.weight * CARRIED_WEIGHT * 100) / 100,
						must: false,
						carried: true,
					}))
			: [];
		return {
			id: `q${index + 1}`,
			heading: headingOf(part),
			question: part,
			concepts: [...own, ...context].slice(0, MAX_CONCEPTS),
			wants: wantsOf(part),
		};
	});
}

/** What a question is about. */
export function conceptsOf(question: string): AskedConcept[] {
	const all = tokensOf(question);
	const tokens = all.filter(
		(token) =>
			!all.some((other) => shadows(other, token)) &&
			// "How long", "how many": the measure asked for, not the subject.
			!(
				MEASURES.test(token.word) &&
				/\bhow\s+$/i.test(question.slice(0, token.start))
			),
	);
	const telling = tokens.filter(
		(token) => !ASKING_WORDS.has(token.word.toLowerCase()),
	);
	const chosen = telling.length > 0 ? telling : tokens;
	const titleCase =
		chosen.filter((token) => /^\p{Lu}/u.test(token.word)).length >
		Math.max(2, chosen.length * 0.6);
	const concepts = new Map<string, AskedConcept>();
	const first = question.search(/\S/);
	for (const token of chosen) {
		if (concepts.has(token.term)) continue;
		const must = isName(token, titleCase || token.start === first);
		const weight = must
			? 1.4
			: /^\d{1,2}$/.test(token.word) || RELATION.test(token.word)
				? 0.5
				: isCommonVerb(token.word)
					? 0.7
					: 1;
		concepts.set(token.term, {
			word: token.word,
			forms: [
				token.term,
				...(must ? [] : relatedStems(token.term, token.word)),
			],
			weight,
			must,
			carried: false,
		});
	}
	if (NEGATED.test(question) && concepts.size > 0)
		concepts.set(NEGATION.forms[0] ?? "", NEGATION);
	return [...concepts.values()];
}

/** What a text says where something is not done; a question about that looks for one of these too. */
const NEGATION: AskedConcept = {
	word: "not",
	forms: [
		"fail",
		...[
			"failure",
			"deficit",
			"lack",
			"missing",
			"penalize",
			"penalty",
			"unable",
			"refuse",
			"omit",
		].map(stemEnglish),
	],
	weight: 0.6,
	must: false,
	carried: false,
};
const NEGATED =
	/\b(?:(?:do|does|did|is|are|was|were|can|could|will|would|has|have)(?: not|n['’]t)|cannot|never|fails? to)\b/i;

/**
 * Whether one token of a question makes another needless. A compound (`noble-ed25519`) was given whole and in parts: the
 * parts are enough. A name in camel case (`BitTorrent`) is one name: its parts mean something else.
 */
function shadows(other: Token, token: Token): boolean {
	if (other === token) return false;
	const inside = other.start >= token.start && other.end <= token.end;
	const around = other.start <= token.start && other.end >= token.end;
	if (inside && around) return false;
	const joined = (word: string): boolean => /[._:@/+-]/.test(word);
	return (inside && joined(token.word)) || (around && !joined(other.word));
}

/** Names, identifiers and long numbers: what a question is certainly about. */
function isName(token: Token, capitalMeansNothing: boolean): boolean {
	const { word } = token;
	if (/^\p{Lu}{2,}s?$/u.test(word)) return true;
	if (/\d/.test(word)) return /[\p{L}._]/u.test(word) || word.length >= 3;
	if (/^[\p{L}]+_|\p{Ll}\p{Lu}/u.test(word)) return true;
	return !capitalMeansNothing && /^\p{Lu}/u.test(word);
}

function wantsOf(question: string): Subquestion["wants"] {
	const text = question.toLowerCase();
	if (
		/\bhow (?:many|much|long|large|big|small|fast|old|tall|far|high|often)\b/.test(
			text,
		) ||
		/\b(?:which|what)(?: is| was| are)?(?: the)? (?:\w+ )?(?:number|port|size|percentage|price|cost|temperature|value|limit|duration|length)\b/.test(
			text,
		)
	)
		return "number";
	if (/\b(?:when|which year|what year|what date|which day)\b/.test(text))
		return /^when\b|\b(?:in|on|at|by) (?:which|what)\b|year|date|day/.test(text)
			? "time"
			: "anything";
	if (/^(?:who|whom|whose)\b/.test(text)) return "person";
	if (/\bwhy\b|\bcause[sd]?\b/.test(text)) return "reason";
	if (
		/^what(?:'s| is| are) (?:(?:an?|the) )?[\w-]+(?: [\w-]+){0,3}\W*$/.test(
			text,
		)
	)
		return "definition";
	return "anything";
}
