/** Beginnings and ends: two tabs at once on a first visit, a browser killed in the middle of writing. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	launchProfile,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import { allLinked, openPage } from "../helpers/pages.ts";

/** More are a matter of patience: `SHOAL_KILLS=15`. */
const KILLS = Number(process.env["SHOAL_KILLS"] ?? 3);

let server: TestServer;
let profile: string;
let kill = async (): Promise<void> => undefined;

async function launch(): Promise<BrowserContext> {
	const launched = await launchProfile(profile);
	kill = launched.kill;
	return launched.context;
}

beforeAll(async () => {
	server = await startServer();
	profile = await mkdtemp(join(tmpdir(), "shoal-profile-"));
});

afterAll(async () => {
	await kill();
	await server?.stop();
	await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

describe("a browser profile", () => {
	it("[E1] has one device key after two tabs were opened at once on a first visit", async () => {
		const context = await launch();
		const tabs = await Promise.all([
			openPage(context, server.url),
			openPage(context, server.url),
		]);
		await allLinked(tabs);
		const [one, other] = await Promise.all(
			tabs.map((tab) => tab.evaluate(() => shoal.me())),
		);
		expect(one?.device).toBe(other?.device);
		expect(one?.swarm).toBe(other?.swarm);
		expect(one?.peer).not.toBe(other?.peer);
		await kill();
	});

	it(`[S2] holds all that was acknowledged, and nothing torn, after ${KILLS} kills in the middle of writing`, async () => {
		const acknowledged = new Map<string, number>();
		for (let life = 0; life < KILLS; life++) {
			const context = await launch();
			const page = await openPage(context, server.url);
			let count = 0;
			await page.exposeFunction("acknowledge", (key: string, value: number) => {
				acknowledged.set(key, value);
				count++;
			});
			const writing = page
				.evaluate(async (prefix) => {
					const { acknowledge } = globalThis as unknown as {
						acknowledge(key: string, value: number): Promise<void>;
					};
					const write = async (writer: number): Promise<void> => {
						for (let number = 0; ; number++) {
							const key = `${prefix}-${writer}-${number}`;
							await shoal.state.put("kills", key, number);
							await acknowledge(key, number);
						}
					};
					await Promise.all([0, 1, 2].map(write));
				}, `life${life}`)
				.catch(() => undefined);
			await expect.poll(() => count).toBeGreaterThan(12 + life);
			await kill();
			await writing;
		}
		const context = await launch();
		const page = await openPage(context, server.url);
		const entries = await page.evaluate(() => shoal.state.entries("kills"));
		const held = new Map(entries.map(({ key, value }) => [key, value]));
		for (const [key, value] of acknowledged) expect(held.get(key)).toBe(value);
		for (const { key, value } of entries)
			expect(key.endsWith(`-${value}`)).toBe(true);
		// What is there can be gone on with.
		await page.evaluate(() => shoal.state.put("kills", "after", 1));
		await kill();
	});
});
