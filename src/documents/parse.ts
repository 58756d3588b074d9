/** Any supported file to text. Parsers are loaded when first used, so that none of them is in the first load. */
import { ShoalError } from "../wire/error.ts";
import { sniffFormat } from "./sniff.ts";
import type { ExtractedText } from "./types.ts";

/** Larger files are refused before a byte of them is read. */
export const MAX_DOCUMENT_BYTES = 100 * 1024 * 1024;

/** A file in memory. */
export interface DocumentFile {
	readonly name: string;
	readonly bytes: Uint8Array;
	/** Media type, where the browser knows one. Content decides; this only breaks ties. */
	readonly type?: string;
}

/**
 * Refuses a file by its size alone, for callers that have not read it yet.
 *
 * @throws ShoalError `document-too-large`, `document-empty`.
 */
export function checkDocumentSize(name: string, size: number): void {
	if (size === 0) throw new ShoalError("document-empty", `“${name}” is empty.`);
	if (size > MAX_DOCUMENT_BYTES)
		throw new ShoalError(
			"document-too-large",
			`“${name}” has ${Math.round(size / 1024 / 1024)} MB; documents up to ${MAX_DOCUMENT_BYTES / 1024 / 1024} MB can be read.`,
		);
}

/**
 * The text of a file, whatever its extension says.
 *
 * @throws ShoalError `document-empty`, `document-encrypted`, `document-scanned` (a PDF of pictures),
 * `document-too-large`, `document-unreadable`.
 */
export async function parseDocument(
	file: DocumentFile,
): Promise<ExtractedText> {
	const { name, bytes } = file;
	checkDocumentSize(name, bytes.length);
	const format = sniffFormat(name, bytes, file.type);
	const extracted = await parseAs(format, name, bytes);
	if (!/[\p{L}\p{N}]/u.test(extracted.text))
		throw new ShoalError("document-empty", `There is no text in “${name}”.`);
	return extracted;
}

async function parseAs(
	format: ExtractedText["format"],
	name: string,
	bytes: Uint8Array,
): Promise<ExtractedText> {
	switch (format) {
		case "pdf":
			return (await import("./pdf.ts")).parsePdf(name, bytes);
		case "docx":
			return (await import("./docx.ts")).parseDocx(name, bytes);
		case "html":
			return (await import("./html.ts")).parseHtml(bytes);
		case "markdown":
			return (await import("./markdown.ts")).parseMarkdown(bytes);
		case "text":
			return (await import("./plain.ts")).parsePlain(bytes);
	}
}
