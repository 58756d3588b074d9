/** What a question asks: its parts, what each is about, and what would answer it. Pure, and the same everywhere. */
import { ASKING_WORDS } from "../../documents/stop-words.ts";
import { type Token, tokensOf } from "../../documents/terms.ts";
import { headingOf, isCommonVerb } from "./heading.ts";
import type { AskedConcept, Subquestion } from "./records.ts";
import { relatedStems } from "./related-words.ts";

const MAX_SUBQUESTIONS = 4;
const MAX_CONCEPTS = 24;
/** Questions beyond this are cut: the rest is hardly a question. */
export const MAX_QUESTION = 2_000;
/** Weight of what a part of a question leaves unsaid because the part before it said it. */
const CARRIED_WEIGHT = 0.4;

const ASKING =
	"how|what|why|when|where|who|whom|whose|which|does|do|did|is|are|was|were|can|could|should|will|would|has|have|had";
/** "…, and what was changed": a new question begins. */
const JOINED =
	/(?:[,;]\s*(?:and|or|but)?|\s+(?:and|but))\s+(?=(?:(?:in|on|at|by|for|to|with|under|from)\s+)?(?:how|what|why|when|where|who|whom|whose|which)\s+\p{L}|(?:does|did|is|are|was|were)\s+\p{L}+\s+\p{L})/iu;
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
	// A compound gave itself and its parts; asking for the parts is enough, and the whole where there are none.
	const tokens = all.filter(
		(token, i) =>
			!all.some(
				(other, j) =>
					j !== i &&
					other.start >= token.start &&
					other.end <= token.end &&
					(other.end - other.start < token.end - token.start ||
						(j < i && other.term === token.term)),
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
			: /^\d{1,2}$/.test(token.word)
				? 0.5
				: isCommonVerb(token.word)
					? 0.7
					: 1;
		concepts.set(token.term, {
			word: token.word,
			forms: [token.term, ...(must ? [] : relatedStems(token.term))],
			weight,
			must,
		});
	}
	return [...concepts.values()];
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
		/\b(?:which|what) (?:\w+ )?(?:number|port|size|percentage|price|cost|temperature|value|limit|duration|length)\b/.test(
			text,
		)
	)
		return "number";
	if (/\b(?:when|which year|what year|what date|which day)\b/.test(text))
		return /^when\b|\b(?:in|on|at|by) (?:which|what)\b|year|date|day/.test(text)
			? "time"
			: "anything";
	if (/^(?:who|whom|whose)\b/.test(text)) return "person";
	if (/\bwhy\b/.test(text)) return "reason";
	return "anything";
}
