/** PDF to text, with pdf.js run in the calling thread: no worker of its own, no eval, nothing fetched. */
import { ShoalError } from "../wire/error.ts";
import { layOut, type PdfPiece } from "./pdf-layout.ts";
import type { ExtractedText } from "./types.ts";

const scanned = (name: string): ShoalError =>
	new ShoalError(
		"document-scanned",
		`“${name}” holds only pictures of pages. Run text recognition (OCR) on it and add the result.`,
	);

/** Reads a PDF. */
export async function parsePdf(
	name: string,
	bytes: Uint8Array,
): Promise<ExtractedText> {
	const pdfjs = await loadPdfjs();
	const loading = pdfjs.getDocument({
		// pdf.js takes the buffer over, so it gets its own.
		data: bytes.slice(),
		isEvalSupported: false,
		useWorkerFetch: false,
		useWasm: false,
		disableFontFace: true,
		useSystemFonts: false,
		stopAtErrors: false,
		verbosity: 0,
	});
	try {
		const document = await loading.promise;
		const pages: PdfPiece[][] = [];
		for (let number = 1; number <= document.numPages; number++) {
			const page = await document.getPage(number);
			const content = await page.getTextContent();
			const pieces: PdfPiece[] = [];
			for (const item of content.items) {
				if (!("str" in item)) continue;
				const transform = item.transform as readonly number[];
				pieces.push({
					text: item.str,
					x: transform[4] ?? 0,
					y: transform[5] ?? 0,
					width: item.width,
					height: item.height,
					endsLine: item.hasEOL,
				});
			}
			pages.push(pieces);
			page.cleanup();
		}
		const extracted = layOut(pages);
		if (!/[\p{L}\p{N}]/u.test(extracted.text)) throw scanned(name);
		return extracted;
	} catch (cause) {
		if (cause instanceof ShoalError) throw cause;
		if (cause instanceof Error && cause.name === "PasswordException")
			throw new ShoalError(
				"document-encrypted",
				`“${name}” is protected with a password. Save a copy without it and add that.`,
				{ cause },
			);
		throw new ShoalError(
			"document-unreadable",
			`“${name}” looks like a PDF but is damaged.`,
			{ cause },
		);
	} finally {
		await loading.destroy();
	}
}

/** With its message handler already in this realm, pdf.js starts no worker (facts V7: workers need a policy each). */
async function loadPdfjs() {
	await import("pdfjs-dist/legacy/build/pdf.worker.min.mjs");
	return import("pdfjs-dist/legacy/build/pdf.min.mjs");
}
