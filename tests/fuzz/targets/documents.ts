/** Files that somebody drops: what they are, and the text in them. And texts as other devices send them. */
import { readExtractedText } from "../../../src/documents/extracted-text.ts";
import { documentsOf } from "../../../src/documents/library.ts";
import { parseDocument } from "../../../src/documents/parse.ts";
import { passagesOf } from "../../../src/documents/passages.ts";
import { sniffFormat } from "../../../src/documents/sniff.ts";
import type { ExtractedText } from "../../../src/documents/types.ts";
import { utf8 } from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { textPdf, wordDocument } from "../../unit/documents/fixtures.ts";
import { ensure, outcomeOf, type Target, texts } from "../target.ts";

/** What everything after the parser relies on. */
function ensureText(extracted: ExtractedText): void {
	const { text, headings, pages = [] } = extracted;
	for (const { start, end, level } of headings)
		ensure(
			start >= 0 && start < end && end <= text.length && level >= 1,
			"a heading that is not in the text",
		);
	for (const at of pages)
		ensure(at >= 0 && at <= text.length, "a page that is not in the text");
	ensurePassages(extracted);
	const again = readExtractedText(encodeCbor(extracted));
	ensure(again.text === text, "the text travels as another one");
}

function ensurePassages(extracted: ExtractedText): void {
	let last = 0;
	for (const { start, end } of passagesOf(extracted)) {
		ensure(
			start >= last && start < end && end <= extracted.text.length,
			"a passage that is not in the text",
		);
		last = end;
	}
}

function fileTarget(
	format: string,
	name: string,
	weight: number,
	inputs: readonly (string | Uint8Array)[],
	tokens: readonly string[] = [],
): Target {
	return {
		...{ name: format, weight },
		begin: () => ({
			inputs: inputs.map((input) =>
				typeof input === "string" ? utf8(input) : input,
			),
			tokens: texts(...tokens),
			take: (bytes) =>
				outcomeOf(() => parseDocument({ name, bytes }), ensureText),
		}),
	};
}

const sniff: Target = {
	name: "sniff",
	begin: () => ({
		inputs: [
			...texts("%PDF-1.7\n", "<!doctype html><p>x", "<?xml?><html>", "Text."),
			...texts("<!-- a --> <!-- b --><body>", "plain text, long enough"),
			wordDocument(),
		],
		tokens: texts(
			"<!--",
			"-->",
			"<!---->",
			"<?xml",
			">",
			" ",
			"<html",
			"%PDF-",
		),
		take: (bytes) =>
			outcomeOf(() =>
				["a.txt", "b.html", "c.md", ""].map((name) => sniffFormat(name, bytes)),
			),
	}),
};

const plain = fileTarget(
	"text",
	"a.txt",
	0.2,
	[
		"A title\n=======\n\nThe pump stopped. Nobody heard it, e.g. at night.\n\n- one\n- two",
		`${"A line that goes on and on until the margin, where it was wrapped\n".repeat(5)}`,
		Uint8Array.of(0xff, 0xfe, 0x41, 0, 0x42, 0, 0x0a, 0),
	],
	[
		" ",
		"\n",
		".",
		"\r",
		"\f",
		"\t",
		"Dr. ",
		"e.g. ",
		"a.",
		"“",
		")",
		"。",
		"- ",
	],
);

const markdown = fileTarget(
	"markdown",
	"a.md",
	0.3,
	[
		"---\ntitle: x\n---\n# Pump\n\nThe *pump* **stopped** at [night](http://a.b/c).\n\n> quoted\n> > twice\n",
		"| a | b |\n|---|:-:|\n| 1 | `2` |\n\n```js\ncode()\n```\n\n1. one\n2. [x] two\n\n    indented",
		"Title\n---\n\nA `code` ~~struck~~ _under_ ![pic](x.png) [ref][1] &amp; &#65; <b>bold</b> \\* <!-- no -->\n\n[1]: http://x.y\n",
	],
	[
		...["[", "]", "(", ")", "![", "](", "*", "**", "_", "__", "`", "``", "~~"],
		...[">", "> ", "# ", "|", "---", "\n", " ", "<", "<!--", "-->", "&", "\\"],
		...["- ", "1. ", "\t", "a", "[a](", "[^", "\ue0000\ue001", "| - ", "\n\n"],
	],
);

const html = fileTarget(
	"html",
	"a.html",
	0.3,
	[
		"<!doctype html><title>t</title><h1>Pump</h1><p>The pump <b>stopped</b>.<ul><li>one<li>two</ul>",
		"<html><body><table><tr><th>a<th>b<tr><td>1<td>2</table><pre>x\n y</pre><script>no()</script>&amp;&#65;",
	],
	[
		...["<", ">", "</", "<p>", "<div>", "<ul>", "<li>", "<ol>", "<pre>", "&"],
		...["<table>", "<tr>", "<td>", "</td>", "<script>", "<!--", "-->", "<h1>"],
		...["<![CDATA[", " ", "a", "<svg", "</pre>", "<title>", "&#", "=", '"'],
	],
);

const docx = fileTarget(
	"docx",
	"a.docx",
	0.02,
	[wordDocument()],
	[...["<w:p>", "<w:t>", "<w:tbl>", "PK\u0003\u0004", "word/document.xml"]],
);

const pdf = fileTarget(
	"pdf",
	"a.pdf",
	0.01,
	[
		textPdf([
			[
				{ text: "Pump report", y: 700, size: 20 },
				{ text: "The pump stopped at night.", y: 650 },
				{ text: "Nobody heard it.", y: 636 },
			],
		]),
	],
	[
		"obj",
		"endobj",
		"stream",
		"<<",
		">>",
		"/Length 9999",
		" 0 R",
		"[",
		"]",
		"(",
	],
);

/** The blob of a document's text, as a member sends it. */
const extractedText: Target = {
	name: "extracted-text",
	weight: 0.5,
	async begin() {
		const made = await Promise.all(
			["# Pump\n\nIt stopped. Why?\n\n## Night\n\nNobody heard it.", "x"].map(
				(text) => parseDocument({ name: "a.md", bytes: utf8(text) }),
			),
		);
		const paged = { ...made[0], pages: [0, 5, 9] };
		return {
			inputs: [...made, paged].map(encodeCbor),
			take: (input) =>
				outcomeOf(
					() => readExtractedText(input),
					(extracted) => {
						passagesOf(extracted);
					},
				),
		};
	},
};

/** What the swarm's space says of documents. */
const library: Target = {
	name: "library",
	begin() {
		const id = "ab".repeat(32);
		const info = {
			...{ id, name: "a.md", format: "markdown", size: 9, characters: 9 },
			...{ passages: 1, textBlob: id, device: "d", policy: "swarm", round: 1 },
		};
		return {
			inputs: [
				[[`document/${id}`, info]],
				[
					[`document/${id}`, info],
					[`document-removed/${id}`, { round: 1 }],
				],
			].map(encodeCbor),
			take(input) {
				let facts: unknown;
				try {
					facts = decodeCbor(input, { maxBytes: 65_536 });
				} catch {
					return "refused";
				}
				if (!Array.isArray(facts)) return "refused";
				const documents = documentsOf(
					facts.flatMap((fact) =>
						Array.isArray(fact) && typeof fact[0] === "string"
							? [{ key: fact[0], value: fact[1], device: "d" }]
							: [],
					),
				);
				for (const { name, passages } of documents)
					ensure(name.length <= 1_000 && passages >= 0, "not a document");
				return "accepted";
			},
		};
	},
};

export const documentTargets: readonly Target[] = [
	...[sniff, plain, markdown, html, docx, pdf, extractedText, library],
];
