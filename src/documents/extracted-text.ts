/** Extracted text as it travels between devices: CBOR, checked before anybody builds on it. */
import { decodeCbor } from "../wire/cbor.ts";
import { MAX_BULK_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DocumentFormat, ExtractedText } from "./types.ts";

const FORMATS: readonly DocumentFormat[] = [
	"pdf",
	"docx",
	"markdown",
	"html",
	"text",
];

/** @throws ShoalError `malformed` for bytes that are not the text of a document. */
export function readExtractedText(bytes: Uint8Array): ExtractedText {
	const value = decodeCbor(bytes, { maxBytes: MAX_BULK_BYTES, maxDepth: 4 });
	if (typeof value === "object" && value !== null) {
		const { format, text, pages, headings } = value as Partial<ExtractedText>;
		if (
			FORMATS.some((known) => known === format) &&
			typeof text === "string" &&
			(pages === undefined || isAscending(pages, text.length)) &&
			areHeadings(headings, text.length)
		)
			return value as ExtractedText;
	}
	throw new ShoalError("malformed", "This is not the text of a document.");
}

function isAscending(offsets: unknown, length: number): boolean {
	if (!Array.isArray(offsets)) return false;
	return offsets.every(
		(offset, i) =>
			Number.isInteger(offset) &&
			offset <= length &&
			offset >= (i === 0 ? 0 : offsets[i - 1]),
	);
}

/** Ascending, each after the end of the one before. */
function areHeadings(headings: unknown, length: number): boolean {
	if (!Array.isArray(headings)) return false;
	let last = 0;
	for (const heading of headings) {
		if (typeof heading !== "object" || heading === null) return false;
		const { start, end, level } = heading as Record<string, unknown>;
		const isHeading =
			isWithin(start, last, length) &&
			isWithin(end, Number(start) + 1, length) &&
			isWithin(level, 1, 6);
		if (!isHeading) return false;
		last = Number(end);
	}
	return true;
}

const isWithin = (value: unknown, min: number, max: number): boolean =>
	Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
