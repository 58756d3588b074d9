/** A report as Markdown: each sentence points at numbered sources, each source is a quote with its document's name. */
import type { Citation, Report } from "../src/agents/research/types.ts";

/** What ids in a report are called. What is missing is shown by its id. */
export interface Names {
	/** By document id. */
	readonly documents: ReadonlyMap<string, string>;
	/** By peer id. */
	readonly peers: ReadonlyMap<string, string>;
}

/** Ends with a line break. Quotes stand to the letter, line breaks included. */
export function markdownOf(report: Report, names: Names): string {
	const sources = new Map<string, { number: number; citation: Citation }>();
	const mark = (citation: Citation): string => {
		const { document, start, end } = citation;
		const key = `${document} ${start} ${end}`;
		const known = sources.get(key) ?? { number: sources.size + 1, citation };
		sources.set(key, known);
		return `[${known.number}]`;
	};
	const answer = report.found
		? report.sections
				.filter(({ sentences }) => sentences.length > 0)
				.map(({ heading, sentences }) =>
					[
						`## ${heading}`,
						...sentences.map(
							({ text, citations }) =>
								`${text} ${citations.map(mark).join("")}`,
						),
					].join("\n\n"),
				)
		: ["The documents do not answer this question."];
	return `${[
		`# ${report.question}`,
		...answer,
		...sourcesOf([...sources.values()], names),
		...workOf(report, names),
	].join("\n\n")}\n`;
}

function sourcesOf(
	sources: readonly { number: number; citation: Citation }[],
	names: Names,
): string[] {
	if (sources.length === 0) return [];
	const entries = sources.map(({ number, citation }) => {
		const { document, page, quote } = citation;
		const name = names.documents.get(document) ?? document;
		const where = page === undefined ? "" : `, page ${page}`;
		const lines = quote.split("\n").map((line) => `> ${line}`.trimEnd());
		return `**[${number}] ${name}**${where}\n\n${lines.join("\n")}`;
	});
	return ["## Sources", ...entries];
}

/** Who did what, and what was read for it. */
function workOf({ contributors, coverage }: Report, names: Names): string[] {
	const work = contributors.map(({ peer, agent, tasks }) => {
		const who = names.peers.get(peer) ?? peer;
		return `- ${agent} on ${who}: ${tasks} ${tasks === 1 ? "task" : "tasks"}`;
	});
	const passages = coverage.reduce((sum, each) => sum + each.passages, 0);
	const read = coverage.reduce((sum, each) => sum + each.read, 0);
	return [
		"## Contributors",
		...(work.length > 0 ? [work.sort().join("\n")] : []),
		`${read} of ${passages} passages in ${coverage.length} ${coverage.length === 1 ? "document" : "documents"} were read.`,
	];
}
