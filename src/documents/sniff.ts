/** What a file really is, by its bytes. The extension only tells Markdown from other text. */
import { ShoalError } from "../wire/error.ts";
import type { DocumentFormat } from "./types.ts";

/** Reads at most this much when looking for binary content. */
const SAMPLE_BYTES = 64 * 1024;

const startsWith = (
	bytes: Uint8Array,
	magic: readonly number[],
	at = 0,
): boolean => magic.every((byte, index) => bytes[at + index] === byte);

const indexOfAscii = (
	bytes: Uint8Array,
	text: string,
	limit = bytes.length,
): number => {
	const first = text.charCodeAt(0);
	outer: for (
		let i = 0;
		i <= Math.min(limit, bytes.length) - text.length;
		i++
	) {
		if (bytes[i] !== first) continue;
		for (let j = 1; j < text.length; j++)
			if (bytes[i + j] !== text.charCodeAt(j)) continue outer;
		return i;
	}
	return -1;
};

const wide = (text: string): string => text.split("").join("\0");

/** Common kinds of file that hold no text for us, so that the message can name them. */
const OTHER_KINDS: readonly [magic: readonly number[], name: string][] = [
	[[0x89, 0x50, 0x4e, 0x47], "a picture"],
	[[0xff, 0xd8, 0xff], "a picture"],
	[[0x47, 0x49, 0x46, 0x38], "a picture"],
	[[0x1f, 0x8b], "a compressed file"],
	[[0x37, 0x7a, 0xbc, 0xaf], "a compressed archive"],
	[[0x52, 0x61, 0x72, 0x21], "a compressed archive"],
	[[0x49, 0x44, 0x33], "a sound recording"],
	[[0x7f, 0x45, 0x4c, 0x46], "a program"],
	[[0x4d, 0x5a], "a program"],
];

const unreadable = (sentence: string): ShoalError =>
	new ShoalError("document-unreadable", sentence);

/**
 * The format of a file.
 *
 * @throws ShoalError `document-empty`, `document-encrypted` (a protected Office file), `document-unreadable` for what is
 * none of the formats.
 */
export function sniffFormat(
	name: string,
	bytes: Uint8Array,
	type = "",
): DocumentFormat {
	if (bytes.length === 0)
		throw new ShoalError("document-empty", `“${name}” is empty.`);
	if (indexOfAscii(bytes, "%PDF-", 1024) >= 0) return "pdf";
	if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
		if (indexOfAscii(bytes, "word/document") >= 0) return "docx";
		throw unreadable(
			`“${name}” is a ZIP archive, not a Word document. Unpack it and add the files in it.`,
		);
	}
	if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) {
		if (indexOfAscii(bytes, wide("EncryptedPackage")) >= 0)
			throw new ShoalError(
				"document-encrypted",
				`“${name}” is protected with a password. Save a copy without it and add that.`,
			);
		throw unreadable(
			`“${name}” is in the old Office format. Save it as DOCX or PDF and add that.`,
		);
	}
	for (const [magic, kind] of OTHER_KINDS)
		if (startsWith(bytes, magic))
			throw unreadable(`“${name}” is ${kind}; there is no text in it to read.`);
	if (isBinary(bytes))
		throw unreadable(
			`“${name}” is not text, PDF, Word, Markdown or HTML, whatever its name says.`,
		);
	return textFormat(name, bytes, type);
}

function isBinary(bytes: Uint8Array): boolean {
	const sample = bytes.subarray(0, SAMPLE_BYTES);
	if (startsWith(sample, [0xff, 0xfe]) || startsWith(sample, [0xfe, 0xff]))
		return false;
	let odd = 0;
	for (const byte of sample) {
		if (byte === 0) return true;
		if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13)
			odd++;
	}
	return odd > sample.length / 100;
}

function textFormat(
	name: string,
	bytes: Uint8Array,
	type: string,
): DocumentFormat {
	const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
	const head = new TextDecoder("latin1")
		.decode(bytes.subarray(0, 2048))
		.replaceAll("\0", "")
		.replace(/^[^\x21-\x7e]+/, "");
	if (looksLikeHtml(head)) return "html";
	if (extension === "html" || extension === "htm" || extension === "xhtml")
		return /<[a-z][^>]*>/i.test(head) ? "html" : "text";
	if (/^(?:md|markdown|mdown|mkd|mdx)$/.test(extension)) return "markdown";
	return type === "text/markdown" ? "markdown" : "text";
}

/** Whether markup begins after a declaration and comments. Those are skipped one by one: no engine tries them again. */
function looksLikeHtml(head: string): boolean {
	let rest = head.replace(/^<\?xml[^>]*>\s*/i, "");
	while (rest.startsWith("<!--")) {
		const end = rest.indexOf("-->", 4);
		if (end < 0) return false;
		rest = rest.slice(end + 3).trimStart();
	}
	return /^<(?:!doctype html|html|head|body)\b/i.test(rest);
}
