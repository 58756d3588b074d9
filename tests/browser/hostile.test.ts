/** A relay that lies. It may keep pages apart; it gets nothing read, nothing in, and nobody stopped (L3). */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InviteKeys, inviteKeys } from "../../src/identity/epoch.ts";
import { inviteFromUrl } from "../../src/identity/invite.ts";
import { fromBase64Url, toBase64Url } from "../../src/wire/bytes.ts";
import { launchChromium } from "../helpers/browser.ts";
import {
	frameOf,
	signalIn,
	standInTheMiddle,
} from "../helpers/man-in-the-middle.ts";
import { allLinked, joinPage, openPage } from "../helpers/pages.ts";
import {
	publishedOf,
	startWatchedRelay,
	type WatchedRelay,
} from "../helpers/watched-relay.ts";

let browser: Browser;
let relay: WatchedRelay;
let host: Page;

beforeAll(async () => {
	browser = await launchChromium();
	relay = await startWatchedRelay();
	host = await openPage(await browser.newContext(), relay.url);
});

afterAll(async () => {
	await browser?.close();
	await relay?.stop();
});

const newSwarm = async (): Promise<string> =>
	(await host.evaluate(() => shoal.createSwarm())).invite;

/** What the relay could do with if it had the link: members meet by the same code under the epoch's secret. */
const keysOf = (invite: string): InviteKeys =>
	inviteKeys(inviteFromUrl(invite)?.seed ?? new Uint8Array());

/** How the join of a page goes, in the words of its status. */
const joining = (page: Page): Promise<string | undefined> =>
	page.evaluate(
		() =>
			new Promise<string | undefined>((resolve) => {
				const stop = shoal.watch((status) => {
					resolve(status.joining?.state);
					queueMicrotask(() => stop());
				});
			}),
	);

/** Waits until so many more frames have been meddled with. */
const until = (count: () => number, wanted: number): Promise<void> =>
	expect.poll(count, { timeout: 30_000 }).toBeGreaterThanOrEqual(wanted);

describe("a relay that", () => {
	it("[L3] flips one bit of every envelope gets no link, and stops nobody", async () => {
		let flipped = 0;
		relay.meddle(({ frame }) => {
			const published = publishedOf(frame);
			const bytes = published && fromBase64Url(published.data);
			if (published === undefined || bytes === undefined) return [frame];
			const at = flipped++ % bytes.length;
			bytes[at] = (bytes[at] ?? 0) ^ (1 << (flipped % 8));
			return [JSON.stringify({ ...published, data: toBase64Url(bytes) })];
		});
		const { page, context } = await joinPage(browser, await newSwarm());
		await until(() => flipped, 2);
		// Pages that come back say again that they are there: more to flip.
		relay.dropAll();
		await until(() => flipped, 6);
		expect(await joining(page)).toBe("waiting");
		expect(await page.evaluate(() => shoal.peers())).toEqual([]);
		relay.meddle(undefined);
		relay.dropAll();
		await allLinked([host, page]);
		await context.close();
	});

	it("[L3] loses every sixth frame, says others twice and old ones again still introduces", async () => {
		const old: string[] = [];
		let seen = 0;
		relay.meddle(({ frame, way }) => {
			if (way === "to-relay" || publishedOf(frame) === undefined)
				return [frame];
			old.push(frame);
			const again = old[(seen * 7) % old.length] ?? frame;
			return seen++ % 6 === 5 ? [] : [again, frame, frame];
		});
		const { page, context } = await joinPage(browser, await newSwarm());
		await allLinked([host, page]);
		relay.meddle(undefined);
		await context.close();
	});

	it("[L3] knows the secret and swaps the fingerprints in the SDP gets no link", async () => {
		const invite = await newSwarm();
		const keys = keysOf(invite);
		let swapped = 0;
		relay.meddle(({ frame }) => {
			const carried = signalIn(keys, frame);
			if (carried === undefined) return [frame];
			const data = carried.signal.data.replaceAll(
				/(a=fingerprint:sha-256 )(..)/g,
				(_, before: string, byte: string) =>
					`${before}${byte === "00" ? "01" : "00"}`,
			);
			if (data !== carried.signal.data) swapped++;
			return [
				frameOf(keys, { ...carried, signal: { ...carried.signal, data } }),
			];
		});
		const { page, context } = await joinPage(browser, invite);
		// Frames are meddled with on their way in and out: two a signal, and both ends' descriptions are swapped.
		await until(() => swapped, 4);
		expect(await joining(page)).toBe("waiting");
		expect(await page.evaluate(() => shoal.peers())).toEqual([]);
		expect(await host.evaluate(() => shoal.peers())).toEqual([]);
		relay.meddle(undefined);
		await allLinked([host, page]);
		await context.close();
	});

	it("[L3] ends both connections itself and passes every frame on gets no link", async () => {
		const invite = await newSwarm();
		const man = await standInTheMiddle(browser, relay, keysOf(invite));
		const { page, context } = await joinPage(browser, invite);
		await until(() => man.refused, 2);
		expect(await joining(page)).toBe("waiting");
		expect(await page.evaluate(() => shoal.peers())).toEqual([]);
		expect(await host.evaluate(() => shoal.peers())).toEqual([]);
		await man.stop();
		await allLinked([host, page]);
		await context.close();
	});

	it("[E3] sends garbage changes nothing", async () => {
		const { page, context } = await joinPage(browser, await newSwarm());
		await allLinked([host, page]);
		const garbage = [
			"",
			"{",
			"null",
			"[]",
			'{"type":"publish"}',
			'{"type":"publish","topic":1,"from":2,"data":3}',
			'{"type":"pong"}',
			`{"type":"publish","topic":"t","from":"f","data":"${"A".repeat(60_000)}"}`,
			"[".repeat(60_000),
		];
		for (const frame of garbage) relay.tellAll(frame);
		await page.evaluate(() => shoal.state.put("notes", "alive", true));
		await expect
			.poll(() =>
				host.evaluate(async () => (await shoal.state.entries("notes")).length),
			)
			.toBe(1);
		await context.close();
	});
});
