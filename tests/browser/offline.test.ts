/** Without its server: the page that is open goes on, and opens again, and research works alone (L7). */
import type { Browser, BrowserContext } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import {
	addFiles,
	ask,
	checkCitations,
	openPage,
	sampleFiles,
	textFile,
} from "../helpers/pages.ts";
import { textPdf } from "../unit/documents/fixtures.ts";

const log = textFile(
	"winch.md",
	"# Winch log\n\nThe harbour winch stopped because its brake lining had worn through. The crew replaced the lining on Friday.\n",
);
const pdf = {
	name: "anchor.pdf",
	base64: Buffer.from(
		textPdf([
			[
				{
					text: "The anchor chain of the tender parted because a shackle had corroded.",
					y: 700,
				},
			],
		]),
	).toString("base64"),
};
const question = "Why did the harbour winch stop?";

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
});

afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

/** A page that has had its first idle moment: all it may ever need is here. */
async function settled(context: BrowserContext) {
	const page = await openPage(context, server.url);
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
		// The service worker is ready when everything is stored; a page without one fetches the list by itself.
		const files: string[] = await (await fetch("/assets.json")).json();
		for (;;) {
			const kept = await Promise.all(
				files.map((file) => caches.match(file, { ignoreSearch: true })),
			);
			if (kept.every((answer) => answer !== undefined)) return;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	});
	return page;
}

describe("a page whose server is gone", () => {
	it("[L7] takes in what it never took in before, and answers, without a reload", async () => {
		const page = await settled(await browser.newContext());
		const { port } = server;
		await server.stop();
		const outcomes = await addFiles(page, [log, pdf, ...sampleFiles()]);
		expect(outcomes.every(({ ok }) => ok)).toBe(true);
		for (const asked of [question, "Why did the anchor chain part?"]) {
			const report = await ask(page, asked);
			expect(report.found).toBe(true);
			expect(await checkCitations(page, report)).toBeGreaterThan(0);
		}
		server = await startServer({ port });
	});

	it("[L7] opens again from what it kept, and answers alone", async () => {
		const context = await browser.newContext();
		const page = await settled(context);
		await page.close();
		const { port } = server;
		await server.stop();
		const again = await openPage(context, server.url);
		await addFiles(again, [log]);
		const report = await ask(again, question);
		expect(report.found).toBe(true);
		expect(await checkCitations(again, report)).toBeGreaterThan(0);
		server = await startServer({ port });
	});
});
