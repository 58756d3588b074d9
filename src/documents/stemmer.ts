/**
 * The English (Porter2) stemmer of the Snowball project, https://snowballstem.org/algorithms/english/stemmer.html.
 * Written out here because the published port carries every language in 868 kB; a test holds it to that port.
 */

const VOWEL = /[aeiouy]/;
const SHORT_SYLLABLE = /(?:^[aeiouy][^aeiouy]|[^aeiouy][aeiouy][^aeiouywxY])$/;
const DOUBLE = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;

const SPECIAL: ReadonlyMap<string, string> = new Map([
	["skis", "ski"],
	["skies", "sky"],
	["dying", "die"],
	["lying", "lie"],
	["tying", "tie"],
	["idly", "idl"],
	["gently", "gentl"],
	["ugly", "ugli"],
	["early", "earli"],
	["only", "onli"],
	["singly", "singl"],
	...["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"].map(
		(word): [string, string] => [word, word],
	),
]);
const SPECIAL_AFTER_1A: ReadonlySet<string> = new Set(
	"inning outing canning herring earring proceed exceed succeed".split(" "),
);

type Suffixes = readonly (readonly [suffix: string, by: string])[];

const STEP_2: Suffixes = [
	["ational", "ate"],
	["ization", "ize"],
	["fulness", "ful"],
	["ousness", "ous"],
	["iveness", "ive"],
	["tional", "tion"],
	["biliti", "ble"],
	["lessli", "less"],
	["entli", "ent"],
	["ation", "ate"],
	["alism", "al"],
	["aliti", "al"],
	["ousli", "ous"],
	["iviti", "ive"],
	["fulli", "ful"],
	["enci", "ence"],
	["anci", "ance"],
	["abli", "able"],
	["izer", "ize"],
	["ator", "ate"],
	["alli", "al"],
	["bli", "ble"],
	["ogi", "og"],
	["li", ""],
];
const STEP_3: Suffixes = [
	["ational", "ate"],
	["tional", "tion"],
	["alize", "al"],
	["icate", "ic"],
	["iciti", "ic"],
	["ative", ""],
	["ical", "ic"],
	["ness", ""],
	["ful", ""],
];
const STEP_4 =
	"ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic".split(
		" ",
	);

/** The stem of a lowercase word of a-z and apostrophes; other words come back as they are. */
export function stemEnglish(word: string): string {
	if (word.length <= 2 || !/^[a-z']+$/.test(word)) return word;
	const special = SPECIAL.get(word);
	if (special !== undefined) return special;
	let stem = word
		.replace(/^'/, "")
		.replace(/^y/, "Y")
		.replace(/([aeiouy])y/g, "$1Y");
	const [r1, r2] = regions(stem);
	stem = stem.replace(/(?:'s'|'s|')$/, "");
	stem = step1a(stem);
	if (SPECIAL_AFTER_1A.has(stem)) return stem;
	stem = step1b(stem, r1);
	stem = stem.replace(/(.[^aeiouy])[yY]$/, "$1i");
	stem = step2(stem, r1);
	stem = step3(stem, r1, r2);
	stem = step4(stem, r2);
	stem = step5(stem, r1, r2);
	return stem.toLowerCase();
}

/** Where R1 and R2 begin: after the first non-vowel that follows a vowel, and again from there. */
function regions(word: string): [r1: number, r2: number] {
	const prefix = /^(?:gener|commun|arsen)/.exec(word)?.[0].length;
	const r1 = prefix ?? after(word, 0);
	return [r1, after(word, r1)];
}

function after(word: string, from: number): number {
	for (let i = from + 1; i < word.length; i++)
		if (VOWEL.test(word[i - 1] ?? "") && !VOWEL.test(word[i] ?? ""))
			return i + 1;
	return word.length;
}

function step1a(word: string): string {
	if (word.endsWith("sses")) return word.slice(0, -2);
	if (/ie[ds]$/.test(word))
		return word.length > 4 ? word.slice(0, -2) : word.slice(0, -1);
	if (/(?:us|ss)$/.test(word)) return word;
	if (word.endsWith("s") && VOWEL.test(word.slice(0, -2)))
		return word.slice(0, -1);
	return word;
}

function step1b(word: string, r1: number): string {
	const eed = /(?:eedly|eed)$/.exec(word);
	if (eed) return eed.index >= r1 ? `${word.slice(0, eed.index)}ee` : word;
	const ending = /(?:ingly|edly|ing|ed)$/.exec(word);
	if (!ending || !VOWEL.test(word.slice(0, ending.index))) return word;
	const stem = word.slice(0, ending.index);
	if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
	if (DOUBLE.test(stem)) return stem.slice(0, -1);
	return stem.length <= r1 && SHORT_SYLLABLE.test(stem) ? `${stem}e` : stem;
}

function longest(word: string, suffixes: Suffixes) {
	return suffixes.find(([suffix]) => word.endsWith(suffix));
}

function step2(word: string, r1: number): string {
	const found = longest(word, STEP_2);
	if (!found) return word;
	const [suffix, by] = found;
	const stem = word.slice(0, word.length - suffix.length);
	if (stem.length < r1) return word;
	if (suffix === "ogi" && !stem.endsWith("l")) return word;
	if (suffix === "li" && !/[cdeghkmnrt]$/.test(stem)) return word;
	return stem + by;
}

function step3(word: string, r1: number, r2: number): string {
	const found = longest(word, STEP_3);
	if (!found) return word;
	const [suffix, by] = found;
	const stem = word.slice(0, word.length - suffix.length);
	if (stem.length < (suffix === "ative" ? r2 : r1)) return word;
	return stem + by;
}

function step4(word: string, r2: number): string {
	const suffix = STEP_4.find((each) => word.endsWith(each));
	if (suffix === undefined) return word;
	const stem = word.slice(0, word.length - suffix.length);
	if (stem.length < r2) return word;
	return suffix === "ion" && !/[st]$/.test(stem) ? word : stem;
}

function step5(word: string, r1: number, r2: number): string {
	const at = word.length - 1;
	if (word.endsWith("e")) {
		const stem = word.slice(0, -1);
		return at >= r2 || (at >= r1 && !SHORT_SYLLABLE.test(stem)) ? stem : word;
	}
	return word.endsWith("ll") && at >= r2 ? word.slice(0, -1) : word;
}
