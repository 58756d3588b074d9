/** Small files made by hand: PDFs with a text layer, without one and encrypted, and a Word document. */
import { strToU8, zipSync } from "fflate";

const latin1 = (text: string): Uint8Array =>
	Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);

/** A PDF from its objects; the first is the catalogue. */
function pdfOf(objects: readonly string[], trailer = ""): Uint8Array {
	let body = "%PDF-1.4\n";
	const offsets = objects.map((object, i) => {
		const at = body.length;
		body += `${i + 1} 0 obj\n${object}\nendobj\n`;
		return at;
	});
	const xref = body.length;
	body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
	for (const at of offsets)
		body += `${String(at).padStart(10, "0")} 00000 n \n`;
	body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${xref}\n%%EOF\n`;
	return latin1(body);
}

const stream = (content: string): string =>
	`<< /Length ${content.length} >>\nstream\n${content}\nendstream`;

export interface PdfLine {
	readonly text: string;
	readonly y: number;
	readonly size?: number;
}

/** A PDF with these lines on each page. */
export function textPdf(pages: readonly (readonly PdfLine[])[]): Uint8Array {
	const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(" ");
	const objects = [
		"<< /Type /Catalog /Pages 2 0 R >>",
		`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	];
	for (const [i, lines] of pages.entries()) {
		objects.push(
			`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
		);
		objects.push(
			stream(
				lines
					.map(
						({ text, y, size = 11 }) =>
							`BT /F1 ${size} Tf 72 ${y} Td (${text.replace(/[()\\]/g, "\\$&")}) Tj ET`,
					)
					.join("\n"),
			),
		);
	}
	return pdfOf(objects);
}

/** A PDF whose page is one drawn rectangle, as a scanner's would be one picture. */
export function scannedPdf(): Uint8Array {
	return pdfOf([
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << >> /Contents 4 0 R >>",
		stream("0 0 100 100 re f"),
	]);
}

/** A PDF that asks for a password. */
export function encryptedPdf(): Uint8Array {
	const hex = "ab".repeat(32);
	return pdfOf(
		[
			"<< /Type /Catalog /Pages 2 0 R >>",
			"<< /Type /Pages /Kids [] /Count 0 >>",
			`<< /Filter /Standard /V 1 /R 2 /O <${hex}> /U <${hex}> /P -44 >>`,
		],
		`/Encrypt 3 0 R /ID [<${"00".repeat(16)}> <${"00".repeat(16)}>]`,
	);
}

/** A Word document with a heading, a paragraph, a list item and a table. */
export function wordDocument(
	extra: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
	const p = (text: string, style = ""): string =>
		`<w:p>${style ? `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>` : ""}<w:r><w:t>${text}</w:t></w:r></w:p>`;
	const cell = (text: string): string => `<w:tc>${p(text)}</w:tc>`;
	return zipSync({
		"[Content_Types].xml": strToU8(
			'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
		),
		"_rels/.rels": strToU8(
			'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
		),
		"word/document.xml": strToU8(
			`<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${p("Pump report", "Heading1")}${p("The pump stopped at night. Nobody heard it.")}<w:tbl><w:tr>${cell("Pump")}${cell("Fuse")}</w:tr><w:tr>${cell("A")}${cell("4")}</w:tr></w:tbl></w:body></w:document>`,
		),
		...extra,
	});
}
