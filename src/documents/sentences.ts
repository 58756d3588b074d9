/**
 * Text to sentences by own rules: `Intl.Segmenter` splits after "Dr." and "e.g." (facts B8) and not alike in all
 * engines, while every peer must cut the same text into the same sentences.
 */
import { CELL_SEPARATOR, PREFORMATTED } from "./text-builder.ts";
import type { ExtractedText } from "./types.ts";

export type UnitKind = "prose" | "item" | "heading" | "row" | "code";

/** One sentence, list item sentence, heading, table row or line of code. */
export interface TextUnit {
	readonly kind: UnitKind;
	readonly start: number;
	readonly end: number;
	/** Number of the line it stands in: units of one line follow on each other. */
	readonly line: number;
	/** Number of the block, lines between two blank lines. */
	readonly block: number;
}

/** Longer stretches without a full stop are cut at a space. */
const MAX_UNIT = 900;

const ABBREVIATIONS: ReadonlySet<string> = new Set(
	`al approx art ca cap cf chap co corp dept dipl dr ed eds eq eqs est etc ff fig figs gen gov hon ibid inc ing jr lt ltd
max min misc mr mrs ms mt no nos nr op p para pp prof pt ref refs rep resp rev sec sect sen sr st tab tel univ viz vol vols
vs e.g i.e a.k.a u.s u.k u.n a.m p.m ph.d jan feb mar apr jun jul aug sep sept oct nov dec`.split(
		/\s+/,
	),
);
/** Abbreviations that may well end a sentence: cut after them where a capital follows. */
const MAY_END: ReadonlySet<string> = new Set(
	"etc inc co corp ltd jr sr a.m p.m ff al u.s u.k u.n".split(" "),
);

const CLOSERS = "\"'”’»)]}";
const OPENERS = "\"'“‘«([{¿¡";
const MARKER = /^(?:-|\d{1,9}[.)])\s+/;

/** All units of a text, in order. Text between units is only space and list markers. */
export function unitsOf(extracted: ExtractedText): TextUnit[] {
	const { text } = extracted;
	const headings = new Set(extracted.headings.map((heading) => heading.start));
	const units: TextUnit[] = [];
	let line = 0;
	let block = 0;
	let at = 0;
	while (at < text.length) {
		let end = text.indexOf("\n", at);
		if (end < 0) end = text.length;
		if (end === at) block++;
		else {
			addLine(units, text, at, end, headings.has(at), line, block);
			line++;
		}
		at = end + 1;
	}
	return units;
}

function addLine(
	units: TextUnit[],
	text: string,
	from: number,
	to: number,
	heading: boolean,
	line: number,
	block: number,
): void {
	const content = text.slice(from, to);
	if (heading) {
		units.push({ kind: "heading", start: from, end: to, line, block });
		return;
	}
	if (content.startsWith(PREFORMATTED)) {
		const start = from + (/\S/.exec(content)?.index ?? 0);
		units.push({ kind: "code", start, end: to, line, block });
		return;
	}
	if (content.includes(CELL_SEPARATOR)) {
		units.push({ kind: "row", start: from, end: to, line, block });
		return;
	}
	const marker = MARKER.exec(content)?.[0].length ?? 0;
	const kind = marker > 0 ? "item" : "prose";
	for (const [start, end] of cutSentences(text, from + marker, to))
		units.push({ kind, start, end, line, block });
}

/** Offsets of the sentences in a stretch of one line. */
export function cutSentences(
	text: string,
	from: number,
	to: number,
): [start: number, end: number][] {
	const cuts: [number, number][] = [];
	let start = from;
	const push = (end: number): void => {
		let a = start;
		let b = end;
		while (a < b && text[a] === " ") a++;
		while (b > a && text[b - 1] === " ") b--;
		if (b > a) cuts.push([a, b]);
		start = end;
	};
	for (let i = from; i < to; i++) {
		const char = text[i] ?? "";
		if (i - start >= MAX_UNIT && char === " ") push(i);
		if ("。！？｡".includes(char)) {
			push(closed(text, i + 1, to));
			i = start - 1;
			continue;
		}
		if (char !== "." && char !== "!" && char !== "?" && char !== "…") continue;
		let end = i + 1;
		while (end < to && ".!?…".includes(text[end] ?? "")) end++;
		const stop = closed(text, end, to);
		if (stop < to && endsSentence(text, start, i, stop, to)) push(stop);
		i = Math.max(i, end - 1);
	}
	push(to);
	return cuts;
}

function closed(text: string, at: number, to: number): number {
	let end = at;
	while (end < to && CLOSERS.includes(text[end] ?? "")) end++;
	return end;
}

/** Whether the mark at `mark` ends the sentence that began at `start`; `stop` is after quotes and brackets. */
function endsSentence(
	text: string,
	start: number,
	mark: number,
	stop: number,
	to: number,
): boolean {
	if (text[stop] !== " ") return false;
	let next = stop;
	while (
		next < to &&
		(text[next] === " " || OPENERS.includes(text[next] ?? ""))
	)
		next++;
	const following = text.slice(next, next + 2);
	const lower = /^\p{Ll}/u.test(following);
	const char = text[mark];
	if (char === "!" || char === "?") return !lower || stop === mark + 1;
	if (char === "…" || text[mark + 1] === ".") return !lower;
	const word =
		/[\p{L}\p{N}.]+$/u.exec(
			text.slice(Math.max(start, mark - 20), mark),
		)?.[0] ?? "";
	const bare = word.toLowerCase().replace(/^\.+/, "");
	const capital = /^\p{Lu}/u.test(following);
	if (ABBREVIATIONS.has(bare)) return capital && MAY_END.has(bare);
	// Initials: "M. Heiderich"; but "plan B. Then" reads the same, and is rarer.
	if (/^\p{Lu}$/u.test(word)) return false;
	// "1. First", where the number begins the sentence.
	if (/^\d{1,3}$/.test(word) && mark - word.length <= start) return false;
	if (lower) {
		// Careless writing: a new sentence in lower case, after a whole one.
		return (
			text.slice(start, mark).split(" ").length >= 4 &&
			/^\p{Ll}{4,}$/u.test(word)
		);
	}
	return true;
}
