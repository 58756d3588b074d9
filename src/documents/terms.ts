/**
 * Text to index terms: folded, stemmed, with identifiers kept whole. The same in every engine: no locale, no dictionary
 * of the platform, only Unicode properties.
 */

import { stemEnglish } from "./stemmer.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** A term and where the word it came from stands. */
export interface Token {
	readonly term: string;
	/** The word as written. */
	readonly word: string;
	readonly start: number;
	readonly end: number;
}

/** Words with the marks that join identifiers: `v1.1`, `D_lo`, `/meshsub/1.1.0`, `tit-for-tat`, `peer's`. */
const WORD =
	/[\p{L}\p{N}\p{M}_]+(?:[.'’:@/+-](?=[\p{L}\p{N}_])[\p{L}\p{N}\p{M}_]+)*/gu;
const SUBWORD = /[\p{L}\p{N}\p{M}_]+/gu;
/** Scripts that put no spaces between words. */
const UNSPACED =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const CAMEL = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u;

/** Longer words are encodings, not words. */
const MAX_WORD = 60;
const MAX_CACHED = 50_000;
const stems = new Map<string, string>();

/** Lowercase, without accents; compatibility forms (`P₃`, `ﬁ`, full width) as their plain ones. */
function fold(text: string): string {
	return text
		.normalize("NFKD")
		.replace(/\p{M}+/gu, "")
		.replaceAll("’", "'")
		.toLowerCase();
}

function stem(word: string): string {
	const known = stems.get(word);
	if (known !== undefined) return known;
	const made = stemEnglish(word.replace(/'s$|'$/, ""));
	if (stems.size >= MAX_CACHED) stems.clear();
	stems.set(word, made);
	return made;
}

/** The tokens of a text, in order; stop words are left out. A compound gives itself and then its parts. */
export function tokensOf(text: string): Token[] {
	const tokens: Token[] = [];
	const add = (term: string, start: number, end: number): void => {
		if (term !== "")
			tokens.push({ term, word: text.slice(start, end), start, end });
	};
	for (const match of text.matchAll(WORD)) {
		const whole = match[0];
		const start = match.index;
		if (UNSPACED.test(whole)) {
			addUnspaced(whole, start, add);
			continue;
		}
		const folded = fold(whole);
		const compound = /[._:@/+-]/.test(whole);
		const identifier =
			compound && whole.length <= MAX_WORD && /[\p{N}_]/u.test(folded);
		if (identifier) add(folded, start, start + whole.length);
		if (!compound) {
			if (whole.length <= MAX_WORD) addWord(whole, start, add);
			continue;
		}
		for (const part of whole.matchAll(SUBWORD)) {
			if (part[0].length > MAX_WORD) continue;
			const at = start + part.index;
			// Digits alone inside an identifier ("1" of "v1.1") say nothing without it.
			if (identifier && part[0].length < 3) continue;
			addWord(part[0], at, add);
		}
	}
	return tokens;
}

function addWord(
	word: string,
	start: number,
	add: (term: string, start: number, end: number) => void,
): void {
	const folded = fold(word);
	if (STOP_WORDS.has(folded)) return;
	if (word.includes("_")) {
		// An identifier in snake case was added whole; its parts are words.
		let at = start;
		for (const part of word.split("_")) {
			if (part.length > 2) addWord(part, at, add);
			at += part.length + 1;
		}
		return;
	}
	add(stem(folded), start, start + word.length);
	if (word.length > 5 && CAMEL.test(word)) {
		let at = start;
		for (const part of word.split(CAMEL)) {
			const term = fold(part);
			if (part.length > 2 && !STOP_WORDS.has(term))
				add(stem(term), at, at + part.length);
			at += part.length;
		}
	}
}

/** Pairs of neighbouring characters stand for words; a single character stands for itself. */
function addUnspaced(
	text: string,
	start: number,
	add: (term: string, start: number, end: number) => void,
): void {
	for (const run of text.matchAll(
		/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}ー]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu,
	)) {
		const at = start + run.index;
		if (!UNSPACED.test(run[0])) {
			for (const part of run[0].matchAll(SUBWORD))
				addWord(part[0], at + part.index, add);
			continue;
		}
		const characters = [...run[0]];
		let offset = at;
		for (let i = 0; i < characters.length; i++) {
			const here = characters[i] ?? "";
			const next = characters[i + 1];
			if (next !== undefined)
				add(
					(here + next).normalize("NFKC"),
					offset,
					offset + here.length + next.length,
				);
			else if (characters.length === 1)
				add(here.normalize("NFKC"), offset, offset + here.length);
			offset += here.length;
		}
	}
}

/** The index terms of a text, in order, with repeats. */
export function termsOf(text: string): string[] {
	return tokensOf(text).map((token) => token.term);
}

/** How many words a text has; two characters of an unspaced script count as one. */
export function wordCount(text: string): number {
	let count = 0;
	for (const run of text.split(/\s+/)) {
		if (run === "") continue;
		if (!UNSPACED.test(run)) count++;
		else count += Math.ceil([...run].length / 2);
	}
	return count;
}
