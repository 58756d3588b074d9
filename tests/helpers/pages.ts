/** Real pages for browser tests: contexts are devices, pages of one context are tabs of one browser. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import { expect } from "vitest";
import { root } from "../../scripts/process.ts";
import type {} from "../../src/node/page.ts";

/** Opens a tab and waits until its node is ready. */
export async function openPage(
	context: BrowserContext,
	url: string,
): Promise<Page> {
	const page = await context.newPage();
	await page.goto(url);
	await ready(page);
	return page;
}

export async function ready(page: Page): Promise<void> {
	await page.waitForFunction(() => "shoal" in globalThis);
	await page.evaluate(() => shoal.ready);
}

/** Another device: a context of its own, joined through the invite. */
export async function joinPage(
	browser: Browser,
	invite: string,
): Promise<{ context: BrowserContext; page: Page }> {
	const context = await browser.newContext();
	const page = await openPage(context, invite);
	return { context, page };
}

/** Waits until every page sees all the others. */
export async function allLinked(pages: readonly Page[]): Promise<void> {
	const wanted = pages.length - 1;
	// A predicate that is asynchronous is true at once for `waitForFunction`, so the page watches itself.
	for (const page of pages)
		await page.evaluate(
			(others) =>
				new Promise<void>((resolve) => {
					const stop = shoal.watch(({ peers }) => {
						if (peers.length !== others) return;
						resolve();
						queueMicrotask(() => stop());
					});
				}),
			wanted,
		);
}

/** A file as `dropFiles` takes it. */
export interface TestFile {
	readonly name: string;
	readonly base64: string;
	readonly type?: string;
}

/** Adds files through the page API, as a drop does. */
export function addFiles(page: Page, files: readonly TestFile[]) {
	return page.evaluate(async (given) => {
		const list = given.map(({ name, base64, type }) => {
			const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
			return new File([bytes], name, type === undefined ? {} : { type });
		});
		return shoal.documents.addEach(list);
	}, files);
}

export const textFile = (name: string, text: string): TestFile => ({
	name,
	base64: Buffer.from(text, "utf8").toString("base64"),
});

/** Every file of a folder, or nothing where there is no such folder. */
function filesOf(folder: string): TestFile[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ name }) => ({
			name,
			base64: readFileSync(join(folder, name)).toString("base64"),
		}));
}

/** The documents the product comes with. */
export const sampleFiles = (): TestFile[] =>
	filesOf(join(root, "public/samples")).filter(
		({ name }) => !name.endsWith(".json"),
	);

/** Real documents beside the project, where present. */
export const corpusFiles = (): TestFile[] =>
	filesOf(join(root, "../shared/corpus/networking"));

/** Asks and waits for the report. */
export function ask(page: Page, question: string) {
	return page.evaluate(
		(asked) => shoal.research({ question: asked }).done,
		question,
	);
}

/** Asks without waiting; returns the job's id once it is stored. */
export async function begin(page: Page, question: string): Promise<string> {
	return page.evaluate(async (asked) => {
		const job = shoal.research({ question: asked });
		await new Promise<void>((resolve) => {
			const stop = job.progress(() => {
				resolve();
				queueMicrotask(() => stop());
			});
		});
		return job.id;
	}, question);
}

/** Every citation of a report is to the letter. Returns how many there are. */
export async function checkCitations(
	page: Page,
	report: Awaited<ReturnType<typeof ask>>,
): Promise<number> {
	const texts = new Map<string, string>();
	let count = 0;
	for (const section of report.sections)
		for (const sentence of section.sentences) {
			expect(sentence.citations.length).toBeGreaterThan(0);
			for (const { document, start, end, quote } of sentence.citations) {
				const text =
					texts.get(document) ??
					(await page.evaluate((id) => shoal.documents.text(id), document));
				texts.set(document, text);
				expect(text.slice(start, end)).toBe(quote);
				count++;
			}
		}
	return count;
}
