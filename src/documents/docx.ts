/** Word documents: unpacked under caps, made HTML by mammoth, then read as HTML. */
import { unzipSync, zipSync } from "fflate";
import { ShoalError } from "../wire/error.ts";
import { parseHtml } from "./html.ts";
import type { ExtractedText } from "./types.ts";

/** Most that the text parts of a Word document may unpack to; above it, it is a zip bomb or a mistake. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

/** Reads a DOCX. Pictures, macros and embedded files are never unpacked. */
export async function parseDocx(
	name: string,
	bytes: Uint8Array,
): Promise<ExtractedText> {
	const parts = textParts(name, bytes);
	const { default: mammoth } = await import("mammoth/mammoth.browser.min.js");
	const packed = zipSync(parts, { level: 0 });
	try {
		const { value } = await mammoth.convertToHtml(
			{ arrayBuffer: packed.slice().buffer },
			{
				convertImage: mammoth.images.imgElement(() =>
					Promise.resolve({ src: "" }),
				),
			},
		);
		return parseHtml(value, "docx");
	} catch (cause) {
		throw damaged(name, cause);
	}
}

/** The XML parts, bounded by what the archive declares: fflate never writes past the declared size. */
function textParts(
	name: string,
	bytes: Uint8Array,
): Record<string, Uint8Array> {
	let unpacked = 0;
	try {
		return unzipSync(bytes, {
			filter: (file) => {
				if (!/(?:\.xml|\.rels)$/i.test(file.name)) return false;
				unpacked += file.originalSize;
				if (unpacked > MAX_UNPACKED_BYTES)
					throw new ShoalError(
						"document-too-large",
						`“${name}” unpacks to more than ${MAX_UNPACKED_BYTES / 1024 / 1024} MB of text.`,
					);
				return true;
			},
		});
	} catch (cause) {
		if (cause instanceof ShoalError) throw cause;
		throw damaged(name, cause);
	}
}

const damaged = (name: string, cause: unknown): ShoalError =>
	new ShoalError(
		"document-unreadable",
		`“${name}” looks like a Word document but is damaged.`,
		{ cause },
	);
