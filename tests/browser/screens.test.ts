/** The screens as a person meets them: first visit, samples, a question, a source; on a phone; by keyboard; for axe. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violationsOf } from "../helpers/axe.ts";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import { joinPage, openPage } from "../helpers/pages.ts";

let browser: Browser;
let server: TestServer;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
	const context = await browser.newContext({
		viewport: { width: 1280, height: 800 },
	});
	context.on("console", (message) => {
		if (message.type() === "error") problems.push(message.text());
	});
	context.on("weberror", (error) => problems.push(error.error().message));
	page = await openPage(context, server.url);
});

afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

const violations = (): Promise<string[]> => violationsOf(page);

describe("the screens", () => {
	it("opens on a working swarm of one, with samples one click away", async () => {
		await page.getByRole("button", { name: /sample documents/i }).click();
		await expect
			.poll(() =>
				page.evaluate(async () => (await shoal.documents.list()).length),
			)
			.toBeGreaterThan(2);
		expect(await violations()).toEqual([]);
	});

	it("answers a suggested question, and opens the source of a sentence", async () => {
		await page.getByRole("button", { name: /stop early/i }).click();
		const sentence = page
			.locator("article")
			.getByText(/pump|day 33/i)
			.first();
		await sentence.waitFor();
		await page
			.getByText(/passages read · /)
			.first()
			.waitFor();
		await sentence.click();
		await page
			.getByText(/word for word/i)
			.first()
			.waitFor();
		expect(await violations()).toEqual([]);
	});

	it("finds the report again after a reload", async () => {
		await page.reload();
		await page
			.locator("article")
			.getByText(/pump|day 33/i)
			.first()
			.waitFor();
	});

	it("passes axe on the swarm screen in both themes, as a graph and as a table", async () => {
		await page.getByRole("link", { name: "Swarm", exact: true }).click();
		await page
			.getByText(/1 device/)
			.first()
			.waitFor();
		for (const colorScheme of ["dark", "light"] as const) {
			await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			expect(await violations()).toEqual([]);
		}
		await page.getByRole("button", { name: /as a table/i }).click();
		await page.getByRole("table").first().waitFor();
		expect(await violations()).toEqual([]);
	});

	it("has two devices on both sides of the middle of the picture", async () => {
		await page.getByRole("button", { name: /as a picture/i }).click();
		const other = await joinPage(
			browser,
			await page.evaluate(() => shoal.invite()),
		);
		const cells = page.locator("a.cell");
		await expect.poll(() => cells.count()).toBe(2);
		const middleOf = (selector: string) =>
			page.locator(selector).evaluateAll((elements) => {
				const middles = elements.map((element) => {
					const { left, right } = element.getBoundingClientRect();
					return (left + right) / 2;
				});
				return middles.reduce((sum, one) => sum + one, 0) / middles.length;
			});
		await expect
			.poll(async () =>
				Math.abs(
					(await middleOf("a.cell .body")) - (await middleOf(".picture")),
				),
			)
			.toBeLessThan(12);
		await other.context.close();
	});

	it("shows a code and a link to add a device", async () => {
		await page.getByRole("button", { name: "Add a device" }).first().click();
		const dialog = page.getByRole("dialog");
		await dialog.locator("svg").first().waitFor();
		await dialog
			.getByText(/only this computer/i)
			.first()
			.waitFor();
		expect(await violations()).toEqual([]);
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "hidden" });
	});

	it("opens the command palette by keyboard", async () => {
		await page.keyboard.press("Control+k");
		await page.getByRole("dialog").waitFor();
		expect(await violations()).toEqual([]);
		await page.keyboard.press("Escape");
		await page.getByRole("dialog").waitFor({ state: "hidden" });
	});

	it("fits a phone, with targets large enough for a thumb", async () => {
		await page.setViewportSize({ width: 390, height: 844 });
		for (const place of ["Research", "Drafts", "Swarm"]) {
			await page.getByRole("link", { name: place, exact: true }).click();
			const overflow = await page.evaluate(
				() => document.documentElement.scrollWidth - innerWidth,
			);
			expect(overflow).toBeLessThanOrEqual(0);
			expect(await violations()).toEqual([]);
		}
		const box = await page
			.getByRole("link", { name: "Research", exact: true })
			.boundingBox();
		expect(box?.height).toBeGreaterThanOrEqual(44);
	});

	it("never scrolls as a whole, whatever stands in its columns", async () => {
		await page.setViewportSize({ width: 1000, height: 500 });
		await page.getByRole("link", { name: "Research", exact: true }).click();
		await page.locator("a.sentence").last().click();
		await page.getByRole("button", { name: /close the source/i }).waitFor();
		expect(
			await page.evaluate(() => {
				const { scrollHeight, scrollTop } = document.documentElement;
				return { beyond: scrollHeight - innerHeight, scrollTop };
			}),
		).toEqual({ beyond: 0, scrollTop: 0 });
	});

	it("said nothing in the console", () => {
		expect(problems).toEqual([]);
	});

	it("[L7] opens what was not in its first load when its server is gone", async () => {
		const alone = await startServer();
		// Where there is no service worker, too.
		const context = await browser.newContext({ serviceWorkers: "block" });
		const opened = await openPage(context, alone.url);
		const isKept = () =>
			opened.evaluate(async () => {
				const files: string[] = await (await fetch("/assets.json")).json();
				const fetched = new Set(
					performance
						.getEntriesByType("resource")
						.map(({ name }) => new URL(name).pathname),
				);
				return files.length > 0 && files.every((file) => fetched.has(file));
			});
		await expect.poll(isKept).toBe(true);
		await alone.stop();
		await opened.getByRole("link", { name: "Swarm", exact: true }).click();
		await opened.locator("a.cell").first().waitFor();
		await opened.getByRole("button", { name: "Commands" }).click();
		await opened.getByRole("dialog").waitFor();
		await context.close();
	});
});
