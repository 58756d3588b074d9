/** What a link carries: round trips, small messages, bulk; beside a bare data channel and other libraries. */
import type { Page } from "playwright";
import { newDevice, openPage, openStage } from "../scripts/headless-swarm.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	median,
	rounded,
	spread,
} from "./figure.ts";
import { timeHops, timeSignatures } from "./link-parts.ts";
import { openArena, openPair } from "./rivals.ts";
import { openShoalPair, type Pair } from "./shoal-pair.ts";

const bench = "link";
const BARE = "bare";
/** Bytes of a small message: an offer, a bid, a heartbeat of a task. */
const SMALL = 200;
const ROUND_TRIPS = 300;
const MESSAGES = 10_000;
const BULK = 1_000_000;
const BULK_MESSAGES = 30;

/** y-webrtc has no messages: its bulk is lost above 256 KiB, and its round trip is two changes of a document. */
const names = [BARE, "shoal", "peerjs", "trystero"] as const;
type Name = (typeof names)[number];

export const link: Bench = {
	about: "round trips, messages and bytes a second over one link",
	defaultRuns: 3,
	measure,
};

interface Times {
	readonly p50: number[];
	readonly p99: number[];
	readonly perSecond: number[];
	readonly megabytes: number[];
}

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	const stage = await openStage();
	const arena = await openArena(onNote);
	try {
		const { browser } = stage;
		onNote(`Chromium ${browser.version()}, ${runs} runs of each`);
		const seen = new Map<Name, Times>(
			names.map((name) => [
				name,
				{ p50: [], p99: [], perSecond: [], megabytes: [] },
			]),
		);
		const signatures: number[] = [];
		const hops: number[] = [];
		for (let run = 0; run < runs; run++) {
			for (const [name, times] of seen) {
				onNote(`${name}, run ${run + 1}`);
				const pair: Pair =
					name === "shoal"
						? await openShoalPair(stage)
						: await openPair(browser, arena, name);
				await time(pair.guest, times);
				await pair.close();
			}
			const context = await newDevice(browser);
			const page = await openPage(context, stage.server.url);
			signatures.push(await page.evaluate(timeSignatures, SMALL));
			hops.push(await page.evaluate(timeHops));
			await context.close();
		}
		yield* figuresOf(seen, median(signatures), median(hops));
	} finally {
		await arena.close();
		await stage.close();
	}
}

async function time(page: Page, times: Times): Promise<void> {
	// A first round lets both ends compile what they run.
	await page.evaluate((bytes) => rival?.roundTrips(50, bytes), SMALL);
	const trips = await page.evaluate(
		([count, bytes]) => rival?.roundTrips(count, bytes),
		[ROUND_TRIPS, SMALL] as const,
	);
	const sorted = (trips ?? []).sort((a, b) => a - b);
	times.p50.push(sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN);
	times.p99.push(sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN);
	times.perSecond.push(
		(MESSAGES * 1000) / (await flood(page, MESSAGES, SMALL)),
	);
	const ms = await flood(page, BULK_MESSAGES, BULK);
	times.megabytes.push((BULK_MESSAGES * BULK) / 1000 / ms);
}

async function flood(
	page: Page,
	count: number,
	bytes: number,
): Promise<number> {
	const ms = await page.evaluate(
		([messages, size]) => rival?.flood(messages, size),
		[count, bytes] as const,
	);
	return ms ?? Number.NaN;
}

function* figuresOf(
	seen: ReadonlyMap<Name, Times>,
	signatures: number,
	hops: number,
): Generator<Figure> {
	const bare = seen.get(BARE);
	if (bare === undefined) return;
	// What a signed round trip through two workers cannot be quicker than.
	const floor = median(bare.p50) + signatures + hops;
	const part = (metric: string, value: number): Figure => ({
		bench,
		case: "parts",
		metric,
		unit: "ms",
		value: rounded(value),
	});
	yield part("two signatures made and checked", signatures);
	yield part("hops between pages and workers", hops);
	yield part("bare + signatures + hops", floor);
	const metrics = [
		["p50", "round trip p50", "ms"],
		["p99", "round trip p99", "ms"],
		["perSecond", `messages of ${SMALL} B`, "1/s"],
		["megabytes", "bulk", "MB/s"],
	] as const;
	for (const [name, times] of seen)
		for (const [key, metric, unit] of metrics)
			yield* spread(
				{
					bench,
					case: name,
					metric,
					unit,
					value: 0,
					...(name === BARE
						? {}
						: { ratio: median(times[key]) / median(bare[key]), against: BARE }),
				} as Omit<Figure, "value">,
				times[key],
			);
	const shoal = seen.get("shoal");
	if (shoal !== undefined)
		yield {
			bench,
			case: "shoal",
			metric: "round trip p50 against its parts",
			unit: "ms",
			value: rounded(median(shoal.p50)),
			ratio: rounded(median(shoal.p50) / floor),
			against: "bare + signatures + hops",
		};
}
