/** A document cut and counted for searching, kept for the next question by a small cache. */
import type { PassageTerms } from "./bm25.ts";
import { passagesOf } from "./passages.ts";
import { type TextUnit, unitsOf } from "./sentences.ts";
import { termsOf } from "./terms.ts";
import type { ExtractedText, Passage } from "./types.ts";

/** Documents kept cut and counted. */
const MAX_INDEXED = 32;

export class DocumentIndex {
	readonly extracted: ExtractedText;
	readonly units: readonly TextUnit[];
	readonly passages: readonly Passage[];
	readonly #terms: (PassageTerms | undefined)[] = [];
	readonly #headings = new Map<string, ReadonlySet<string>>();

	constructor(extracted: ExtractedText) {
		this.extracted = extracted;
		this.units = unitsOf(extracted);
		this.passages = passagesOf(extracted, this.units);
	}

	/** Counts of a passage, made when first asked for. */
	termsAt(index: number): PassageTerms {
		const known = this.#terms[index];
		if (known) return known;
		const passage = this.passages[index];
		const terms = passage ? termsOf(this.text(passage)) : [];
		const counts = new Map<string, number>();
		for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
		const made: PassageTerms = {
			counts,
			headings: this.headingTerms(passage?.headings ?? []),
			length: terms.length,
		};
		this.#terms[index] = made;
		return made;
	}

	/** The terms of a trail of headings. */
	headingTerms(trail: readonly string[]): ReadonlySet<string> {
		const key = trail.join("\n");
		let terms = this.#headings.get(key);
		if (!terms) {
			terms = new Set(termsOf(key));
			this.#headings.set(key, terms);
		}
		return terms;
	}

	/** Number of the first unit that begins at or after an offset. */
	unitFrom(offset: number): number {
		let low = 0;
		let high = this.units.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.units[middle]?.start ?? 0) < offset) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	text(range: { readonly start: number; readonly end: number }): string {
		return this.extracted.text.slice(range.start, range.end);
	}
}

/** The least recently used document goes first. One cache a worker. */
export class IndexCache {
	readonly #kept = new Map<string, Promise<DocumentIndex>>();

	/** The index of a document, built from `read` where it is not kept. A failed read is not kept. */
	get(
		document: string,
		read: () => Promise<ExtractedText>,
	): Promise<DocumentIndex> {
		const kept =
			this.#kept.get(document) ??
			read().then((text) => new DocumentIndex(text));
		this.#kept.delete(document);
		this.#kept.set(document, kept);
		kept.catch(() => this.#kept.delete(document));
		const [oldest] = this.#kept.keys();
		if (this.#kept.size > MAX_INDEXED && oldest !== undefined)
			this.#kept.delete(oldest);
		return kept;
	}
}
