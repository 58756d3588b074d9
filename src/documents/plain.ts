/** Plain text: decoding, and joining of hard-wrapped lines so that sentences are whole. */
import { TextBuilder } from "./text-builder.ts";
import type { ExtractedText } from "./types.ts";

/** UTF-8 or UTF-16 by its byte-order mark, else UTF-8 where it is valid, else Latin-1. */
export function decodeText(bytes: Uint8Array): string {
	const decoded =
		bytes[0] === 0xff && bytes[1] === 0xfe
			? new TextDecoder("utf-16le").decode(bytes)
			: bytes[0] === 0xfe && bytes[1] === 0xff
				? new TextDecoder("utf-16be").decode(bytes)
				: decodeUtf8(bytes);
	return decoded.replace(/\r\n?|\u2028|\u2029/g, "\n");
}

function decodeUtf8(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		return new TextDecoder("latin1").decode(bytes);
	}
}

/** A line that begins something of its own: bullet, number, time stamp, speaker, quote. */
const OWN_LINE =
	/^\s*(?:[-*+•◦▪–—>]\s|\d{1,3}[.)]\s|\(?[a-z\d]\)\s|\[?\d{1,4}[-:./]\d{1,2}|\p{Lu}[\p{L} .]{0,24}:\s)/u;
/** A line shorter than this was ended on purpose, not by the margin. */
const WRAP_COLUMN = 50;

/** Reads plain text. */
export function parsePlain(bytes: Uint8Array): ExtractedText {
	const builder = new TextBuilder("text");
	for (const block of decodeText(bytes)
		.replaceAll("\f", "\n\n")
		.split(/\n[ \t]*\n/)) {
		const lines = block.split("\n").filter((line) => line.trim() !== "");
		const [first = "", second = ""] = lines;
		// An underlined title, as people write it in mails and READMEs.
		if (lines.length >= 2 && /^\s*([=\-~*])\1{2,}\s*$/.test(second)) {
			builder.heading(first, second.trim().startsWith("=") ? 1 : 2);
			addLines(builder, lines.slice(2));
		} else addLines(builder, lines);
		builder.endBlock();
	}
	return builder.finish();
}

function addLines(builder: TextBuilder, lines: readonly string[]): void {
	let open = "";
	let last = "";
	for (const line of lines) {
		const wrapped =
			open !== "" &&
			last.trimEnd().length >= WRAP_COLUMN &&
			!OWN_LINE.test(line);
		if (wrapped) open += ` ${line.trim()}`;
		else {
			builder.line(open);
			open = line;
		}
		last = line;
	}
	builder.line(open);
}
