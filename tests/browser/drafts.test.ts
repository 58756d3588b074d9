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
import { violationsOf } from "../helpers/axe.ts";
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
const requested: string[] = [];
const complaints: string[] = [];

declare global {
	/** What each connection of this page was made with. */
	var madeWith: RTCConfiguration[];
}

/** A browser profile whose connections, requests and complaints are recorded. */
async function recorded(): Promise<BrowserContext> {
	const context = await browser.newContext();
	await context.addInitScript(() => {
		const made: RTCConfiguration[] = [];
		globalThis.madeWith = made;
		globalThis.RTCPeerConnection = class extends RTCPeerConnection {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				made.push(this.getConfiguration());
			}
		};
	});
	context.on("request", (request) => requested.push(request.url()));
	context.on("console", (message) => {
		if (message.type() === "error") complaints.push(message.text());
	});
	context.on("weberror", (error) => complaints.push(error.error().message));
	return context;
}

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
	laptop = await recorded();
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

	it("[Y4] goes on after a link was lost, where both ends then begin a new one at once", async () => {
		for (const word of ["One. ", "Two. ", "Three. "]) {
			await outside.evaluate(() => globalThis.drop());
			await outside.evaluate(
				(insert) => globalThis.theirs.getText("draft").insert(0, insert),
				word,
			);
			await expect.poll(() => textOf(phone)).toContain(word);
			await phone.evaluate(
				([draft = "", { length } = ""]) =>
					shoal.drafts.edit(draft, { at: 0, remove: length, insert: "" }),
				[id, word],
			);
			await expect.poll(() => theirText(outside)).not.toContain(word);
		}
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

	it("[E3] ends when somebody fills the page that holds it with what is no text", async () => {
		const abuses: (() => void)[] = [
			() => globalThis.present({ user: "x".repeat(10_000) }),
			() => {
				for (let n = 0; n < 3; n++)
					globalThis.sendRaw(globalThis.orphan(150_000));
			},
		];
		for (const abuse of abuses) {
			const made = await first.evaluate(
				async () => (await shoal.drafts.create({ text: "ours" })).id,
			);
			const other = await theirPage();
			await enter(
				other,
				await first.evaluate((draft) => shoal.drafts.share(draft), made),
			);
			await expect.poll(() => theirText(other)).toBe("ours");
			await other.evaluate(abuse);
			await expect
				.poll(() =>
					first.evaluate(
						async (draft) => (await shoal.drafts.read(draft)).closedBecause,
						made,
					),
				)
				.toMatch(/^Somebody outside sent/);
			expect(
				await first.evaluate(
					async (draft) => (await shoal.drafts.read(draft)).text,
					made,
				),
			).toBe("ours");
			await other.context().close();
		}
	});

	it("is the text of the link, in any browser, without a swarm", async () => {
		const context = await recorded();
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
		// [L9] [X1] Neither side of a room contacts anybody but the relay.
		for (const page of [first, guest]) {
			const made = await page.evaluate(() => globalThis.madeWith);
			expect(made.length).toBeGreaterThan(0);
			for (const { iceServers } of made) expect(iceServers).toEqual([]);
		}
		const origins = requested.map((url) => new URL(url).origin);
		expect(new Set(origins)).toEqual(new Set([new URL(server.url).origin]));
		// All that y-webrtc has to say of a page with the wrong password.
		expect(complaints.filter((words) => words !== "OperationError")).toEqual(
			[],
		);
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
		// Another open draft keeps the page's connection to the relay.
		await first.evaluate(async () => {
			const { id: other } = await shoal.drafts.create({ text: "open too" });
			await shoal.drafts.share(other);
		});
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

describe("the drafts' screen", () => {
	let outside: Page;
	const field = (page: Page) =>
		page.getByRole("textbox", { name: "Minutes", exact: true });

	it("begins a draft, in which two devices type at once and keep their carets", async () => {
		await first.getByRole("link", { name: "Drafts", exact: true }).click();
		await first
			.getByRole("textbox", { name: "Title of a new draft" })
			.fill("Minutes");
		await first.getByRole("button", { name: "Begin a draft" }).click();
		await field(first).fill("one\ntwo\n");
		await phone.getByRole("link", { name: "Drafts", exact: true }).click();
		await phone.getByRole("link", { name: /Minutes/ }).click();
		await expect.poll(() => field(phone).inputValue()).toBe("one\ntwo\n");

		await field(first).focus();
		await first.keyboard.press("Control+Home");
		await field(phone).focus();
		await phone.keyboard.press("Control+End");
		for (const letter of "abcdefgh") {
			await first.keyboard.type(letter);
			await phone.keyboard.type(letter.toUpperCase());
		}
		for (const page of [first, phone])
			await expect
				.poll(() => field(page).inputValue())
				.toBe("abcdefghone\ntwo\nABCDEFGH");
	});

	it("opens it to people outside, and marks what they write", async () => {
		await first.getByRole("button", { name: "Open to people outside" }).click();
		const url = await first.getByLabel("Link", { exact: true }).inputValue();
		await first.getByText("For a y-webrtc page of their own").click();
		const value = (name: string) =>
			first.getByLabel(name, { exact: true }).inputValue();
		const [password, room, signaling] = [
			await value("Password"),
			await value("Room"),
			await value("Signalling server"),
		];
		expect(url).toContain(`#draft=${room}.${password}`);
		outside = await theirPage();
		await enter(outside, { room, password, signaling } as DraftShare);
		await expect.poll(() => theirText(outside)).toContain("ABCDEFGH");
		await outside.evaluate(() =>
			globalThis.theirs.getText("draft").insert(0, "Kim was here. "),
		);
		for (const page of [first, phone]) {
			await expect
				.poll(() => page.locator(".under mark").allTextContents())
				.toEqual(["Kim was here. "]);
			await page.getByText("“Kim was here.”").waitFor();
		}
		await first.getByText("1 person is here from outside.").waitFor();
	});

	it("passes axe in both themes, and fits a phone", async () => {
		for (const colorScheme of ["dark", "light"] as const) {
			await first.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			expect(await violationsOf(first)).toEqual([]);
		}
		await first.setViewportSize({ width: 390, height: 844 });
		expect(await violationsOf(first)).toEqual([]);
		expect(
			await first.evaluate(
				() => document.documentElement.scrollWidth - innerWidth,
			),
		).toBeLessThanOrEqual(0);
		await first.getByRole("link", { name: "Drafts" }).first().click();
		await first.getByRole("link", { name: /Minutes/ }).waitFor();
		expect(await violationsOf(first)).toEqual([]);
		await first.setViewportSize({ width: 1280, height: 800 });
		await first.getByRole("link", { name: /Minutes/ }).click();
	});

	it("has for people outside a page that passes axe and fits a phone, too", async () => {
		const context = await browser.newContext({
			viewport: { width: 390, height: 844 },
		});
		const guest = await context.newPage();
		const link = first.getByLabel("Link", { exact: true });
		await guest.goto(await link.inputValue());
		await guest.getByText(/^Connected/).waitFor();
		for (const colorScheme of ["dark", "light"] as const) {
			await guest.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			expect(await violationsOf(guest)).toEqual([]);
		}
		expect(
			await guest.evaluate(
				() => document.documentElement.scrollWidth - innerWidth,
			),
		).toBeLessThanOrEqual(0);
		await outside.evaluate(() => {
			const text = globalThis.theirs.getText("draft");
			text.insert(text.length, "\n\nline".repeat(60));
		});
		await expect
			.poll(() =>
				guest.locator("main").evaluate((main) => {
					main.scrollTo(0, main.scrollHeight);
					return main.scrollTop;
				}),
			)
			.toBeGreaterThan(1_000);
		await guest.goto(`${server.url}/#draft=shoal-draft-cut-short`);
		await guest.getByText(/This link is not complete/).waitFor();
		await context.close();
	});

	it("[Y1] warns when it is nearly too large, and says so when it had to close", async () => {
		const grow = (length: number) =>
			outside.evaluate(
				(count) =>
					globalThis.theirs.getText("draft").insert(0, "x".repeat(count)),
				length,
			);
		for (let grown = 0; grown < ROOM_WARNING_BYTES; grown += 50_000) {
			const before = (await field(first).inputValue()).length;
			await grow(50_000);
			await expect
				.poll(async () => (await field(first).inputValue()).length)
				.toBe(before + 50_000);
		}
		await first
			.getByRole("alert")
			.getByText(/Nearly too large to stay open to people outside/)
			.waitFor();
		expect(await violationsOf(first)).toEqual([]);
		await grow(50_000);
		await first
			.getByRole("alert")
			.getByText(/Closed to people outside\./)
			.waitFor();
		await outside.context().close();
	});

	it("removes a draft on every device, once asked twice", async () => {
		await first.getByRole("button", { name: "Remove this draft" }).click();
		await first.getByRole("button", { name: "Remove for everybody" }).click();
		for (const page of [first, phone])
			await page
				.getByRole("link", { name: /Minutes/ })
				.waitFor({ state: "detached" });
		await phone.getByText("This draft is not here").waitFor();
	});
});
