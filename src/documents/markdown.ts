/**
 * Markdown to readable text: syntax goes, words stay, structure becomes the layout of `text-builder.ts`. Reading is all
 * it is for, so it knows the blocks people use (CommonMark and the tables of GFM) and no more.
 */
import { decodeText } from "./plain.ts";
import { TextBuilder } from "./text-builder.ts";
import type { ExtractedText } from "./types.ts";

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ATX = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*\S+/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/** Reads Markdown. */
export function parseMarkdown(bytes: Uint8Array): ExtractedText {
	const builder = new TextBuilder("markdown");
	const source = decodeText(bytes)
		.replace(/^\uFEFF?---\n[\s\S]*?\n(?:---|\.\.\.)\n/, "")
		.replace(/<!--[\s\S]*?-->/g, "");
	addBlocks(builder, source.split("\n"));
	return builder.finish();
}

function addBlocks(builder: TextBuilder, lines: readonly string[]): void {
	let open: string[] = [];
	let listing = false;
	const flush = (): void => {
		if (open.length > 0) {
			const text = inlineText(open.join("\n"));
			if (listing) builder.line(text);
			else builder.paragraph(text);
		}
		open = [];
	};
	const endList = (): void => {
		flush();
		if (listing) builder.endBlock();
		listing = false;
	};
	for (let i = 0; i < lines.length; i++) {
		const line = (lines[i] ?? "").replaceAll("\t", "    ");
		const fence = FENCE.exec(line.trimStart())?.[1];
		if (fence !== undefined) {
			flush();
			const close = closingFence(lines, i + 1, fence);
			builder.preformatted(lines.slice(i + 1, close).join("\n"));
			i = close;
			continue;
		}
		const heading = ATX.exec(line);
		if (heading) {
			endList();
			builder.heading(inlineText(heading[2] ?? ""), heading[1]?.length ?? 1);
			continue;
		}
		if (/^ {0,3}(?:=+|-+)\s*$/.test(line) && open.length > 0 && !listing) {
			const title = open.join(" ");
			open = [];
			builder.heading(inlineText(title), line.trim().startsWith("=") ? 1 : 2);
			continue;
		}
		if (RULE.test(line) || DEFINITION.test(line)) {
			endList();
			continue;
		}
		if (line.trim() === "") {
			// A blank line inside a list does not end it; text without indent after it does.
			flush();
			if (listing && !continuesList(lines[i + 1])) endList();
			continue;
		}
		if (line.includes("|") && TABLE_RULE.test(lines[i + 1] ?? "")) {
			endList();
			i = addTable(builder, lines, i) - 1;
			continue;
		}
		if (/^ {0,3}>/.test(line)) {
			endList();
			const from = i;
			while (/^ {0,3}>/.test(lines[i] ?? "")) i++;
			addBlocks(
				builder,
				lines.slice(from, i).map((quoted) => quoted.replace(/^ {0,3}> ?/, "")),
			);
			i--;
			continue;
		}
		const item = ITEM.exec(line);
		if (
			item &&
			(open.length === 0 || listing || item[2] === undefined || item[2] === "1")
		) {
			flush();
			if (!listing) builder.endBlock();
			listing = true;
			const text = (item[3] ?? "").replace(/^\[[ xX]\]\s+/, "");
			open = [item[2] === undefined ? `- ${text}` : `${item[2]}. ${text}`];
			continue;
		}
		if (/^ {4,}\S/.test(line) && open.length === 0 && !listing) {
			const from = i;
			while (/^(?: {4}|\t)/.test(lines[i] ?? "")) i++;
			builder.preformatted(lines.slice(from, i).join("\n"));
			i--;
			continue;
		}
		open.push(line.trim() + (/(?: {2}|\\)$/.test(line) ? "\n" : ""));
	}
	endList();
}

function closingFence(
	lines: readonly string[],
	from: number,
	fence: string,
): number {
	for (let i = from; i < lines.length; i++) {
		const line = (lines[i] ?? "").trim();
		if (line.startsWith(fence) && /^(?:`+|~+)$/.test(line)) return i;
	}
	return lines.length;
}

const continuesList = (line: string | undefined): boolean =>
	line !== undefined && (/^\s{2,}\S/.test(line) || ITEM.test(line));

/** Adds the table that begins at `from`; returns the line after it. */
function addTable(
	builder: TextBuilder,
	lines: readonly string[],
	from: number,
): number {
	let i = from;
	for (; i < lines.length && (lines[i] ?? "").includes("|"); i++) {
		if (i === from + 1) continue;
		const cells = (lines[i] ?? "")
			.trim()
			.replace(/^\||\|$/g, "")
			.split(/(?<!\\)\|/);
		builder.row(cells.map((cell) => inlineText(cell.replaceAll("\\|", "|"))));
	}
	builder.endBlock();
	return i;
}

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
	return source
		.replace(/[\uE000\uE001]/g, "")
		.replace(/(`+)([\s\S]*?[^`])\1(?!`)/g, (_, _ticks, code: string) =>
			keep(code.trim()),
		)
		.replace(/\\([!-/:-@[-`{-~])/g, (_, char: string) => keep(char))
		.replace(/!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1")
		.replace(/\[\^[^\]]+\]/g, "")
		.replace(/\[((?:[^[\]]|\[[^\]]*\])*)\]\((?:[^()]|\([^)]*\))*\)/g, "$1")
		.replace(/\[((?:[^[\]]|\[[^\]]*\])+)\]\[[^\]]*\]/g, "$1")
		.replace(/\[((?!\s)[^[\]\n]+)\](?!\()/g, "$1")
		.replace(/<((?:https?|mailto):[^>\s]+)>/g, "$1")
		.replace(/<br\s*\/?>/gi, " ")
		.replace(/<\/?[a-zA-Z][^<>]*>/g, "")
		.replace(/(\*\*\*|\*\*|\*)(?=\S)([\s\S]*?\S)\1/g, "$2")
		.replace(/(\*\*|\*)(?=\S)([\s\S]*?\S)\1/g, "$2")
		.replace(
			/(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([\s\S]*?\S)\1(?![\p{L}\p{N}_])/gu,
			"$2",
		)
		.replace(/~~(?=\S)([\s\S]*?\S)~~/g, "$1")
		.replace(
			/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]+);/gi,
			(whole, name: string) => entity(name) ?? whole,
		)
		.replace(
			/\uE000(\d+)\uE001/g,
			(_, index: string) => kept[Number(index)] ?? "",
		);
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
