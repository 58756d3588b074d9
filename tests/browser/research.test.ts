/** The main job in real pages: documents in, a question, a report to the letter, whoever closes or reloads. */
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import {
	addFiles,
	allLinked,
	ask,
	begin,
	checkCitations,
	corpusFiles,
	joinPage,
	openPage,
	ready,
	sampleFiles,
	textFile,
} from "../helpers/pages.ts";

const corpus = corpusFiles();
/** Sentences that only the test's own documents hold. */
const pump = textFile(
	"pump.md",
	"# Pump log\n\nThe circulation pump of the second trial failed on day 31 because its bearing had run dry. The technician replaced the bearing and logged the failure at noon. Water temperature in the root zone rose to 34 degrees before anyone was called.\n",
);

let browser: Browser;
let server: TestServer;
let asker: Page;
let helperContext: BrowserContext;
let helperPage: Page;

beforeAll(async () => {
	browser = await launchChromium();
	server = await startServer();
	asker = await openPage(await browser.newContext(), server.url);
	const { invite } = await asker.evaluate(() => shoal.createSwarm());
	const joined = await joinPage(browser, invite);
	helperContext = joined.context;
	helperPage = joined.page;
	await allLinked([asker, helperPage]);
});

afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

describe("documents", () => {
	it("gives each file an outcome of its own, and re-adding costs nothing", async () => {
		const outcomes = await addFiles(asker, [
			pump,
			textFile("empty.txt", ""),
			{
				name: "binary.pdf",
				base64: Buffer.from([0, 1, 2, 3, 0, 255, 254, 0]).toString("base64"),
			},
			{ ...pump, name: "again.md" },
			...sampleFiles(),
		]);
		const codes = outcomes.slice(0, 4).map((o) => (o.ok ? "ok" : o.code));
		expect(codes).toEqual([
			"ok",
			"document-empty",
			"document-unreadable",
			"ok",
		]);
		for (const outcome of outcomes)
			if (!outcome.ok) expect(outcome.message).toContain(outcome.name);
		expect(sampleFiles().length).toBeGreaterThan(2);
		expect(outcomes.slice(4).every(({ ok }) => ok)).toBe(true);
		await expect
			.poll(() =>
				helperPage.evaluate(async () => (await shoal.documents.list()).length),
			)
			.toBe(1 + sampleFiles().length);
	});

	it("[X3] refuses policies that cannot be kept yet", async () => {
		const code = await asker.evaluate(() =>
			shoal.documents
				.add([new File(["x"], "x.txt")], { policy: "device" })
				.catch((error: { code?: string }) => error.code),
		);
		expect(code).toBe("policy-unsupported");
	});
});

describe("research", () => {
	it("answers from the documents, cited to the letter, with work from both devices", async () => {
		const report = await ask(
			asker,
			"Why did the circulation pump fail in the second trial?",
		);
		expect(report.found).toBe(true);
		expect(await checkCitations(asker, report)).toBeGreaterThan(0);
		const text = report.sections
			.flatMap(({ sentences }) => sentences.map((s) => s.text))
			.join(" ");
		expect(text).toMatch(/bearing/i);
		expect(new Set(report.contributors.map(({ device }) => device)).size).toBe(
			2,
		);
	});

	it("says so when the documents do not answer", async () => {
		const report = await ask(asker, "Who won the football world cup in 1998?");
		expect(report.found).toBe(false);
		expect(report.sections).toEqual([]);
	});

	it("[T4] finishes with the same text when the asking page is reloaded in the middle", async () => {
		const question = "What was changed after the pump failure?";
		const whole = await ask(asker, question);
		const id = await begin(asker, question);
		await asker.reload();
		await ready(asker);
		const after = await asker.evaluate(
			(job) => shoal.job(job).done as ReturnType<typeof shoal.research>["done"],
			id,
		);
		expect(after.sections).toEqual(whole.sections);
		await allLinked([asker, helperPage]);
	});

	it("[T4] finishes on another device when the asking page is closed for good", async () => {
		const third = await joinPage(
			browser,
			await asker.evaluate(() => shoal.invite()),
		);
		await allLinked([asker, helperPage, third.page]);
		const id = await begin(third.page, "Why did the bearing of the pump fail?");
		await expect
			.poll(() =>
				helperPage.evaluate(
					async (job) => (await shoal.jobs()).some((j) => j.id === job),
					id,
				),
			)
			.toBe(true);
		await third.context.close();
		const report = await helperPage.evaluate(
			(job) => shoal.job(job).done as ReturnType<typeof shoal.research>["done"],
			id,
		);
		expect(report.found).toBe(true);
		await checkCitations(helperPage, report);
	});

	it("shows a job on the other device, and can be stopped", async () => {
		const id = await asker.evaluate(async () => {
			const job = shoal.research({
				question: "What is the state of the pump?",
			});
			await job.cancel().catch(() => undefined);
			return job.id;
		});
		await expect
			.poll(() =>
				asker.evaluate(
					async (job) => (await shoal.jobs()).find((j) => j.id === job)?.state,
					id,
				),
			)
			.toMatch(/cancelled|done/);
	});

	it("[S1] finds everything again after all pages were closed", async () => {
		const before = await helperPage.evaluate(async () => ({
			me: await shoal.me(),
			documents: await shoal.documents.list(),
			jobs: (await shoal.jobs()).map(({ id, state }) => ({ id, state })),
		}));
		await helperPage.close();
		helperPage = await openPage(helperContext, server.url);
		const after = await helperPage.evaluate(async () => ({
			me: await shoal.me(),
			documents: await shoal.documents.list(),
			jobs: (await shoal.jobs()).map(({ id, state }) => ({ id, state })),
		}));
		expect(after).toEqual(before);
	});

	it.runIf(corpus.length > 0)(
		"reads real specifications, and goes on with the relay gone",
		async () => {
			await allLinked([asker, helperPage]);
			const outcomes = await addFiles(asker, corpus);
			expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
			const report = await ask(
				asker,
				"How does gossipsub v1.1 score a peer that does not forward messages?",
			);
			expect(report.found).toBe(true);
			await checkCitations(asker, report);
			const text = report.sections
				.flatMap(({ sentences }) => sentences.map((s) => s.text))
				.join(" ");
			expect(text).toMatch(/score/i);
			expect(text).toMatch(/deliver|forward/i);
			const devices = new Set(report.contributors.map((c) => c.device));
			expect(devices.size).toBe(2);
			await server.stop();
			const second = await ask(
				asker,
				"What keeps a circuit relay from being used without limits?",
			);
			expect(second.found).toBe(true);
			expect(new Set(second.contributors.map((c) => c.device)).size).toBe(2);
		},
	);
});
