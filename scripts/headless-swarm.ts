/** A swarm of headless pages on this computer, each a device of its own, for the demo and the benchmarks. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import type {} from "../src/node/page.ts";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../tests/helpers/browser.ts";
import { ensureBuilt } from "./build.ts";
import { root } from "./process.ts";

/** A browser, and a relay on a free port that serves the page as it was built at the start. */
export interface Stage {
	readonly browser: Browser;
	readonly server: TestServer;
	close(): Promise<void>;
}

/**
 * Builds the page if needed and starts what pages need. The built page is copied, so that a build that somebody starts
 * meanwhile does not change what is measured.
 *
 * @throws Error in words where there is no Chromium, or the page does not build
 */
export async function openStage(): Promise<Stage> {
	const browser = await launchChromium().catch((error: unknown) => {
		throw new Error(
			`Chromium could not be started: ${error instanceof Error ? error.message : error}\nInstall Chromium or Google Chrome, or set SHOAL_CHROMIUM to its path.`,
		);
	});
	const closing: (() => Promise<unknown>)[] = [() => browser.close()];
	const close = async (): Promise<void> => {
		for (const end of closing.splice(0)) await end();
	};
	try {
		const { ok, output } = await ensureBuilt();
		if (!ok) throw new Error(`The page does not build:\n${output}`);
		const folder = await mkdtemp(join(tmpdir(), "shoal-stage-"));
		closing.push(() => rm(folder, { recursive: true, force: true }));
		await cp(join(root, "dist"), folder, { recursive: true });
		const server = await startServer({ folder });
		closing.push(() => server.stop());
		return { browser, server, close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** A device: a context with nothing in it, cache included. */
export async function newDevice(browser: Browser): Promise<BrowserContext> {
	const context = await browser.newContext();
	// tsx keeps the names of functions by calling this; functions sent to a page bring the call but not the callee.
	await context.addInitScript({
		content: "globalThis.__name ??= (named) => named;",
	});
	return context;
}

/** Opens a page of a device and waits for its node, 30 s at most. */
export async function openPage(
	context: BrowserContext,
	url: string,
): Promise<Page> {
	const page = await context.newPage();
	await page.goto(url);
	await page.waitForFunction(() => "shoal" in globalThis);
	await page.evaluate(() => shoal.ready);
	return page;
}

/**
 * A swarm of so many devices, all linked with each other; the first made it. Closing their contexts ends it.
 *
 * @throws Error where not all see each other within a minute
 */
export async function gatherSwarm(
	{ browser, server }: Stage,
	size: number,
	onPage: (page: Page, index: number) => Promise<void> = async () => undefined,
	prepare: (device: BrowserContext) => Promise<void> = async () => undefined,
): Promise<[Page, ...Page[]]> {
	const deviceOf = async (): Promise<BrowserContext> => {
		const device = await newDevice(browser);
		await prepare(device);
		return device;
	};
	const first = await openPage(await deviceOf(), server.url);
	await onPage(first, 0);
	const { invite } = await first.evaluate(() => shoal.createSwarm());
	const pages: [Page, ...Page[]] = [first];
	while (pages.length < size) {
		const page = await openPage(await deviceOf(), invite);
		pages.push(page);
		await untilLinked(page, pages.length - 1);
		await onPage(page, pages.length - 1);
	}
	return pages;
}

/**
 * Waits until a page is linked with so many others. The page watches itself: an asynchronous predicate is true at once
 * for `waitForFunction`.
 *
 * @throws Error after a minute
 */
export function untilLinked(page: Page, others: number): Promise<void> {
	return page.evaluate(async (wanted) => {
		const begun = performance.now();
		// Between two swarms a page is in none, and says so.
		while ((await shoal.peers().catch(() => [])).length < wanted) {
			if (performance.now() - begun > 60_000)
				throw new Error(`This page did not find ${wanted} others.`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}, others);
}

/** A file of this computer by its path, or one made up. */
export interface StagedFile {
	readonly name: string;
	readonly source: string | Buffer;
}

/** Adds one file through the page API, as a drop does; resolves with what became of it. */
export async function addDocument(page: Page, { name, source }: StagedFile) {
	const input = await page.evaluateHandle(() => {
		const element = document.createElement("input");
		element.type = "file";
		element.hidden = true;
		document.body.append(element);
		return element;
	});
	await input.setInputFiles(
		typeof source === "string"
			? source
			: { name, mimeType: "application/octet-stream", buffer: source },
	);
	const [outcome] = await page.evaluate(
		async ([element, given]) => {
			const files = [...(element.files ?? [])];
			element.remove();
			return shoal.documents.addEach(
				files.map((file) => new File([file], given)),
			);
		},
		[input, name] as const,
	);
	if (outcome === undefined) throw new Error(`${name} was not taken`);
	return outcome;
}
