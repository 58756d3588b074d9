/**
 * Markdown to readable text: syntax goes, words stay, structure becomes the layout of `text-builder.ts`. Reading is all
 * it is for, so it knows the blocks people use (CommonMark and the tables of GFM) and no more.
 */
import { inlineText } from "./markdown-inline.ts";
import { decodeText } from "./plain.ts";
import { TextBuilder } from "./text-builder.ts";
import type { ExtractedText } from "./types.ts";

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ATX = /^ {0,3}(#{1,6})(?=\s|$)/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*\S+/;
/** Quotes in quotes beyond this are one quote. */
const MAX_QUOTED = 16;

/** Reads Markdown. */
export function parseMarkdown(bytes: Uint8Array): ExtractedText {
	const builder = new TextBuilder("markdown");
	const source = decodeText(bytes).replace(
		/^\uFEFF?---\n[\s\S]*?\n(?:---|\.\.\.)\n/,
		"",
	);
	addBlocks(builder, withoutComments(source).split("\n"), 0);
	return builder.finish();
}

function withoutComments(source: string): string {
	let text = "";
	let at = 0;
	for (;;) {
		const from = source.indexOf("<!--", at);
		const end = from < 0 ? -1 : source.indexOf("-->", from + 4);
		if (end < 0) return text + source.slice(at);
		text += source.slice(at, from);
		at = end + 3;
	}
}

/** The title of a heading's line, without the signs at either end. */
const titleOf = (line: string): string =>
	line
		.replace(/^ {0,3}#{1,6}/, "")
		.trim()
		.replace(/(?:^|\s)#+$/, "");

/** Whether a line parts a table's head from its body. */
const isTableRule = (line: string | undefined): boolean =>
	line
		?.trim()
		.replace(/^\||\|$/g, "")
		.split("|")
		.every((cell) => /^:?-+:?$/.test(cell.trim())) ?? false;

function addBlocks(
	builder: TextBuilder,
	lines: readonly string[],
	quoted: number,
): void {
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
			builder.heading(inlineText(titleOf(line)), heading[1]?.length ?? 1);
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
		if (line.includes("|") && isTableRule(lines[i + 1])) {
			endList();
			i = addTable(builder, lines, i) - 1;
			continue;
		}
		if (/^ {0,3}>/.test(line)) {
			endList();
			const from = i;
			while (/^ {0,3}>/.test(lines[i] ?? "")) i++;
			const mark = quoted < MAX_QUOTED ? /^ {0,3}> ?/ : /^(?: {0,3}>)+ {0,3}/;
			addBlocks(
				builder,
				lines.slice(from, i).map((each) => each.replace(mark, "")),
				quoted + 1,
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
