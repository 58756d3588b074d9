/**
 * Collects what a parser reads into an ExtractedText. The layout of that text is a convention of its own, shared by all
 * formats, so that later stages need nothing else: a blank line between blocks, one line a paragraph, list item or table
 * row, cells separated by ` | `, and a tab before each line of preformatted text.
 */
import type { DocumentFormat, ExtractedText } from "./types.ts";

/** Between the cells of a table row. */
export const CELL_SEPARATOR = " | ";
/** Before each line of code or other preformatted text. */
export const PREFORMATTED = "\t";

// Built from code points, so that no invisible character stands in the source.
const INVISIBLE = new RegExp(
	`[${[0xad, 0x200b, 0x200c, 0x2060, 0xfeff].map((code) => String.fromCharCode(code)).join("")}]`,
	"g",
);

/** One line of readable text: no control or invisible characters, single spaces. */
export function tidyLine(text: string): string {
	return text.replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
}

export class TextBuilder {
	/** The text so far. In pieces: asking one long text how it ends would write it anew each time. */
	readonly #pieces: string[] = [];
	#length = 0;
	/** Its last two characters. */
	#tail = "";
	readonly #headings: { start: number; end: number; level: number }[] = [];
	readonly #pages: number[] = [];
	readonly #format: DocumentFormat;

	constructor(format: DocumentFormat) {
		this.#format = format;
	}

	/** Everything added after this stands on a new page. */
	page(): void {
		this.#separate("\n\n");
		this.#pages.push(this.#length);
	}

	heading(text: string, level: number): void {
		const line = tidyLine(text);
		if (line === "") return;
		this.#separate("\n\n");
		const start = this.#length;
		this.#add(line);
		this.#headings.push({
			start,
			end: this.#length,
			level: Math.min(6, Math.max(1, level)),
		});
		this.#add("\n\n");
	}

	/** A block of its own. */
	paragraph(text: string): void {
		const line = tidyLine(text);
		if (line === "") return;
		this.#separate("\n\n");
		this.#add(line);
		this.#add("\n\n");
	}

	/** A line that belongs to the block before it: a list item, a row. */
	line(text: string): void {
		const line = tidyLine(text);
		if (line === "") return;
		this.#separate("\n");
		this.#add(`${line}\n`);
	}

	row(cells: readonly string[]): void {
		const filled = cells.map(tidyLine).filter((cell) => cell !== "");
		this.line(filled.join(CELL_SEPARATOR));
	}

	preformatted(text: string): void {
		const lines = text
			.replace(INVISIBLE, "")
			.split("\n")
			.map((line) => line.trimEnd());
		if (lines.every((line) => line === "")) return;
		this.#separate("\n\n");
		for (const line of lines)
			if (line !== "") this.#add(`${PREFORMATTED}${line}\n`);
		this.endBlock();
	}

	/** Ends a list or a table. */
	endBlock(): void {
		this.#separate("\n\n");
	}

	finish(): ExtractedText {
		const text = this.#pieces.join("").trimEnd();
		return {
			format: this.#format,
			text,
			...(this.#pages.length > 0
				? { pages: this.#pages.map((at) => Math.min(at, text.length)) }
				: {}),
			headings: this.#headings.filter((heading) => heading.end <= text.length),
		};
	}

	#separate(by: "\n" | "\n\n"): void {
		if (this.#length === 0 || this.#tail.endsWith(by)) return;
		this.#add(this.#tail.endsWith("\n") ? by.slice(1) : by);
	}

	#add(piece: string): void {
		this.#pieces.push(piece);
		this.#length += piece.length;
		this.#tail = (this.#tail + piece.slice(-2)).slice(-2);
	}
}
