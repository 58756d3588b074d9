/** A draft opened to people outside the swarm: an unmodified y-webrtc page of somebody's own, and the page of the link. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DraftShare } from "../../src/node/api.ts";
import {
	MAX_ROOM_BYTES,
	ROOM_WARNING_BYTES,
} from "../../src/wire/constants.ts";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import { allLinked, joinPage, openPage } from "../helpers/pages.ts";
import type {} from "./fixtures/outside/page.ts";

let browser: Browser;
let server: TestServer;
let theirServer: Server;
let folder: string;
let laptop: BrowserContext;
let first: Page;
let phone: Page;
let id: string;
let share: DraftShare;

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
	laptop = await browser.newContext();
	first = await openPage(laptop, server.url);
	const { invite } = await first.evaluate(() => shoal.createSwarm());
	phone = (await joinPage(browser, invite)).page;
	await allLinked([first, phone]);
	({ folder, theirServer } = await serveTheirs());
}, 120_000);

afterAll(async () => {
	await browser?.close();
	await server?.stop();
	theirServer?.close();
	if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Builds somebody's own page and serves it from a server that has nothing to do with the relay. */
async function serveTheirs() {
	const { build } = await import("vite");
	const out = await mkdtemp(join(tmpdir(), "shoal-outside-"));
	await build({
		configFile: false,
		logLevel: "error",
		root: fileURLToPath(new URL("fixtures/outside", import.meta.url)),
		build: { outDir: out, emptyOutDir: true },
	});
	const types: Record<string, string> = {
		".html": "text/html",
		".js": "text/javascript",
	};
	const made = createServer((request, response) => {
		const path = request.url === "/" ? "/index.html" : (request.url ?? "");
		readFile(join(out, path)).then(
			(body) => {
				response.setHeader(
					"content-type",
					types[extname(path)] ?? "text/plain",
				);
				response.end(body);
			},
			() => response.writeHead(404).end(),
		);
	});
	await new Promise<void>((resolve) => {
		made.listen(0, "localhost", resolve);
	});
	return { folder: out, theirServer: made };
}

/** A browser profile of somebody outside, with a page of their own. */
async function theirPage(): Promise<Page> {
	const context = await browser.newContext();
	const page = await context.newPage();
	const { port } = theirServer.address() as AddressInfo;
	await page.goto(`http://localhost:${port}/`);
	await page.waitForFunction(() => "enter" in globalThis);
	return page;
}

const enter = (page: Page, { signaling, room, password }: DraftShare) =>
	page.evaluate(
		([a = "", b = "", c = ""]) => globalThis.enter(a, b, c),
		[signaling, room, password],
	);
const theirText = (page: Page) =>
	page.evaluate(() => globalThis.theirs.getText("draft").toString());
const textOf = (page: Page) =>
	page.evaluate(async (draft) => (await shoal.drafts.read(draft)).text, id);

describe("a draft opened to people outside", () => {
	let outside: Page;

	it("lets in an unmodified y-webrtc page that knows the room and its password", async () => {
		id = await first.evaluate(
			async () =>
				(await shoal.drafts.create({ title: "Letter", text: "Dear board," }))
					.id,
		);
		await first.evaluate(() => shoal.drafts.create({ text: "PRIVATE words" }));
		await first.evaluate(() => shoal.state.put("notes", "a", "PRIVATE fact"));
		share = await first.evaluate((draft) => shoal.drafts.share(draft), id);
		outside = await theirPage();
		await enter(outside, share);
		await expect.poll(() => theirText(outside)).toBe("Dear board,");
	});

	it("carries edits both ways, to every device, marked as from outside", async () => {
		await outside.evaluate(() =>
			globalThis.theirs.getText("draft").insert(11, " hello from Kim."),
		);
		for (const page of [first, phone])
			await expect.poll(() => textOf(page)).toBe("Dear board, hello from Kim.");
		const spans = await phone.evaluate(
			async (draft) => (await shoal.drafts.read(draft)).spans,
			id,
		);
		expect(
			spans.map(({ start, end, outside: from }) => [start, end, from]),
		).toEqual([
			[0, 11, false],
			[11, 27, true],
		]);
		await phone.evaluate(
			(draft) =>
				shoal.drafts.edit(draft, { at: 0, remove: 4, insert: "Hello" }),
			id,
		);
		await expect
			.poll(() => theirText(outside))
			.toBe("Hello board, hello from Kim.");
	});

	it("shows them this text and nothing else", async () => {
		const known = await outside.evaluate(() => ({
			roots: [...globalThis.theirs.share.keys()],
			// Every word that its document holds, in whatever root.
			words: JSON.stringify(
				[...globalThis.theirs.store.clients.values()]
					.flat()
					.map((struct) => ("content" in struct ? struct.content : null)),
				(key, value: unknown) =>
					["left", "right", "parent", "doc"].includes(key) ? undefined : value,
			),
		}));
		expect(known.roots).toEqual(["draft"]);
		expect(known.words).toContain("hello from Kim");
		expect(known.words).not.toContain("PRIVATE");
	});

	it("gives the swarm nothing but text of that draft, whatever they write", async () => {
		const spaces = () =>
			first.evaluate(async () => [
				(await shoal.drafts.list()).length,
				(await shoal.members()).length,
				await shoal.state.entries("swarm").catch(() => "refused"),
				(await shoal.state.entries("notes")).length,
			]);
		const before = await spaces();
		const other = await theirPage();
		await enter(other, share);
		await expect.poll(() => theirText(other)).toContain("hello from Kim");
		await other.evaluate(() => {
			// What the corners of a swarm's documents look like.
			globalThis.theirs.getMap("facts").set("job", { question: "?" });
		});
		// Something that is not text ends the room, with a word.
		await expect
			.poll(() =>
				phone.evaluate(async (draft) => {
					const { share: open, closedBecause } = await shoal.drafts.read(draft);
					return open === null ? closedBecause : "open";
				}, id),
			)
			.toMatch(/plain text/);
		expect(await spaces()).toEqual(before);
		await other.context().close();
	});

	it("opens again as a fresh room, to which the old password is no key", async () => {
		const again = await first.evaluate(
			(draft) => shoal.drafts.share(draft),
			id,
		);
		expect(again.room).not.toBe(share.room);
		expect(again.password).not.toBe(share.password);
		const stranger = await theirPage();
		await enter(stranger, { ...again, password: share.password });
		const guest = await theirPage();
		await enter(guest, again);
		await expect.poll(() => theirText(guest)).toContain("hello from Kim");
		expect(await theirText(stranger)).toBe("");
		expect(await stranger.evaluate(() => globalThis.linked())).toBe(0);
		await stranger.context().close();
		await outside.context().close();
		outside = guest;
		share = again;
	});

	it("is the text of the link, in any browser, without a swarm", async () => {
		const context = await browser.newContext();
		const guest = await context.newPage();
		await guest.goto(share.url);
		const field = guest.getByRole("textbox", { name: "The shared text" });
		await expect.poll(() => field.inputValue()).toContain("hello from Kim");
		await guest.getByText(/^Connected/).waitFor();
		expect(await guest.evaluate(() => "shoal" in globalThis)).toBe(false);
		await field.focus();
		await guest.keyboard.press("Control+End");
		await guest.keyboard.type(" And Ada.");
		for (const page of [first, phone])
			await expect.poll(() => textOf(page)).toMatch(/ And Ada\.$/);
		await expect.poll(() => theirText(outside)).toMatch(/ And Ada\.$/);
		// The caret stays at its word while others write before it.
		await outside.evaluate(() =>
			globalThis.theirs.getText("draft").insert(0, "Note: "),
		);
		await expect.poll(() => field.inputValue()).toMatch(/^Note: /);
		await guest.keyboard.type("!");
		await expect.poll(() => textOf(phone)).toMatch(/ And Ada\.!$/);
		await context.close();
	});

	it("goes on in another tab of the device once the one that held it is closed", async () => {
		const second = await openPage(laptop, server.url);
		await first.close({ runBeforeUnload: true });
		await second.evaluate(
			(draft) =>
				shoal.drafts.edit(draft, { at: 0, remove: 0, insert: "Tab two. " }),
			id,
		);
		await expect
			.poll(() => theirText(outside), { timeout: 40_000 })
			.toMatch(/^Tab two\. /);
		await outside.evaluate(() =>
			globalThis.theirs.getText("draft").insert(0, "Still here. "),
		);
		await expect.poll(() => textOf(phone)).toMatch(/^Still here\. /);
		first = second;
	});

	it("ends when a member closes it: what they write stays outside", async () => {
		// A page that knows of nobody who went away without a word.
		await outside.context().close();
		outside = await theirPage();
		await enter(outside, share);
		await expect.poll(() => theirText(outside)).toMatch(/^Still here\. /);
		expect(await outside.evaluate(() => globalThis.linked())).toBe(1);
		await phone.evaluate((draft) => shoal.drafts.unshare(draft), id);
		await expect
			.poll(() => outside.evaluate(() => globalThis.linked()))
			.toBe(0);
		const before = await textOf(phone);
		await outside.evaluate(() =>
			globalThis.theirs.getText("draft").insert(0, "TOO LATE "),
		);
		await phone.evaluate(
			(draft) => shoal.drafts.edit(draft, { at: 0, remove: 0, insert: "In. " }),
			id,
		);
		await expect.poll(() => textOf(first)).toBe(`In. ${before}`);
		expect(await theirText(outside)).not.toContain("In. ");
		await outside.context().close();
	});

	it("[Y1] warns before the text is as large as y-webrtc carries, and closes before it breaks", async () => {
		const states = await first.evaluate(
			async ([warning = 0, limit = 0]) => {
				const { drafts } = shoal;
				const { id: made } = await drafts.create({
					text: "x".repeat(warning - 2_000),
				});
				await drafts.share(made);
				const seen: string[] = [(await drafts.read(made)).size.state];
				await drafts.edit(made, {
					at: 0,
					remove: 0,
					insert: "y".repeat(4_000),
				});
				seen.push((await drafts.read(made)).size.state);
				await drafts.edit(made, {
					at: 0,
					remove: 0,
					insert: "z".repeat(limit - warning),
				});
				const view = await drafts.read(made);
				seen.push(view.size.state, String(view.closedBecause));
				seen.push(
					await drafts.share(made).then(
						() => "opened",
						(error: unknown) => (error as { code: string }).code,
					),
				);
				return seen;
			},
			[ROOM_WARNING_BYTES, MAX_ROOM_BYTES],
		);
		expect(states).toEqual([
			"fine",
			"near",
			"over",
			expect.stringContaining("y-webrtc"),
			"too-large",
		]);
	});
});
