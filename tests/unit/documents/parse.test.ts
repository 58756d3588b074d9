import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import {
	checkDocumentSize,
	MAX_DOCUMENT_BYTES,
	parseDocument,
} from "../../../src/documents/parse.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { encryptedPdf, scannedPdf, textPdf, wordDocument } from "./fixtures.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (name: string, content: string | Uint8Array) =>
	parseDocument({
		name,
		bytes: typeof content === "string" ? bytes(content) : content,
	});
const refusal = async (name: string, content: string | Uint8Array) => {
	try {
		await parse(name, content);
		return undefined;
	} catch (error) {
		expect((error as Error).message).toContain(name);
		return codeOf(error);
	}
};

describe("what cannot be read is refused with a code and a sentence", () => {
	it.each([
		["empty.txt", "", "document-empty"],
		["blank.md", " \n\n \t\n", "document-empty"],
		["scan.pdf", scannedPdf(), "document-scanned"],
		["secret.pdf", encryptedPdf(), "document-encrypted"],
		["broken.pdf", "%PDF-1.7\nnothing else", "document-unreadable"],
		[
			"notes.txt",
			Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1),
			"document-unreadable",
		],
		[
			"tool.md",
			Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0),
			"document-unreadable",
		],
		[
			"noise.pdf",
			Uint8Array.from({ length: 400 }, (_, i) => (i * 37) % 256),
			"document-unreadable",
		],
		[
			"files.docx",
			zipSync({ "a.txt": strToU8("hello") }),
			"document-unreadable",
		],
		["cut.docx", wordDocument().slice(0, 500), "document-unreadable"],
	])("%s", async (name, content, code) => {
		expect(await refusal(name, content)).toBe(code);
	});

	it("an encrypted Word file, which is no ZIP any more", async () => {
		const wide = bytes([..."EncryptedPackage"].join("\0"));
		const file = new Uint8Array(600);
		file.set([0xd0, 0xcf, 0x11, 0xe0]);
		file.set(wide, 100);
		expect(await refusal("plan.docx", file)).toBe("document-encrypted");
		expect(await refusal("old.doc", file.slice(0, 90))).toBe(
			"document-unreadable",
		);
	});

	it("a file above the cap, before it is read", () => {
		expect(() => checkDocumentSize("film.txt", 200 * 1024 * 1024)).toThrow(
			/200 MB/,
		);
		expect(() => checkDocumentSize("ok.txt", MAX_DOCUMENT_BYTES)).not.toThrow();
	});

	it("a ZIP bomb, by what it says it unpacks to", async () => {
		const bomb = zipSync({
			"word/document.xml": new Uint8Array(140 * 1024 * 1024),
		});
		expect(bomb.length).toBeLessThan(1024 * 1024);
		expect(await refusal("bomb.docx", bomb)).toBe("document-too-large");
	});

	it("anything at all: a text or one of the codes, never a bare exception", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.uint8Array({ maxLength: 300 }),
				fc.constantFrom("a.pdf", "a.docx", "a.md", "a.html", "a.txt"),
				fc.constantFrom("", "%PDF-1.4\n", "PK\u0003\u0004word/document"),
				async (content, name, head) => {
					const code = await parse(
						name,
						Uint8Array.from([...bytes(head), ...content]),
					).then(
						() => "text",
						(error: unknown) => codeOf(error),
					);
					expect(code).toMatch(/^(?:text|document-)/);
				},
			),
			{ numRuns: 60 },
		);
	});
});

describe("formats", () => {
	it("are told by content, whatever the extension says", async () => {
		const pdf = textPdf([[{ text: "Pumps want care.", y: 700 }]]);
		expect((await parse("report.txt", pdf)).format).toBe("pdf");
		expect((await parse("report.pdf", wordDocument())).format).toBe("docx");
		expect(
			(await parse("page.md", "<!doctype html><p>Hi there</p>")).format,
		).toBe("html");
		expect((await parse("note.pdf", "Just a note.")).format).toBe("text");
	});

	it("PDF: paragraphs are joined, hyphens mended, headings and pages kept, running heads dropped", async () => {
		const page = (n: number, body: string[]) => [
			{ text: `Pump manual, page ${n}`, y: 760, size: 9 },
			{ text: `Chapter ${n}`, y: 700, size: 18 },
			...body.map((text, i) => ({ text, y: 660 - 14 * i })),
		];
		const extracted = await parse(
			"manual.pdf",
			textPdf([
				page(1, [
					"The pump must be main-",
					"tained every week by a person who has read this.",
				]),
				page(2, [
					"It runs on its own fuse and on no other fuse in the whole house.",
				]),
				page(3, [
					"Call the porter when it stops and nobody else has noticed it yet.",
				]),
			]),
		);
		expect(extracted.text).toContain(
			"The pump must be maintained every week by a person who has read this.",
		);
		expect(extracted.text).not.toContain("Pump manual");
		expect(
			extracted.headings.map(({ start, end }) =>
				extracted.text.slice(start, end),
			),
		).toEqual(["Chapter 1", "Chapter 2", "Chapter 3"]);
		expect(extracted.pages).toHaveLength(3);
		const [, second = 0] = extracted.pages ?? [];
		expect(extracted.text.slice(second)).toMatch(/^Chapter 2/);
	});

	it("DOCX: headings, paragraphs and tables", async () => {
		const extracted = await parse("report.docx", wordDocument());
		expect(extracted.text).toBe(
			"Pump report\n\nThe pump stopped at night. Nobody heard it.\n\nPump | Fuse\nA | 4",
		);
		expect(extracted.headings).toEqual([{ start: 0, end: 11, level: 1 }]);
	});

	it("Markdown: syntax goes, words and structure stay", async () => {
		const extracted = await parse(
			"a.md",
			[
				"---\ntitle: x\n---",
				"Title\n=====",
				"Some **bold** and _soft_ words, a [link](http://x.y/z_(q)), `code_it`",
				"wrapped, snake_case_name and 2 * 3 * 4. <!-- hidden -->",
				"",
				"- one",
				"  goes on",
				"- [x] two &amp; more",
				"",
				"> quoted text",
				"",
				"| a | b |\n|---|---|\n| 1 | `x\\|y` |",
				"```js\nlet a = 1;\n```",
				"## Next ##",
				"[ref]: http://nowhere",
				"![alt text](pic.png) \\*not bold\\*",
			].join("\n"),
		);
		expect(extracted.text).toBe(
			[
				"Title",
				"Some bold and soft words, a link, code_it wrapped, snake_case_name and 2 * 3 * 4.",
				"- one goes on\n- two & more",
				"quoted text",
				"a | b\n1 | x|y",
				"\tlet a = 1;",
				"Next",
				"alt text *not bold*",
			].join("\n\n"),
		);
		expect(extracted.headings.map((each) => each.level)).toEqual([1, 2]);
	});

	it("[X4] HTML: only what a reader sees, and markup in text is text", async () => {
		const extracted = await parse(
			"a.html",
			`<!doctype html><title>T</title><style>p{}</style><nav>Home</nav><script>alert(1)</script>
			<h2>Pumps &amp; fuses</h2><p>One <b>bold</b>
			word.<br>Next &lt;script&gt;.</p><ol><li>First<li><p>Second</p></ol>
			<table><tr><th>a</th><td><p>b</p></td></tr></table><pre>x = 1
  y</pre>`,
		);
		expect(extracted.text).toBe(
			"Pumps & fuses\n\nOne bold word. Next <script>.\n\n1. First\n2. Second\n\na | b\n\n\tx = 1\n\t  y",
		);
	});

	it.each([
		[
			"UTF-8 with a mark",
			Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes("Größe über alles.")),
		],
		["Latin-1", Uint8Array.from("Größe über alles.", (c) => c.charCodeAt(0))],
		[
			"UTF-16 LE",
			Uint8Array.from([
				0xff,
				0xfe,
				...[..."Größe über alles."].flatMap((c) => [
					c.charCodeAt(0) & 255,
					c.charCodeAt(0) >> 8,
				]),
			]),
		],
		[
			"UTF-16 BE",
			Uint8Array.from([
				0xfe,
				0xff,
				...[..."Größe über alles."].flatMap((c) => [
					c.charCodeAt(0) >> 8,
					c.charCodeAt(0) & 255,
				]),
			]),
		],
	])("text in %s", async (_, content) => {
		expect((await parse("a.txt", content)).text).toBe("Größe über alles.");
	});

	it("text: hard-wrapped lines are joined, lines of their own are not", async () => {
		const extracted = await parse(
			"a.txt",
			"Notes\n=====\n\nThe first line goes on until the margin of the page\nand ends here.\n\nMilk\nEggs\n- one thing that is long enough to be taken for wrapped\n- another",
		);
		expect(extracted.text).toBe(
			"Notes\n\nThe first line goes on until the margin of the page and ends here.\n\nMilk\nEggs\n- one thing that is long enough to be taken for wrapped\n- another",
		);
	});
});
