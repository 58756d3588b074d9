/** A whole session, recorded: where every request went, how every connection was configured, what the relay saw. */
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { launchChromium } from "../helpers/browser.ts";
import {
	type LoggingProxy,
	startLoggingProxy,
} from "../helpers/logging-proxy.ts";
import {
	addFiles,
	allLinked,
	ask,
	openPage,
	ready,
	sampleFiles,
	textFile,
} from "../helpers/pages.ts";
import {
	publishedOf,
	startWatchedRelay,
	type WatchedRelay,
} from "../helpers/watched-relay.ts";

declare global {
	/** The configuration of every connection that this page made. */
	var recordedConnections: (RTCConfiguration | undefined)[];
}

const diary = textFile(
	"expedition-diary.md",
	"# Expedition diary\n\nThe hydrophone array stopped recording because its pressure housing had flooded. Doctor Okonkwo replaced the housing before the second descent.\n",
);
const question = "Why did the hydrophone array stop recording?";
/** Chromium asks its maker about updates and forms whatever page is open; of a page it would be in `requested`, too. */
const browserOwn = /\.(google|googleapis|gvt1|gvt2)\.com(:\d+)?$/;
const names = ["Observatory notebook", "Lighthouse tablet"];

let browser: Browser;
let relay: WatchedRelay;
let proxy: LoggingProxy;
let pages: Page[];
let invite: string;
let documents: string[];
const ids: string[] = [];
const complaints: string[] = [];
/** What pages and their workers asked for, as the browser tells it. */
const requested: string[] = [];

/** A device whose connections are recorded and whose complaints are heard. */
async function device(): Promise<BrowserContext> {
	const context = await browser.newContext();
	await context.addInitScript(() => {
		const recorded: (RTCConfiguration | undefined)[] = [];
		globalThis.recordedConnections = recorded;
		globalThis.RTCPeerConnection = class extends RTCPeerConnection {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				recorded.push(configuration, this.getConfiguration());
			}
		};
	});
	context.on("request", (request) => requested.push(request.url()));
	context.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	context.on("weberror", (error) => complaints.push(error.error().message));
	return context;
}

const connectionsOf = (page: Page) =>
	page.evaluate(() => globalThis.recordedConnections);

beforeAll(async () => {
	relay = await startWatchedRelay();
	proxy = await startLoggingProxy(relay.url);
	browser = await launchChromium({ proxy: { server: proxy.url } });
	const [first, second] = [await device(), await device()];
	const asker = await openPage(first, relay.url);
	const created = await asker.evaluate(
		(name) => shoal.rename(name).then(() => shoal.createSwarm()),
		names[0] ?? "",
	);
	invite = created.invite;
	const helper = await openPage(second, invite);
	await helper.evaluate((name) => shoal.rename(name), names[1] ?? "");
	pages = [asker, helper, await openPage(first, relay.url)];
	await allLinked(pages);
	const outcomes = await addFiles(asker, [diary, ...sampleFiles()]);
	documents = outcomes.flatMap((o) => (o.ok ? [o.id] : []));
	await vi.waitFor(
		async () => {
			const list = await helper.evaluate(() => shoal.documents.list());
			expect(list.length).toBe(documents.length);
		},
		{ timeout: 10_000 },
	);
	const report = await ask(asker, question);
	expect(report.found).toBe(true);
	await helper.evaluate(() => navigator.serviceWorker.ready);
	const seen = await Promise.all(pages.map(connectionsOf));
	expect(seen.every((made) => made.length > 0)).toBe(true);
	for (const page of pages) {
		const me = await page.evaluate(() => shoal.me());
		ids.push(me.device, me.peer, me.swarm ?? "");
	}
	await helper.reload();
	await ready(helper);
	await allLinked(pages);
	await ask(helper, "What happened before the second descent?");
});

afterAll(async () => {
	await browser?.close();
	await proxy?.stop();
	await relay?.stop();
});

/** Words of seven letters and more: shorter ones turn up in random bytes by chance. */
const wordsOf = (text: string): string[] =>
	text.toLowerCase().match(/[\p{L}-]{7,}/gu) ?? [];

describe("a recorded session", () => {
	it("[X1] sends every request of pages and workers to its own origin", async () => {
		const own = new URL(relay.url);
		expect(requested.filter((url) => new URL(url).host !== own.host)).toEqual(
			[],
		);
		const foreign = proxy.requests.filter((request) => {
			const [method = "", address = ""] = request.split(" ");
			const host = method === "CONNECT" ? address : new URL(address).host;
			return host !== own.host && !browserOwn.test(host);
		});
		expect(foreign).toEqual([]);
		// The recording is one: it holds the page, its workers and its socket.
		for (const part of ["/assets/node.worker-", "/assets/agent.worker-"])
			for (const recording of [requested, proxy.requests])
				expect(recording.some((line) => line.includes(part))).toBe(true);
		expect(proxy.requests).toContain(`GET ${relay.url}/service.worker.js`);
		expect(proxy.requests).toContain(`CONNECT ${own.host}`);
	});

	it("[L9] makes every connection without ICE servers", async () => {
		const made = (await Promise.all(pages.map(connectionsOf))).flat();
		expect(made.length).toBeGreaterThan(0);
		for (const configuration of made)
			expect(configuration?.iceServers).toEqual([]);
		expect(made.some((configuration) => configuration === undefined)).toBe(
			false,
		);
	});

	it("[L3] lets nothing readable pass the relay", async () => {
		const [asker] = pages;
		const texts = await Promise.all(
			documents.map((id) =>
				asker?.evaluate((document) => shoal.documents.text(document), id),
			),
		);
		const words = new Set([
			...[...texts, question, ...names].flatMap((text) => wordsOf(text ?? "")),
			...["expedition-diary", "candidate", "fingerprint", "did:key"],
			...["ice-ufrag", "a=fingerprint", "a=ice", "webrtc-datachannel"],
			...ids.map((id) => id.toLowerCase()),
		]);
		expect(words.size).toBeGreaterThan(50);
		expect(words).toContain("hydrophone");
		const traffic: string[] = [];
		for (const { frame } of relay.passed) {
			expect(frame).not.toContain("a=");
			const published = publishedOf(frame);
			// What is in clear beside the sealed bytes is there with its sealed bytes read in every way.
			traffic.push(frame);
			if (published === undefined) continue;
			const bytes = Buffer.from(published.data, "base64url");
			traffic.push(bytes.toString("latin1"), bytes.toString("utf16le"));
			expect(Object.keys(published).sort().join()).toMatch(
				/^(clients,)?data,from,topic,type$/,
			);
			expect(published.topic).toMatch(/^[0-9a-f]{64}$/);
			expect(published.from).toMatch(/^[0-9a-f]{64}$/);
		}
		expect(traffic.length).toBeGreaterThan(40);
		const all = traffic.join("\n").toLowerCase();
		expect([...words].filter((word) => all.includes(word))).toEqual([]);
	});

	it("[M2] sends nothing of the invite or the documents in requests", () => {
		const token = invite.slice(invite.indexOf("#join=") + 6);
		const all = [...proxy.requests, ...proxy.sent].join("\n").toLowerCase();
		expect(token.length).toBeGreaterThan(60);
		for (let at = 0; at + 20 <= token.length; at += 20)
			expect(all).not.toContain(token.slice(at, at + 20).toLowerCase());
		for (const word of ["hydrophone", "expedition-diary", ...ids])
			expect(all).not.toContain(word.toLowerCase());
	});

	it("[X2] lives under a strict policy, on the page and in its workers, that nothing tried to break", async () => {
		const answer = await fetch(relay.url);
		const policy = answer.headers.get("content-security-policy") ?? "";
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("script-src 'self';");
		expect(policy).toContain("require-trusted-types-for 'script'");
		expect(policy).not.toContain("unsafe");
		expect(proxy.reports).toEqual([]);
		expect(complaints).toEqual([]);
		// That no report came says something only where one does come.
		const [asker] = pages;
		const node = asker
			?.workers()
			.find((worker) => worker.url().includes("/assets/node.worker-"));
		const foreign = "https://elsewhere.invalid/";
		const fetchForeign = (address: string) =>
			fetch(address).then(String, () => "stopped");
		expect(await asker?.evaluate(fetchForeign, foreign)).toBe("stopped");
		expect(await node?.evaluate(fetchForeign, foreign)).toBe("stopped");
		const html = await asker?.evaluate(() => {
			try {
				document.createElement("p").innerHTML = "<b>text</b>";
				return "let through";
			} catch {
				return "stopped";
			}
		});
		expect(html).toBe("stopped");
		await expect.poll(() => proxy.reports.length).toBe(3);
		expect(proxy.reports.join()).toContain("trusted-types");
		expect(proxy.requests.join()).not.toContain("elsewhere.invalid");
	});
});
