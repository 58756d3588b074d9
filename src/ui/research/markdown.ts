/** A report as Markdown: every sentence with its footnotes, every footnote with the quote and where it stands. */
import type { Report } from "../../node/api.ts";
import { count, ofAll } from "../format.ts";

/**
 * Writes a report as Markdown with one footnote a distinct quote.
 * @param nameOf - the name of a document by its id; the ids of removed documents get a word of their own
 */
export function reportToMarkdown(
	report: Report,
	nameOf: (document: string) => string,
): string {
	const notes = new Map<string, { number: number; line: string }>();
	const lines = [`# ${escaped(report.question)}`, ""];
	if (!report.found) lines.push("The documents do not answer this.", "");
	for (const section of report.sections) {
		if (section.sentences.length === 0) continue;
		if (section.heading !== "")
			lines.push(`## ${escaped(section.heading)}`, "");
		const sentences = section.sentences.map((sentence) => {
			const marks = sentence.citations.map((citation) => {
				const key = `${citation.document} ${citation.start} ${citation.end}`;
				let note = notes.get(key);
				if (note === undefined) {
					const page =
						citation.page === undefined ? "" : `, page ${citation.page}`;
					const where = escaped(nameOf(citation.document)) + page;
					const quote = escaped(citation.quote);
					note = { number: notes.size + 1, line: `${where}: “${quote}”` };
					notes.set(key, note);
				}
				return `[^${note.number}]`;
			});
			return escaped(sentence.text) + marks.join("");
		});
		lines.push(sentences.join(" "), "");
	}
	for (const { number, line } of notes.values()) {
		lines.push(`[^${number}]: ${line}`);
	}
	if (notes.size > 0) lines.push("");
	const read = report.coverage.reduce((sum, c) => sum + c.read, 0);
	const all = report.coverage.reduce((sum, c) => sum + c.passages, 0);
	if (all > 0) {
		lines.push(
			`*${ofAll(read, all)} passages in ${count(report.coverage.length, "document")} read.*`,
			"",
		);
	}
	return lines.join("\n");
}

/** Text of documents is text, also in the Markdown that somebody pastes elsewhere: one line, nothing in it alive. */
function escaped(text: string): string {
	return text
		.replace(/\s+/g, " ")
		.trim()
		.replace(/[\\`*_[\]<>~&|]/g, "\\$&")
		.replace(/^(#{1,6}|[+-])(?=\s|$)/, "\\$1")
		.replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");
}
