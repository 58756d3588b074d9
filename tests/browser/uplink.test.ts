/** One uplink tab a browser profile (L7): closed, frozen, and closed with the relay dead, its siblings are back in seconds. */
import type { Browser, BrowserContext, Page } from "playwright";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import { allLinked, joinPage, openPage } from "../helpers/pages.ts";

const LIMIT_MS = 6_000;

let browser: Browser;
let server: TestServer;
let laptop: BrowserContext;
let tabs: [Page, Page, Page];
let others: Page[];

beforeEach(async () => {
	browser = await launchChromium();
	server = await startServer();
	laptop = await browser.newContext();
	const first = await openPage(laptop, server.url);
	const { invite } = await first.evaluate(() => shoal.createSwarm());
	const phone = await joinPage(browser, invite);
	const tablet = await joinPage(browser, invite);
	tabs = [
		first,
		await openPage(laptop, server.url),
		await openPage(laptop, server.url),
	];
	others = [phone.page, tablet.page];
	await allLinked([...tabs, ...others]);
	// A standby has its one link when the uplink fails.
	await expect
		.poll(async () => (await directLinks()).sort(), { timeout: 10_000 })
		.toEqual([0, 1, 2]);
	expect((await directLinks())[0]).toBe(2);
});

afterEach(async () => {
	await browser?.close();
	await server?.stop();
});

/** How many pages of other devices each tab has a direct link with. */
const directLinks = (): Promise<number[]> =>
	Promise.all(
		tabs.map((tab) =>
			tab.evaluate(
				async () =>
					(await shoal.peers()).filter(({ via }) => via === "rtc").length,
			),
		),
	);

const peerOf = (page: Page): Promise<string> =>
	page.evaluate(async () => (await shoal.me()).peer);

/** Whether a page answers another one soon. */
const answers = (page: Page, peer: string): Promise<boolean> =>
	page.evaluate(
		(to) =>
			shoal.request(to, "ping", null, { timeoutMs: 300 }).then(
				() => true,
				() => false,
			),
		peer,
	);

/** Waits until a page has an answer of all the others: it asks again until it has. */
const untilAnswered = (page: Page, peers: readonly string[]): Promise<void> =>
	page.evaluate(async (all) => {
		const { peer: self } = await shoal.me();
		await Promise.all(
			all.map(async (peer) => {
				for (let isAnswered = peer === self; !isAnswered; )
					isAnswered = await shoal
						.request(peer, "ping", null, { timeoutMs: 15_000 })
						.then(
							() => true,
							() => new Promise((resolve) => setTimeout(resolve, 50, false)),
						);
			}),
		);
	}, peers);

/**
 * The process that runs a page and its workers. Stopped, it is what a frozen tab is to others: silent, its locks held. (The
 * browser's own command for freezing does not stop the workers of a headless page.)
 */
async function rendererOf(page: Page): Promise<number> {
	const session = await browser.newBrowserCDPSession();
	const times = async (): Promise<Map<number, number>> => {
		const { processInfo } = await session.send("SystemInfo.getProcessInfo");
		return new Map(
			processInfo
				.filter(({ type }) => type === "renderer")
				.map(({ id, cpuTime }) => [id, cpuTime]),
		);
	};
	const before = await times();
	await page.evaluate(() => {
		const end = performance.now() + 1000;
		while (performance.now() < end);
	});
	const spent = [...(await times())].map(
		([id, time]) => [id, time - (before.get(id) ?? 0)] as const,
	);
	const [busiest] = spent.toSorted(([, a], [, b]) => b - a);
	if (busiest === undefined) throw new Error("no renderer");
	return busiest[0];
}

/** Has the uplink fail. @returns milliseconds until its siblings have answers of every page that is left */
async function msAfter(fail: () => Promise<unknown>): Promise<number> {
	const [, ...siblings] = tabs;
	const gone = await peerOf(tabs[0]);
	const left = await Promise.all([...siblings, ...others].map(peerOf));
	const begun = performance.now();
	await fail();
	// Browsers take a moment to stop a page: what is answered before that proves nothing.
	while (await answers(siblings[0], gone));
	await Promise.all(siblings.map((tab) => untilAnswered(tab, left)));
	return performance.now() - begun;
}

describe("the siblings of an uplink tab", () => {
	it("[L7] are back with every device within 6 s when it is closed", async () => {
		expect(await msAfter(() => tabs[0].close())).toBeLessThan(LIMIT_MS);
	});

	it("[L7] are back with every device within 6 s when it is frozen", async () => {
		const renderer = await rendererOf(tabs[0]);
		const freeze = async () => process.kill(renderer, "SIGSTOP");
		try {
			expect(await msAfter(freeze)).toBeLessThan(LIMIT_MS);
		} finally {
			process.kill(renderer, "SIGCONT");
		}
		// Thawed, it is one of them again.
		await allLinked([...tabs, ...others]);
	});

	it("[L7] are back with every device within 6 s when it is closed and the relay is dead", async () => {
		await server.stop();
		expect(await msAfter(() => tabs[0].close())).toBeLessThan(LIMIT_MS);
	});
});
