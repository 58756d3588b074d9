/**
 * `npm run demo -- --docs DIR --question "…" --peers N`: N headless browser peers research a folder. The report goes
 * to stdout as Markdown, everything else to stderr.
 */
import { existsSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright";
import type { Progress } from "../src/node/api.ts";
import { list } from "./files.ts";
import { addDocument, gatherSwarm, openStage } from "./headless-swarm.ts";
import { markdownOf } from "./report-markdown.ts";

const USAGE = 'npm run demo -- --docs DIR --question "…" [--peers N]';
/** Each is a page of its own with workers of its own; a computer holds only so many. */
const MAX_PEERS = 20;
/** What a person would drop; other text (data, code) can be quoted, too, but answers nothing. */
const DOCUMENT = /\.(pdf|docx|md|markdown|html?|txt|text)$/i;
const ANSWER_LIMIT_MS = 10 * 60_000;

interface Asked {
	readonly folder: string;
	/** Full paths. */
	readonly files: readonly string[];
	readonly question: string;
	readonly peers: number;
}

const note = (text: string): void => console.error(text);

/** The exit code: 0 answered, also where the documents hold no answer; 1 failed; 2 asked for wrongly. */
async function main(args: readonly string[]): Promise<number> {
	let asked: Asked;
	try {
		asked = read(args);
	} catch (error) {
		note(`${wordsOf(error)}\n${USAGE}`);
		return 2;
	}
	try {
		process.stdout.write(await answer(asked));
		return 0;
	} catch (error) {
		note(wordsOf(error));
		return 1;
	}
}

/** @throws Error that says what is missing */
function read(args: readonly string[]): Asked {
	const { values } = parseArgs({
		args: [...args],
		options: {
			docs: { type: "string" },
			question: { type: "string" },
			peers: { type: "string", default: "2" },
		},
	});
	const question = values.question?.trim() ?? "";
	if (values.docs === undefined || values.docs === "")
		throw new Error("Name a folder of documents with --docs.");
	if (question === "") throw new Error("Ask something with --question.");
	const peers = Number(values.peers);
	if (!Number.isInteger(peers) || peers < 1 || peers > MAX_PEERS)
		throw new Error(`--peers takes a whole number from 1 to ${MAX_PEERS}.`);
	const folder = resolve(values.docs);
	if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
	if (!statSync(folder).isDirectory())
		throw new Error(`${folder} is a file; --docs takes a folder.`);
	const all = list(folder).sort();
	const files = all.filter((path) => DOCUMENT.test(path));
	if (files.length === 0)
		throw new Error(
			`There are no documents (PDF, DOCX, Markdown, HTML, text) in ${folder}.`,
		);
	if (files.length < all.length)
		note(`Left out, being no documents: ${all.length - files.length}.`);
	return { folder, files, question, peers };
}

async function answer(asked: Asked): Promise<string> {
	const { folder, files, question, peers } = asked;
	note("Starting the browser…");
	const stage = await openStage();
	try {
		const names = new Map<string, string>();
		const [page] = await gatherSwarm(stage, peers, async (opened, index) => {
			const name = `Peer ${index + 1}`;
			await opened.evaluate((chosen) => shoal.rename(chosen), name);
			const { peer } = await opened.evaluate(() => shoal.me());
			names.set(peer, name);
			note(`${name} of ${peers} is in the swarm.`);
		});
		const documents = new Map<string, string>();
		for (const path of files) {
			const name = relative(folder, path).split(sep).join("/");
			const outcome = await addDocument(page, { name, source: path });
			if (outcome.ok) documents.set(outcome.id, name);
			note(
				outcome.ok
					? `Read ${name}: ${outcome.passages} passages.`
					: `Left out ${name}: ${outcome.message}`,
			);
		}
		if (documents.size === 0)
			throw new Error(`None of the files in ${folder} could be read.`);
		note(`Asking: ${question}`);
		const report = await ask(page, question);
		return markdownOf(report, { documents, peers: names });
	} finally {
		await stage.close();
	}
}

/** Asks, tells how it goes, and gives up where the swarm has no answer in ten minutes. */
async function ask(page: Page, question: string) {
	let last = "";
	await page.exposeFunction("tellProgress", (progress: Progress) => {
		const { activity, passages } = progress;
		const line = `${activity} (${passages.read} of ${passages.total} passages read)`;
		if (line !== last) note(line);
		last = line;
	});
	return page.evaluate(
		async ([asked, limitMs]) => {
			const { tellProgress } = globalThis as unknown as {
				tellProgress(progress: Progress): Promise<void>;
			};
			const job = shoal.research({ question: asked });
			const stop = job.progress((progress) => {
				tellProgress(progress).catch(console.error);
			});
			const late = new Promise<never>((_, reject) =>
				setTimeout(() => {
					reject(new Error("There was no answer within ten minutes."));
				}, limitMs),
			);
			try {
				return await Promise.race([job.done, late]);
			} finally {
				stop();
			}
		},
		[question, ANSWER_LIMIT_MS] as const,
	);
}

/** Errors of a page come with the name of the call and a stack; what a person needs is the first line's end. */
function wordsOf(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	const [first = "", ...rest] = message.split("\n");
	return first.startsWith("page.evaluate: ")
		? first.replace(/^page\.evaluate: (Error: )?/, "")
		: [first, ...rest].join("\n");
}

process.exitCode = await main(process.argv.slice(2));
