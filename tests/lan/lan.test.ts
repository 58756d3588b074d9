/**
 * Devices on a real network: an address each, a cable that can be pulled, mDNS candidates, plain HTTP. Skipped where
 * no network can be built.
 */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, findFirefox } from "../../scripts/browser.ts";
import {
	addFiles,
	allLinked,
	ask,
	checkCitations,
	openPage,
	textFile,
} from "../helpers/pages.ts";
import { candidatesOf, watchCandidates } from "./candidates.ts";
import { chromiumOn, firefoxOn, type Product, serve } from "./machines.ts";
import { type Host, Network, whyNot } from "./network.ts";

const log = textFile(
	"lock.md",
	"# Lock log\n\nThe west lock was closed for two days because a chain of the upper gate had broken. Boats waited in the basin.\n",
);

const reason = findChromium() === undefined ? "there is no Chromium" : whyNot();
if (reason !== undefined)
	console.warn(`The tests on a local network are skipped: ${reason}.`);

describe.skipIf(reason !== undefined)("a local network", () => {
	const browsers: Browser[] = [];
	let network: Network;
	let server: Host;
	let cable: Host;
	let product: Product;
	let host: Page;
	let guest: Page;

	beforeAll(async () => {
		network = new Network();
		server = network.addHost("server");
		cable = network.addHost("one");
		product = await serve(server, network.folder);
		const one = await chromiumOn(cable, network.folder);
		browsers.push(one);
		const two = await chromiumOn(network.addHost("two"), network.folder);
		browsers.push(two);
		const contexts = [await one.newContext(), await two.newContext()] as const;
		for (const context of contexts) await watchCandidates(context);
		host = await openPage(contexts[0], product.plain);
		const { invite } = await host.evaluate(() => shoal.createSwarm());
		guest = await openPage(contexts[1], invite);
	});

	afterAll(async () => {
		await Promise.all(browsers.map((browser) => browser.close()));
		await network?.close();
	});

	it("[L3] links two devices of an http address, which know each other by mDNS names", async () => {
		await allLinked([host, guest]);
		for (const page of [host, guest]) {
			expect(await page.evaluate(() => isSecureContext)).toBe(false);
			expect(await page.evaluate(() => "subtle" in crypto)).toBe(false);
			expect(await page.evaluate(() => "locks" in navigator)).toBe(false);
			expect(
				await page.evaluate(async () =>
					(await shoal.peers()).map(({ via }) => via),
				),
			).toEqual(["rtc"]);
			const found = await candidatesOf(page);
			expect(found.length).toBeGreaterThan(0);
			expect(found.filter((address) => !address.endsWith(".local"))).toEqual(
				[],
			);
		}
	});

	it("researches over a document of the other computer's", async () => {
		await addFiles(host, [log]);
		await expect
			.poll(() =>
				guest.evaluate(async () => (await shoal.documents.list()).length),
			)
			.toBe(1);
		const report = await ask(guest, "Why was the west lock closed?");
		expect(report.found).toBe(true);
		expect(await checkCitations(guest, report)).toBeGreaterThan(0);
	});

	it.each([
		["its cable was out", (from: Host) => from.cut()],
		["the way behind its switch was broken", (from: Host) => from.isolate()],
	])(
		"[S11] converges with a device after %s and both wrote",
		async (kind, part) => {
			const both = [host, guest];
			part(cable);
			// Into a link that nobody knows to be dead yet, and with nobody there.
			await write(both, `${kind}, unnoticed`);
			await alone(both);
			await write(both, `${kind}, alone`);
			cable.heal();
			await same(both, "notes");
			for (const page of both)
				expect(
					(await keysOf(page)).filter((key) => key.startsWith(kind)),
				).toEqual([
					...[`${kind}, alone 0`, `${kind}, alone 1`],
					...[`${kind}, unnoticed 0`, `${kind}, unnoticed 1`],
				]);
		},
	);

	const path = findFirefox();
	it.skipIf(path === undefined)("lets a Firefox in, over https", async () => {
		const firefox = await firefoxOn(
			network.addHost("three"),
			path ?? "",
			network.folder,
		);
		browsers.push(firefox);
		const context = await firefox.newContext({ ignoreHTTPSErrors: true });
		const invite = await host.evaluate(() => shoal.invite());
		const third = await openPage(
			context,
			`${product.secure}/${new URL(invite).hash}`,
		);
		await allLinked([host, guest, third]);
		await write([host, guest, third], "of three");
		await same([host, guest, third], "notes");
		await context.close();
	});

	it("[L7] goes on when the server's computer is gone", async () => {
		product.kill();
		server.unplug();
		await write([host, guest], "without a server");
		await same([host, guest], "notes");
		const report = await ask(host, "Where did the boats wait?");
		expect(report.found).toBe(true);
	});
});

/** One fact from each. */
async function write(pages: readonly Page[], key: string): Promise<void> {
	for (const [index, page] of pages.entries())
		await page.evaluate(
			([name, i]) => shoal.state.put("notes", `${name} ${i}`, i),
			[key, index] as const,
		);
}

async function keysOf(page: Page): Promise<string[]> {
	const entries = await page.evaluate(() => shoal.state.entries("notes"));
	return entries.map(({ key }) => key).sort();
}

async function alone(pages: readonly Page[]): Promise<void> {
	for (const page of pages)
		await expect
			.poll(() => page.evaluate(async () => (await shoal.peers()).length))
			.toBe(0);
}

/** Waits until all pages hold the same facts of a space. */
async function same(pages: readonly Page[], space: string): Promise<void> {
	await expect
		.poll(async () => {
			const digests = await Promise.all(
				pages.map((page) =>
					page.evaluate((name) => shoal.state.digest(name), space),
				),
			);
			return new Set(digests).size;
		})
		.toBe(1);
}
