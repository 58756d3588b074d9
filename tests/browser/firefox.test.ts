/** Firefox beside Chromium: another engine's WebRTC, WebCrypto and storage, one swarm. Skipped where no Firefox is. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFirefox } from "../../scripts/browser.ts";
import {
	launchChromium,
	launchFirefox,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import {
	addFiles,
	allLinked,
	ask,
	checkCitations,
	openPage,
	ready,
	textFile,
} from "../helpers/pages.ts";

const log = textFile(
	"ferry.md",
	"# Ferry log\n\nThe night ferry was late because fog had closed the northern channel. It sailed again at dawn.\n",
);

const path = findFirefox();
const subject =
	path === undefined
		? "Firefox (skipped: none here, install firefox-esr or set SHOAL_FIREFOX)"
		: "Firefox";

describe.skipIf(path === undefined)(subject, () => {
	let chromium: Browser;
	let firefox: Browser;
	let server: TestServer;
	let host: Page;
	let guest: Page;
	const problems: string[] = [];

	beforeAll(async () => {
		server = await startServer();
		[chromium, firefox] = await Promise.all([
			launchChromium(),
			launchFirefox(path ?? ""),
		]);
		host = await openPage(await chromium.newContext(), server.url);
		const { invite } = await host.evaluate(() => shoal.createSwarm());
		const context = await firefox.newContext();
		context.on("weberror", (error) => problems.push(error.error().message));
		guest = await openPage(context, invite);
	});

	afterAll(async () => {
		await chromium?.close();
		await firefox?.close();
		await server?.stop();
	});

	it("[L3] links to Chromium over WebRTC", async () => {
		await allLinked([host, guest]);
		const via = (page: Page) =>
			page.evaluate(async () => (await shoal.peers()).map((peer) => peer.via));
		expect(await via(host)).toEqual(["rtc"]);
		expect(await via(guest)).toEqual(["rtc"]);
	});

	it("[E4] signs what Chromium verifies, and verifies what Chromium signs", async () => {
		await host.evaluate(() => shoal.state.put("notes", "chromium", 1));
		await guest.evaluate(() => shoal.state.put("notes", "firefox", 2));
		for (const page of [host, guest])
			await expect
				.poll(() =>
					page.evaluate(async () =>
						(await shoal.state.entries("notes"))
							.map(({ key, value }) => `${key} ${value}`)
							.sort(),
					),
				)
				.toEqual(["chromium 1", "firefox 2"]);
		const [one, other] = await Promise.all(
			[host, guest].map((page) =>
				page.evaluate(() => shoal.state.digest("notes")),
			),
		);
		expect(one).toBe(other);
	});

	it("researches over a document of the other's", async () => {
		await addFiles(host, [log]);
		await expect
			.poll(() =>
				guest.evaluate(async () => (await shoal.documents.list()).length),
			)
			.toBe(1);
		const report = await ask(guest, "Why was the night ferry late?");
		expect(report.found).toBe(true);
		expect(await checkCitations(guest, report)).toBeGreaterThan(0);
	});

	it("[E1] resumes its session after a reload, and links again", async () => {
		const before = await guest.evaluate(() => shoal.me());
		await guest.reload();
		await ready(guest);
		expect(await guest.evaluate(() => shoal.me())).toEqual(before);
		await allLinked([host, guest]);
		expect(problems).toEqual([]);
	});
});
