/** Devices and tabs as people have them: one link joins them all, and what one writes the others read. */
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import { allLinked, joinPage, openPage, ready } from "../helpers/pages.ts";

let browser: Browser;
let server: TestServer;
let laptop: BrowserContext;
let pages: Page[];

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
	laptop = await browser.newContext();
	const first = await openPage(laptop, server.url);
	const { invite } = await first.evaluate(() => shoal.createSwarm());
	const phone = await joinPage(browser, invite);
	const tablet = await joinPage(browser, invite);
	const second = await openPage(laptop, server.url);
	const third = await openPage(laptop, server.url);
	pages = [first, phone.page, tablet.page, second, third];
});

afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

const page = (index: number): Page => {
	const found = pages[index];
	if (found === undefined) throw new Error(`no page ${index}`);
	return found;
};

describe("a swarm of three devices and two more tabs", () => {
	it("[L6] lets every page see the other four, by the right way", async () => {
		await allLinked(pages);
		const via = await page(0).evaluate(async () =>
			(await shoal.peers()).map((peer) => peer.via).sort(),
		);
		expect(via).toEqual(["rtc", "rtc", "tab", "tab"]);
		// The laptop's uplink has a direct link with both other devices, its standby with one of them (L7).
		const fromOthers = async () =>
			(
				await Promise.all(
					[page(1), page(2)].map((other) =>
						other.evaluate(async () =>
							(await shoal.peers()).map((peer) => peer.via),
						),
					),
				)
			)
				.flat()
				.sort();
		await expect
			.poll(fromOthers, { timeout: 15_000 })
			.toEqual([...Array(3).fill("forwarded"), ...Array(5).fill("rtc")]);
	});

	it("[M2] erases the invite from the address", async () => {
		expect(await page(1).evaluate(() => location.hash)).toBe("");
	});

	it("counts three members, and knows which pages are whose", async () => {
		const members = await page(2).evaluate(() => shoal.members());
		expect(members.map(({ peers }) => peers.length).sort()).toEqual([1, 1, 3]);
	});

	it("answers ping with pong over every link", async () => {
		const answers = await page(0).evaluate(async () =>
			Promise.all(
				(await shoal.peers()).map(({ peer }) => shoal.request(peer, "ping")),
			),
		);
		expect(answers).toEqual(["pong", "pong", "pong", "pong"]);
	});

	it("[S2] shows what one page put on every other, with equal digests", async () => {
		for (const [index, each] of pages.entries())
			await each.evaluate(
				(i) => shoal.state.put("notes", `key-${i}`, { from: i }),
				index,
			);
		for (const each of pages)
			await expect
				.poll(() =>
					each.evaluate(
						async () => (await shoal.state.entries("notes")).length,
					),
				)
				.toBe(5);
		const digests = await Promise.all(
			pages.map((each) => each.evaluate(() => shoal.state.digest("notes"))),
		);
		expect(new Set(digests).size).toBe(1);
		await expect
			.poll(() => page(0).evaluate(() => shoal.state.copies("notes")), {
				timeout: 10_000,
			})
			.toBe(3);
	});

	it("[A4] delivers events by topic pattern", async () => {
		await page(1).evaluate(() => {
			const heard: unknown[] = [];
			Object.assign(globalThis, { heard });
			shoal.subscribe("news.*", (event) => heard.push(event.data));
		});
		await expect
			.poll(async () => {
				await page(0).evaluate(() => shoal.publish("news.today", { n: 1 }));
				return page(1).evaluate(
					() => (globalThis as unknown as { heard: unknown[] }).heard.length,
				);
			})
			.toBeGreaterThan(0);
	});

	it("gives rejections a code", async () => {
		const codes = await page(0).evaluate(async () => {
			const code = (error: unknown) => (error as { code?: string }).code;
			return [
				await shoal.request("0".repeat(64), "ping").catch(code),
				await shoal.join("nonsense").catch(code),
				await shoal.state.put("", "k", 1).catch(code),
				await shoal.documents.text("no").catch(code),
				await shoal.rename("").catch(code),
			];
		});
		expect(codes).toEqual([
			"no-such-peer",
			"bad-invite",
			"bad-input",
			"no-such-document",
			"bad-input",
		]);
	});

	it("[E1] resumes its session after a reload, and links again", async () => {
		const before = await page(1).evaluate(() => shoal.me());
		await page(1).reload();
		await ready(page(1));
		const after = await page(1).evaluate(() => shoal.me());
		expect(after).toEqual(before);
		await allLinked(pages);
		expect(
			await page(1).evaluate(
				async () => (await shoal.state.entries("notes")).length,
			),
		).toBe(5);
	});

	it("[L7] goes on with the relay gone", async () => {
		await server.stop();
		await page(2).evaluate(() => shoal.state.put("notes", "late", true));
		await expect
			.poll(() =>
				page(0).evaluate(async () =>
					(await shoal.state.entries("notes")).some(
						({ key }) => key === "late",
					),
				),
			)
			.toBe(true);
	});
});
