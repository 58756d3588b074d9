/**
 * The words of inline Markdown. Files come from anywhere, so nothing here takes longer than a text's length allows: what
 * must be paired is paired in one pass, and what is searched for is searched for within bounds.
 */

const ENTITIES: Readonly<Record<string, string>> = {
	amp: "&",
	lt: "<",
	gt: ">",
	quot: '"',
	nbsp: " ",
	mdash: "—",
	ndash: "–",
	hellip: "…",
};

/** The words of inline Markdown. Code spans are kept to the letter. */
export function inlineText(source: string): string {
	// Escapes and code are put aside first, so that nothing in them is taken for syntax.
	const kept: string[] = [];
	const keep = (text: string): string => `\uE000${kept.push(text) - 1}\uE001`;
	const bare = withoutCode(source.replace(/[\uE000\uE001]/g, ""), keep).replace(
		/\\([!-/:-@[-`{-~])/g,
		(_, char: string) => keep(char),
	);
	const words = withoutLinks(bare)
		.replace(/<((?:https?|mailto):[^>\s]{1,200})>/g, "$1")
		.replace(/<br\s{0,9}\/?>/gi, " ")
		.replace(/<\/?[a-zA-Z][^<>]*>/g, "");
	return withoutEmphasis(words)
		.replace(
			/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{1,20});/gi,
			(whole, name: string) => entity(name) ?? whole,
		)
		.replace(
			/\uE000(\d+)\uE001/g,
			(_, index: string) => kept[Number(index)] ?? "",
		);
}

/** Puts code aside: from a run of backticks to the next run of the same length. */
function withoutCode(source: string, keep: (code: string) => string): string {
	const runs = [...source.matchAll(/`+/g)].map(({ 0: run, index }) => ({
		at: index,
		end: index + run.length,
	}));
	/** By length of a run, the positions in `runs` of those still to come, last first. */
	const later = new Map<number, number[]>();
	for (let i = runs.length - 1; i >= 0; i--) {
		const { at, end } = runs[i] ?? { at: 0, end: 0 };
		const same = later.get(end - at) ?? [];
		same.push(i);
		later.set(end - at, same);
	}
	let text = "";
	let from = 0;
	for (let i = 0; i < runs.length; i++) {
		const open = runs[i];
		const same = later.get((open?.end ?? 0) - (open?.at ?? 0)) ?? [];
		while ((same.at(-1) ?? i + 1) <= i) same.pop();
		const next = same.at(-1);
		const close = next === undefined ? undefined : runs[next];
		if (open === undefined || close === undefined || next === undefined)
			continue;
		text += source.slice(from, open.at);
		text += keep(source.slice(open.end, close.at).trim());
		from = close.end;
		i = next;
	}
	return text + source.slice(from);
}

/** Links and pictures by their texts, footnotes' marks gone. */
function withoutLinks(source: string): string {
	const brackets = pairsOf(source, "[", "]");
	const parens = pairsOf(source, "(", ")");
	/** Where something is left out, and up to where. */
	const skips = new Map<number, number>();
	for (const [open, close] of brackets) {
		const target = close + 1;
		const end = parens.get(target) ?? brackets.get(target);
		const isImage = source[open - 1] === "!" && end !== undefined;
		const inner = source[open + 1] ?? "";
		if (inner === "^" && close > open + 2) skips.set(open, close + 1);
		else if (end !== undefined) {
			skips.set(isImage ? open - 1 : open, open + 1);
			skips.set(close, end + 1);
		} else if (/[^\s[\]]/.test(inner) && source[target] !== "(") {
			skips.set(open, open + 1);
			skips.set(close, target);
		}
	}
	return without(source, skips);
}

/** Without the signs around what is *stressed*, **strong** or ~~struck out~~. */
function withoutEmphasis(source: string): string {
	/** By sign, the runs that may open something and are not closed yet. */
	const open = new Map<string, { from: number; end: number }[]>();
	/** Where something is left out, and up to where. */
	const skips = new Map<number, number>();
	for (const { 0: run, index } of source.matchAll(/\*+|_+|~~+/g)) {
		const sign = run.charAt(0);
		const end = index + run.length;
		const before = source.charAt(index - 1);
		const after = source.charAt(end);
		// Underscores inside a word are the word's.
		const inWord = sign === "_" && isInWord(before) && isInWord(after);
		const waiting = open.get(sign) ?? [];
		open.set(sign, waiting);
		let from = index;
		while (from < end && !inWord && /\S/.test(before)) {
			const opener = waiting.at(-1);
			if (opener === undefined) break;
			const length = Math.min(end - from, opener.end - opener.from);
			skips.set(opener.end - length, opener.end);
			skips.set(from, from + length);
			from += length;
			opener.end -= length;
			if (opener.end === opener.from) waiting.pop();
		}
		if (from < end && !inWord && /\S/.test(after)) waiting.push({ from, end });
	}
	return without(source, skips);
}

const isInWord = (char: string): boolean => /[\p{L}\p{N}]/u.test(char);

function without(source: string, skips: ReadonlyMap<number, number>): string {
	let text = "";
	let from = 0;
	for (const [at, end] of [...skips].sort(([a], [b]) => a - b)) {
		text += source.slice(from, at);
		from = Math.max(from, end);
	}
	return text + source.slice(from);
}

/** Brackets that belong together, the inner ones first. */
function pairsOf(
	source: string,
	open: string,
	close: string,
): ReadonlyMap<number, number> {
	const pairs = new Map<number, number>();
	const waiting: number[] = [];
	for (let at = 0; at < source.length; at++) {
		if (source[at] === open) waiting.push(at);
		else if (source[at] === close) {
			const from = waiting.pop();
			if (from !== undefined) pairs.set(from, at);
		}
	}
	return pairs;
}

function entity(name: string): string | undefined {
	if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()];
	const code = /^#x/i.test(name)
		? Number.parseInt(name.slice(2), 16)
		: Number(name.slice(1));
	return code > 31 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)
		? String.fromCodePoint(code)
		: undefined;
}
