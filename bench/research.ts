/** How fast documents are taken in and questions answered, by one device and by three. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Page } from "playwright";
import { list } from "../scripts/files.ts";
import {
	addDocument,
	gatherSwarm,
	openStage,
	type Stage,
	type StagedFile,
} from "../scripts/headless-swarm.ts";
import { root } from "../scripts/process.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	median,
	rounded,
	spread,
} from "./figure.ts";

const bench = "research";
const SIZES = [1, 3] as const;
/** The samples are few and short: so many copies of each, every one different, make a corpus. */
const COPIES = 40;

export const research: Bench = {
	about: "documents and passages a second, one device and three",
	defaultRuns: 3,
	measure,
};

/** What is read, and two questions about it: the first finds the texts on one device, the second on all. */
interface Corpus {
	readonly name: string;
	readonly files: readonly StagedFile[];
	readonly questions: readonly [string, string];
}

/** Milliseconds. */
interface Times {
	readonly add: number;
	readonly first: number;
	readonly second: number;
}

const metrics = {
	add: "documents added",
	first: "first question",
	second: "second question",
} as const;

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	const corpus = findCorpus();
	const stage = await openStage();
	try {
		onNote(
			`Chromium ${stage.browser.version()}, ${corpus.files.length} documents (${corpus.name}), ${runs} runs of each case`,
		);
		const times = new Map(SIZES.map((size) => [size, [] as Times[]]));
		let passages = 0;
		for (let run = 0; run < runs; run++)
			for (const size of SIZES) {
				onNote(`${peers(size)}, run ${run + 1}`);
				const measured = await once(stage, corpus, size);
				times.get(size)?.push(measured.times);
				passages = measured.passages;
			}
		yield {
			bench,
			case: "corpus",
			metric: "documents",
			unit: "",
			value: corpus.files.length,
		};
		yield {
			bench,
			case: "corpus",
			metric: "passages",
			unit: "",
			value: passages,
		};
		for (const [size, measured] of times)
			yield* figuresOf(size, measured, times.get(1) ?? [], {
				documents: corpus.files.length,
				passages,
			});
	} finally {
		await stage.close();
	}
}

function* figuresOf(
	size: number,
	measured: readonly Times[],
	alone: readonly Times[],
	counts: { readonly documents: number; readonly passages: number },
): Generator<Figure> {
	const name = peers(size);
	for (const key of ["add", "first", "second"] as const) {
		const times = measured.map((each) => each[key]);
		const compared =
			size === 1
				? {}
				: {
						ratio: median(alone.map((each) => each[key])) / median(times),
						against: peers(1),
					};
		const metric = metrics[key];
		yield* spread({ bench, case: name, metric, unit: "ms" }, times);
		for (const [what, count] of Object.entries(counts)) {
			const { ratio, ...against } = { ratio: undefined, ...compared };
			yield {
				bench,
				case: name,
				metric,
				unit: `${what}/s`,
				value: rounded((count * 1_000) / median(times)),
				...against,
				...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
			};
		}
	}
}

/** A swarm of its own for each run: what an earlier one read or kept helps nobody. */
async function once(
	stage: Stage,
	{ files, questions }: Corpus,
	size: number,
): Promise<{ times: Times; passages: number }> {
	const pages = await gatherSwarm(stage, size);
	try {
		const [page] = pages;
		let passages = 0;
		const add = await timed(async () => {
			for (const file of files) {
				const outcome = await addDocument(page, file);
				if (!outcome.ok) throw new Error(`${file.name}: ${outcome.message}`);
				passages += outcome.passages;
			}
		});
		const first = await timed(() => ask(page, questions[0]));
		const second = await timed(() => ask(page, questions[1]));
		return { times: { add, first, second }, passages };
	} finally {
		for (const page of pages) await page.context().close();
	}
}

async function ask(page: Page, question: string): Promise<void> {
	const found = await page.evaluate(
		async (asked) => (await shoal.research({ question: asked }).done).found,
		question,
	);
	// An answer that finds nothing is quick and shows nothing.
	if (!found) throw new Error(`There was no answer to: ${question}`);
}

async function timed(act: () => Promise<void>): Promise<number> {
	const begun = performance.now();
	await act();
	return performance.now() - begun;
}

/** Real specifications where they lie beside the project; else the samples that come with it, many times over. */
function findCorpus(): Corpus {
	const networking = join(root, "../shared/corpus/networking");
	if (existsSync(networking))
		return {
			name: "networking specifications",
			files: list(networking).map((path) => ({
				name: basename(path),
				source: path,
			})),
			questions: [
				"How does gossipsub v1.1 score a peer that does not forward messages?",
				"What keeps a circuit relay from being used without limits?",
			],
		};
	const samples = list(join(root, "public/samples")).filter(
		(path) => !path.endsWith(".json"),
	);
	return {
		name: `samples, ${COPIES} copies each`,
		files: Array.from({ length: COPIES }, (_, copy) =>
			samples.map((path) => ({
				name: `copy-${copy}-${basename(path)}`,
				source: Buffer.concat([
					readFileSync(path),
					Buffer.from(`\n\nThis is copy ${copy}.\n`),
				]),
			})),
		).flat(),
		questions: [
			"Why did the second greenhouse trial stop early, and what was changed for the third?",
			"Which conditions did the review board set for trial 3?",
		],
	};
}

const peers = (count: number): string =>
	count === 1 ? "1 peer" : `${count} peers`;
