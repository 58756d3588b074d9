/** Who belongs, in real pages: an invite admits one device, and a removed one is out for good (M1, M2, M3). */
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
let laptop: Page;
let phone: { context: BrowserContext; page: Page };
let tablet: { context: BrowserContext; page: Page };

const codeOfPut = (page: Page) =>
	page.evaluate(() =>
		shoal.state.put("notes", "late", 1).then(
			() => "written",
			(error: unknown) => (error as { code?: string }).code,
		),
	);
const note = (page: Page, key: string) =>
	page.evaluate(
		async (k) =>
			(await shoal.state.entries("notes")).find((each) => each.key === k)
				?.value,
		key,
	);
const members = (page: Page) =>
	page.evaluate(async () => (await shoal.members()).length);
const warnings = (page: Page) =>
	page.evaluate(
		() =>
			new Promise<string>((resolve) => {
				const stop = shoal.watch(({ warnings: all }) => {
					resolve(all.join("\n"));
					queueMicrotask(() => stop());
				});
			}),
	);

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
	laptop = await openPage(await browser.newContext(), server.url);
	await laptop.evaluate(() => shoal.createSwarm({ name: "Home" }));
	const [forPhone, forTablet] = await laptop.evaluate(() =>
		Promise.all([shoal.invite(), shoal.invite()]),
	);
	phone = await joinPage(browser, forPhone);
	tablet = await joinPage(browser, forTablet);
	await allLinked([laptop, phone.page, tablet.page]);
});

afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

describe("an invite", () => {
	it("[M2] admits one device, and tells the second why not", async () => {
		const invite = await laptop.evaluate(() => shoal.invite());
		const welcome = await joinPage(browser, invite);
		await expect.poll(() => members(laptop)).toBe(4);
		const late = await openPage(await browser.newContext(), server.url);
		const refused = await late.evaluate(
			(link) =>
				shoal.join(link).catch((error: unknown) => {
					const { code, message } = error as { code: string; message: string };
					return { code, message };
				}),
			invite,
		);
		expect(refused).toEqual({
			code: "bad-invite",
			message: "This invite has been used. Ask for a new one.",
		});
		await late.context().close();

		const { device } = await welcome.page.evaluate(() => shoal.me());
		await laptop.evaluate((id) => shoal.remove(id), device);
		await welcome.context.close();
		await expect.poll(() => members(phone.page)).toBe(3);
	});
});

describe("removing a device", () => {
	it("[M1] takes it out on every device, and leaves it what it had", async () => {
		await laptop.evaluate(() => shoal.state.put("notes", "early", "for all"));
		await expect.poll(() => note(tablet.page, "early")).toBe("for all");
		// The phone sleeps through it.
		await phone.page.close();
		const { device } = await tablet.page.evaluate(() => shoal.me());
		await laptop.evaluate((id) => shoal.remove(id), device);
		expect(await members(laptop)).toBe(2);
		await expect
			.poll(() => warnings(tablet.page))
			.toContain("removed this device");
		await laptop.evaluate(() => shoal.state.put("notes", "later", "for two"));
		expect(await codeOfPut(tablet.page)).toBe("not-a-member");
		expect(await note(tablet.page, "early")).toBe("for all");
	});

	it("[M3] lets a device that slept through it into the new epoch", async () => {
		phone.page = await openPage(phone.context, server.url);
		await allLinked([laptop, phone.page]);
		await expect.poll(() => note(phone.page, "later")).toBe("for two");
		expect(await members(phone.page)).toBe(2);
	});

	it("[M1] holds after a reload of the removed one", async () => {
		await tablet.page.reload();
		await ready(tablet.page);
		expect(await codeOfPut(tablet.page)).toBe("not-a-member");
		expect(await note(tablet.page, "early")).toBe("for all");
		expect(await note(tablet.page, "later")).toBeUndefined();
		expect(await tablet.page.evaluate(() => shoal.peers())).toEqual([]);
		expect(await warnings(tablet.page)).toContain("removed this device");
	});

	it("[M3] works with the relay gone, over the links that are there", async () => {
		const invite = await laptop.evaluate(() => shoal.invite());
		const other = await joinPage(browser, invite);
		await allLinked([laptop, phone.page, other.page]);
		await server.stop();
		const { device } = await other.page.evaluate(() => shoal.me());
		await laptop.evaluate((id) => shoal.remove(id), device);
		await expect.poll(() => members(phone.page)).toBe(2);
		await expect
			.poll(() => warnings(other.page))
			.toContain("removed this device");
		await phone.page.evaluate(() => shoal.state.put("notes", "alone", 2));
		await expect.poll(() => note(laptop, "alone")).toBe(2);
		expect(await note(other.page, "alone")).toBeUndefined();
	});
});
