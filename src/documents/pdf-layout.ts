/** From pieces of text on pages to lines, paragraphs and headings. Pure; knows nothing of pdf.js. */
import { TextBuilder, tidyLine } from "./text-builder.ts";
import type { ExtractedText } from "./types.ts";

/** One run of glyphs, in the order of the page's content. Units are points, y grows upwards. */
export interface PdfPiece {
	readonly text: string;
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
	readonly endsLine: boolean;
}

interface Line {
	text: string;
	readonly x: number;
	y: number;
	right: number;
	size: number;
}

const BULLET = /^(?:[•◦▪‣●○■□–·*]|-)\s+/;
const MAX_HEADING_WORDS = 16;

/** The text of a document's pages, with repeated headers and footers left out. */
export function layOut(pages: readonly (readonly PdfPiece[])[]): ExtractedText {
	const lined = pages.map(linesOf);
	const kept = dropRepeated(lined, bodySize(lined));
	const body = bodySize(kept);
	const sizes = headingSizes(kept, body);
	const pitch = usualPitch(kept, body);
	const builder = new TextBuilder("pdf");
	for (const lines of kept) {
		builder.page();
		addPage(builder, lines, body, sizes, pitch);
	}
	return builder.finish();
}

function linesOf(pieces: readonly PdfPiece[]): Line[] {
	const lines: Line[] = [];
	let line: Line | undefined;
	for (const piece of pieces) {
		const ended = piece.endsLine;
		if (piece.text !== "") {
			const blank = piece.text.trim() === "";
			// Superscripts move less than half a line; more is another line.
			const moved =
				line !== undefined &&
				!blank &&
				Math.abs(piece.y - line.y) > 0.6 * Math.max(line.size, piece.height);
			if (line !== undefined && moved) {
				lines.push(line);
				line = undefined;
			}
			if (line === undefined) {
				if (!blank)
					line = {
						text: piece.text,
						x: piece.x,
						y: piece.y,
						right: piece.x + piece.width,
						size: piece.height,
					};
			} else {
				const gap = piece.x - line.right;
				const spaced = /\s$/.test(line.text) || /^\s/.test(piece.text);
				if (!blank && !spaced && gap > 0.15 * Math.max(piece.height, 1))
					line.text += gap > 3 * piece.height ? "   " : " ";
				line.text += piece.text;
				line.right = Math.max(line.right, piece.x + piece.width);
				if (piece.height > line.size) {
					line.size = piece.height;
					line.y = piece.y;
				}
			}
		}
		if (ended && line !== undefined) {
			lines.push(line);
			line = undefined;
		}
	}
	if (line !== undefined) lines.push(line);
	return joinSameRow(lines).filter((each) => each.text.trim() !== "");
}

/** A bullet and its text often come as two lines at one height. */
function joinSameRow(lines: readonly Line[]): Line[] {
	const joined: Line[] = [];
	for (const line of lines) {
		const before = joined.at(-1);
		const sameRow =
			before !== undefined &&
			Math.abs(before.y - line.y) < 0.3 * Math.max(before.size, line.size) &&
			line.x >= before.right - 1;
		if (sameRow) {
			before.text += ` ${line.text}`;
			before.right = line.right;
			before.size = Math.max(before.size, line.size);
		} else joined.push(line);
	}
	return joined;
}

/** What stands at the top or the bottom of most pages, page numbers aside, is not the document's text. */
function dropRepeated(pages: readonly Line[][], body: number): Line[][] {
	if (pages.length < 3) return pages.map((lines) => [...lines]);
	const key = (line: Line): string =>
		`${tidyLine(line.text).replace(/\d+/g, "#")}@${Math.round(line.y / 4)}`;
	const counts = new Map<string, number>();
	for (const lines of pages)
		for (const each of new Set(edges(lines).map(key)))
			counts.set(each, (counts.get(each) ?? 0) + 1);
	// Larger type is a heading, which may well stand in the same place on each page.
	const repeated = (line: Line): boolean =>
		line.size <= body * 1.05 &&
		(counts.get(key(line)) ?? 0) >= Math.max(3, pages.length * 0.5);
	return pages.map((lines) => {
		const margin = new Set(edges(lines).filter(repeated));
		return lines.filter((line) => !margin.has(line));
	});
}

const edges = (lines: readonly Line[]): Line[] => [
	...new Set([...lines.slice(0, 6), ...lines.slice(-3)]),
];

/** The size that most characters have. */
function bodySize(pages: readonly Line[][]): number {
	const characters = new Map<number, number>();
	for (const line of pages.flat())
		characters.set(
			rounded(line.size),
			(characters.get(rounded(line.size)) ?? 0) + line.text.length,
		);
	let best = 0;
	let most = -1;
	for (const [size, count] of characters)
		if (count > most || (count === most && size < best)) {
			best = size;
			most = count;
		}
	return best;
}

const rounded = (size: number): number => Math.round(size * 2) / 2;

/** Sizes of headings, largest first: the rank is the level. */
function headingSizes(pages: readonly Line[][], body: number): number[] {
	const sizes = new Set<number>();
	for (const line of pages.flat())
		if (isHeading(line, body)) sizes.add(rounded(line.size));
	return [...sizes].sort((a, b) => b - a);
}

function isHeading(line: Line, body: number): boolean {
	const text = tidyLine(line.text);
	return (
		rounded(line.size) >= body * 1.08 &&
		/\p{L}{2}/u.test(text) &&
		text.split(" ").length <= MAX_HEADING_WORDS &&
		!/[.,;]$/.test(text)
	);
}

function addPage(
	builder: TextBuilder,
	lines: readonly Line[],
	body: number,
	sizes: readonly number[],
	pitch: number,
): void {
	const margin = lines.reduce((most, line) => Math.max(most, line.right), 0);
	let open = "";
	let last: Line | undefined;
	let heading = "";
	let headingSize = 0;
	const endHeading = (): void => {
		if (heading !== "")
			builder.heading(heading, sizes.indexOf(headingSize) + 1);
		heading = "";
	};
	const endParagraph = (): void => {
		if (BULLET.test(open)) builder.line(open.replace(BULLET, "- "));
		else builder.paragraph(open);
		open = "";
	};
	for (const line of lines) {
		const text = tidyLine(line.text);
		if (isHeading(line, body)) {
			endParagraph();
			// A long title goes on in the next line.
			if (heading !== "" && rounded(line.size) === headingSize)
				heading += ` ${text}`;
			else {
				endHeading();
				heading = text;
				headingSize = rounded(line.size);
			}
			last = line;
			continue;
		}
		endHeading();
		const drop = last === undefined ? 0 : last.y - line.y;
		const fresh =
			last === undefined ||
			drop > Math.max(pitch, line.size * 1.25) * 1.18 ||
			drop < 0 ||
			BULLET.test(text) ||
			// A line that stops far from the margin was ended on purpose.
			(last.right < margin * 0.7 && /^[^\p{Ll}]/u.test(text)) ||
			Math.abs(rounded(line.size) - rounded(last.size)) > body * 0.2;
		if (fresh) {
			endParagraph();
			open = text;
		} else if (/\p{L}[-\u2010]$/u.test(open) && /^\p{Ll}/u.test(text))
			open = open.slice(0, -1) + text;
		else open += open === "" ? text : ` ${text}`;
		last = line;
	}
	endParagraph();
	endHeading();
}

/** The commonest distance between two lines. */
function usualPitch(pages: readonly Line[][], body: number): number {
	const counts = new Map<number, number>();
	for (const lines of pages)
		for (let i = 1; i < lines.length; i++) {
			const drop = Math.round((lines[i - 1]?.y ?? 0) - (lines[i]?.y ?? 0));
			if (drop > body * 0.8 && drop < body * 2.2)
				counts.set(drop, (counts.get(drop) ?? 0) + 1);
		}
	let best = body * 1.3;
	let most = 0;
	for (const [drop, count] of counts)
		if (count > most || (count === most && drop < best)) {
			best = drop;
			most = count;
		}
	return Math.max(best, 1);
}
