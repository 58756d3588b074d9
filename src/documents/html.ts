/** HTML to readable text. Scripts, styles, navigation and forms are dropped; nothing is ever run or fetched (X2). */
import { Parser } from "htmlparser2";
import { ShoalError } from "../wire/error.ts";
import { decodeText } from "./plain.ts";
import { TextBuilder } from "./text-builder.ts";
import type { DocumentFormat, ExtractedText } from "./types.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const DROPPED = words(
	"script style noscript template nav iframe object svg canvas audio video button select textarea form head title",
);
const BLOCKS = words(
	"p div section article main aside header footer blockquote figure figcaption address dl dt dd ul ol table caption hr fieldset details summary body html",
);

/**
 * Reads HTML, or what another parser made HTML of (`format` says which).
 *
 * @throws ShoalError `document-unreadable` where elements are nested thousands deep.
 */
export function parseHtml(
	source: Uint8Array | string,
	format: DocumentFormat = "html",
): ExtractedText {
	const reader = new HtmlReader(format);
	const parser = new Parser(
		{
			onopentag: (name) => reader.open(name),
			onclosetag: (name) => reader.close(name),
			ontext: (text) => reader.text(text),
		},
		{ decodeEntities: true, lowerCaseTags: true },
	);
	parser.write(typeof source === "string" ? source : decodeText(source));
	parser.end();
	return reader.finish();
}

/** No page nests deeper; the parser's time grows with the square of it. */
const MAX_DEPTH = 4_096;

class HtmlReader {
	readonly #builder: TextBuilder;
	#depth = 0;
	#dropDepth = 0;
	#open = "";
	#cells: string[] | undefined;
	#preDepth = 0;
	readonly #lists: { ordered: boolean; items: number }[] = [];

	constructor(format: DocumentFormat) {
		this.#builder = new TextBuilder(format);
	}

	open(name: string): void {
		if (++this.#depth > MAX_DEPTH)
			throw new ShoalError(
				"document-unreadable",
				"The markup of this file is nested too deeply to be read.",
			);
		if (DROPPED.has(name)) this.#dropDepth++;
		if (this.#dropDepth > 0) return;
		if (name === "br") this.#open += this.#preDepth > 0 ? "\n" : " ";
		else if (name === "pre") {
			this.#flush();
			this.#preDepth++;
		} else if (name === "ul" || name === "ol") {
			this.#flush();
			this.#lists.push({ ordered: name === "ol", items: 0 });
		} else if (name === "li") {
			this.#flush();
			const list = this.#lists.at(-1);
			if (list) list.items++;
			this.#open = list?.ordered ? `${list.items}. ` : "- ";
		} else if (name === "tr") {
			this.#flush();
			this.#cells = [];
		} else if (name === "td" || name === "th") {
			if (this.#cells) this.#open = "";
		} else if (BLOCKS.has(name) || isHeading(name)) this.#flush();
	}

	close(name: string): void {
		this.#depth--;
		if (DROPPED.has(name)) {
			this.#dropDepth = Math.max(0, this.#dropDepth - 1);
			return;
		}
		if (this.#dropDepth > 0) return;
		if (isHeading(name) && !this.#cells) {
			this.#builder.heading(this.#open, Number(name[1]));
			this.#open = "";
		} else if (name === "pre" && this.#preDepth > 0) {
			this.#builder.preformatted(this.#open);
			this.#open = "";
			this.#preDepth--;
		} else if (name === "ul" || name === "ol") {
			this.#flush();
			this.#lists.pop();
			if (this.#lists.length === 0) this.#builder.endBlock();
		} else if (name === "li") this.#flush();
		else if (name === "td" || name === "th") {
			this.#cells?.push(this.#open);
			if (this.#cells) this.#open = "";
		} else if (name === "tr") {
			this.#builder.row(this.#cells ?? []);
			this.#cells = undefined;
			this.#open = "";
		} else if (name === "table") {
			this.#flush();
			this.#builder.endBlock();
		} else if (BLOCKS.has(name)) this.#flush();
	}

	text(text: string): void {
		if (this.#dropDepth > 0) return;
		this.#open += text;
	}

	finish(): ExtractedText {
		this.#flush();
		return this.#builder.finish();
	}

	/** Ends a line. Inside a table cell blocks only part words. */
	#flush(): void {
		if (this.#cells) {
			this.#open += " ";
			return;
		}
		if (this.#preDepth > 0) return;
		const bare = /^(?:-|\d+\.) *$/.test(this.#open);
		if (this.#open.trim() !== "" && !bare) {
			if (this.#lists.length > 0) this.#builder.line(this.#open);
			else this.#builder.paragraph(this.#open);
			this.#open = "";
		} else if (!bare) this.#open = "";
	}
}

const isHeading = (name: string): boolean => /^h[1-6]$/.test(name);
