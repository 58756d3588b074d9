/** Real pages: unmodified y-webrtc clients meet through the relay, under the policy that it serves pages with. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { build } from "vite";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	it,
	onTestFinished,
} from "vitest";
import { ensureChromium } from "../../scripts/browser.ts";
import { openRelay, temporaryFolder } from "./harness.ts";

const host = "127.0.0.2";
let browser: Browser;
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "shoal-page-"));
	await build({
		configFile: false,
		logLevel: "error",
		root: fileURLToPath(new URL("page", import.meta.url)),
		build: { outDir: folder, emptyOutDir: true },
	});
	browser = await chromium.launch({
		executablePath: await ensureChromium(),
		args: ["--no-sandbox", "--disable-background-networking"],
	});
}, 600_000);

afterAll(async () => {
	await browser.close();
	await rm(folder, { recursive: true, force: true });
});

/** A page of its own browser profile, so that pages meet by WebRTC and not by BroadcastChannel. */
async function openPage(url: string): Promise<Page> {
	const context = await browser.newContext({ ignoreHTTPSErrors: true });
	onTestFinished(() => context.close());
	const page = await context.newPage();
	await page.goto(url);
	await page.waitForFunction(() => typeof globalThis.join === "function");
	return page;
}

async function openLanRelay() {
	const dataFolder = await temporaryFolder();
	const dist = join(await temporaryFolder(), "dist");
	await cp(folder, dist, { recursive: true });
	return openRelay({
		folder: dist,
		lan: { port: 0, hosts: [host], dataFolder },
	});
}

describe("two unmodified y-webrtc clients", () => {
	it("sync through the relay, one on this computer and one over TLS", async () => {
		const relay = await openLanRelay();
		const [address = ""] = relay.addresses();
		const [laptop, phone] = await Promise.all([
			openPage(relay.url),
			openPage(address),
		]);
		await laptop.evaluate(
			(url) => globalThis.join(url, "room"),
			relay.url.replace("http", "ws"),
		);
		await phone.evaluate(
			(url) => globalThis.join(url, "room"),
			`${address.replace("http", "ws")}/relay`,
		);
		await laptop.evaluate(() => globalThis.put("laptop", "hello"));
		await phone.evaluate(() => globalThis.put("phone", "hello back"));
		for (const page of [laptop, phone])
			await expect
				.poll(() => page.evaluate(() => globalThis.read()), { timeout: 15_000 })
				.toEqual({ laptop: "hello", phone: "hello back" });
		for (const page of [laptop, phone])
			expect(await page.evaluate(() => globalThis.violations)).toEqual([]);
	});
});

describe("[X2] the policy in Chromium", () => {
	it("lets a page reach its own relay and nothing else", async () => {
		const relay = await openRelay({ folder });
		const other = await openRelay();
		const page = await openPage(relay.url);
		const reached = await page.evaluate(
			async ([own = "", foreign = ""]) => {
				const socket = (url: string) =>
					new Promise<boolean>((resolve) => {
						const opened = new WebSocket(`${url.replace("http", "ws")}/relay`);
						opened.onopen = () => resolve(true);
						opened.onerror = () => resolve(false);
					});
				const load = (url: string) =>
					fetch(`${url}/relay/info`, { mode: "no-cors" }).then(
						() => true,
						() => false,
					);
				return [
					await socket(own),
					await load(own),
					await socket(foreign).catch(() => false),
					await load(foreign),
				];
			},
			[relay.url, other.url],
		);
		expect(reached).toEqual([true, true, false, false]);
	});

	it("runs no inline script, no text as code and no markup from text", async () => {
		const relay = await openRelay({ folder });
		const page = await openPage(relay.url);
		const outcomes = await page.evaluate(async () => ({
			thrown: await globalThis.misbehave(),
			injected: "injected" in globalThis,
		}));
		expect(outcomes).toEqual({
			thrown: ["EvalError", "TypeError", "TypeError", "TypeError"],
			injected: false,
		});
	});

	it("[B2] lets a page use the fallback", async () => {
		const relay = await openRelay({ folder });
		const page = await openPage(relay.url);
		const heard = await page.evaluate(async () => {
			const source = new EventSource("/relay/sse");
			const session = await new Promise<string>((resolve) =>
				source.addEventListener("session", ({ data }: MessageEvent<string>) =>
					resolve(data),
				),
			);
			const message = new Promise((resolve) => {
				source.onmessage = ({ data }) => resolve(JSON.parse(data));
			});
			const { status } = await fetch(`/relay/send?session=${session}`, {
				method: "POST",
				body: '{"type":"ping"}',
			});
			const answer = await message;
			source.close();
			return { status, answer };
		});
		expect(heard).toEqual({ status: 204, answer: { type: "pong" } });
	});
});
