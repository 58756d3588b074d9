/** Two Shoal pages behind the interface that the rivals' pages have, so that the same code measures all. */
import type { BrowserContext, Page } from "playwright";
import {
	newDevice,
	openPage,
	type Stage,
	untilLinked,
} from "../scripts/headless-swarm.ts";
import type { RivalPage } from "./rival.ts";

/** Two pages of different devices, linked. */
export interface Pair {
	readonly host: Page;
	readonly guest: Page;
	close(): Promise<void>;
}

/** Makes a swarm of two devices. Its pages are driven through the page API alone, as any script would. */
export async function openShoalPair(
	{ browser, server }: Stage,
	prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<Pair> {
	const contexts = [
		await newDevice(browser),
		await newDevice(browser),
	] as const;
	for (const context of contexts) await prepare(context);
	const host = await openPage(contexts[0], server.url);
	const { invite } = await host.evaluate(() => shoal.createSwarm());
	const guest = await openPage(contexts[1], invite);
	for (const page of [host, guest]) {
		await untilLinked(page, 1);
		await page.evaluate(driveShoal);
		// A page that was just opened fetches what it needs without its server: once in its life, and nothing of a link.
		await page.evaluate(async () => void (await navigator.serviceWorker.ready));
	}
	return {
		host,
		guest,
		async close() {
			for (const context of contexts) await context.close();
		},
	};
}

/** Runs in the page. */
async function driveShoal(): Promise<void> {
	/** Publishes under way at once: a page that waits for each would measure its own worker, not the link. */
	const WINDOW = 256;
	const other = async (): Promise<string> => {
		const [peer] = await shoal.peers();
		if (peer === undefined) throw new Error("The other page is gone.");
		return peer.peer;
	};
	const { peer: self } = await shoal.me();
	let allHere: (() => void) | undefined;
	let received = 0;
	let expected = Number.POSITIVE_INFINITY;
	const settle = (): void => {
		if (received < expected) return;
		received = 0;
		expected = Number.POSITIVE_INFINITY;
		void shoal.publish("bench.all-here", null);
	};
	const page: RivalPage = {
		lastTick: 0,
		async roundTrips(count, bytes) {
			const to = await other();
			const params = "x".repeat(bytes);
			const times: number[] = [];
			while (times.length < count) {
				const begun = performance.now();
				await shoal.request(to, "ping", params);
				times.push(performance.now() - begun);
			}
			return times;
		},
		async flood(count, bytes) {
			const message = new Uint8Array(bytes);
			const begun = performance.now();
			const done = new Promise<void>((resolve) => {
				allHere = resolve;
			});
			const window = bytes > 16_384 ? 4 : WINDOW;
			await shoal.publish("bench.count", count);
			for (let sent = 0; sent < count; sent += window)
				await Promise.all(
					Array.from({ length: Math.min(window, count - sent) }, () =>
						shoal.publish("bench.data", message),
					),
				);
			await done;
			return performance.now() - begun;
		},
		say() {
			void shoal.publish("bench.tick", 0);
		},
		tick() {
			let number = 0;
			setInterval(() => void shoal.publish("bench.tick", number++), 50);
		},
	};
	shoal.subscribe("bench.*", ({ topic, data, from }) => {
		if (from === self) return;
		if (topic === "bench.data") {
			received++;
			settle();
		} else if (topic === "bench.count") {
			expected = Number(data);
			settle();
		} else if (topic === "bench.tick") page.lastTick = Date.now();
		else allHere?.();
	});
	globalThis.rival = page;
}
