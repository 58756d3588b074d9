/** Text to passages: the stretches that are searched, read and cited. */
import { type TextUnit, unitsOf } from "./sentences.ts";
import { wordCount } from "./terms.ts";
import type { ExtractedText, Passage } from "./types.ts";

/** A passage is closed once it has this many words… */
const ENOUGH_WORDS = 60;
/** …and never grows beyond this many by another sentence. */
const MAX_WORDS = 120;

/** Cuts a text into passages: whole sentences, about 60-120 words, never across a heading. */
export function passagesOf(
	extracted: ExtractedText,
	units: readonly TextUnit[] = unitsOf(extracted),
): Passage[] {
	const { text } = extracted;
	const passages: Passage[] = [];
	const trail: { level: number; title: string }[] = [];
	let open: TextUnit[] = [];
	let words = 0;
	let headingIndex = 0;

	const close = (): void => {
		const first = open[0];
		const last = open.at(-1);
		if (first && last) {
			const page = pageAt(extracted.pages, first.start);
			passages.push({
				index: passages.length,
				start: first.start,
				end: last.end,
				...(page === undefined ? {} : { page }),
				headings: trail.map((heading) => heading.title),
			});
		}
		open = [];
		words = 0;
	};

	for (const unit of units) {
		if (unit.kind === "heading") {
			close();
			while (
				(extracted.headings[headingIndex]?.start ?? unit.start) < unit.start
			)
				headingIndex++;
			const level = extracted.headings[headingIndex]?.level ?? 1;
			while ((trail.at(-1)?.level ?? 0) >= level) trail.pop();
			trail.push({ level, title: text.slice(unit.start, unit.end) });
			continue;
		}
		const more = wordCount(text.slice(unit.start, unit.end));
		const newBlock = unit.block !== open.at(-1)?.block;
		if (
			open.length > 0 &&
			(words + more > MAX_WORDS || (words >= ENOUGH_WORDS && newBlock))
		)
			close();
		open.push(unit);
		words += more;
	}
	close();
	return passages;
}

/** Number of the page (from 1) that an offset stands on. */
export function pageAt(
	pages: readonly number[] | undefined,
	offset: number,
): number | undefined {
	if (pages === undefined || pages.length === 0) return undefined;
	let low = 0;
	let high = pages.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((pages[middle] ?? 0) <= offset) low = middle + 1;
		else high = middle;
	}
	return Math.max(1, low);
}
