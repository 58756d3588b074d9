/** From opening a link to the first authenticated peer, and where the time goes; beside other libraries. */
import type { BrowserContext, Page } from "playwright";
import {
	newDevice,
	openPage,
	openStage,
	type Stage,
} from "../scripts/headless-swarm.ts";
import { timeBareLinks } from "./bare-link.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	median,
	rounded,
	spread,
} from "./figure.ts";
import { moments, type Sightings, timeJoin, watchJoin } from "./join-watch.ts";
import { openArena, openPair, rivals } from "./rivals.ts";

const bench = "join";
const BARE = "bare link";

export const join: Bench = {
	about: "link opened to first authenticated peer",
	defaultRuns: 10,
	measure,
};

/** How a device comes to the link. Each leaves it watched and without a page. */
const arrivals: readonly {
	readonly name: string;
	arrive(stage: Stage, invite: string, host: Page): Promise<Arrival>;
}[] = [
	{
		name: "first visit",
		async arrive({ browser }, invite) {
			const context = await newDevice(browser);
			return { context, page: await context.newPage(), url: invite };
		},
	},
	{
		name: "new device, warm cache",
		async arrive({ browser, server }, invite) {
			const context = await newDevice(browser);
			await openPage(context, server.url);
			return { context, page: await forget(context, server.url), url: invite };
		},
	},
	{
		name: "member comes back",
		async arrive({ browser, server }, invite, host) {
			const context = await newDevice(browser);
			const page = await openPage(context, invite);
			// Only when the host knows its agents has it written all that a member writes once.
			await host.evaluate(async () => {
				for (;;) {
					const agents = await shoal.agents();
					if (new Set(agents.map(({ peer }) => peer)).size > 1) return;
					await new Promise((resolve) => setTimeout(resolve, 20));
				}
			});
			await page.waitForLoadState("networkidle");
			await page.goto("about:blank");
			return { context, page, url: server.url };
		},
	},
];

interface Arrival {
	readonly context: BrowserContext;
	readonly page: Page;
	readonly url: string;
}

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	const stage = await openStage();
	const arena = await openArena(onNote);
	try {
		const { browser, server } = stage;
		onNote(`Chromium ${browser.version()}, ${runs} runs of each case`);
		const host = await openPage(await newDevice(browser), server.url);
		// Bare links before and after, so that a machine that slows down slows both.
		const blank = `${server.url}/relay/info`;
		const bare = await timeBareLinks(browser, blank, Math.ceil(runs / 2) + 1);
		// The first is slower than all others: the browser starts its network service for it.
		bare.shift();
		const others = new Map(rivals.map((name) => [name, [] as number[]]));
		const seen = new Map(arrivals.map(({ name }) => [name, [] as Sightings[]]));
		// The cases take turns, so that no case has the machine's better minute to itself.
		for (let run = 0; run < runs; run++) {
			for (const { name, arrive } of arrivals) {
				onNote(`${name}, run ${run + 1}`);
				const { invite } = await host.evaluate(() => shoal.createSwarm());
				const { context, page, url } = await arrive(stage, invite, host);
				await watchJoin(context, url === invite);
				seen.get(name)?.push(await timeJoin(page, url));
				await context.close();
			}
			for (const [name, times] of others) {
				onNote(`${name}, run ${run + 1}`);
				const pair = await openPair(browser, arena, name);
				times.push(pair.joinMs);
				await pair.close();
			}
		}
		bare.push(
			...(await timeBareLinks(browser, blank, Math.ceil(runs / 2) + 1)).slice(
				1,
			),
		);
		yield* spread({ bench, case: BARE, metric: "set-up", unit: "ms" }, bare);
		for (const [name, sightings] of seen)
			yield* figuresOf(name, sightings, median(bare));
		for (const [name, times] of others)
			yield* spread(
				{
					bench,
					case: `${name}, first visit`,
					metric: "first peer",
					unit: "ms",
					ratio: median(times) / median(bare),
					against: BARE,
				},
				times,
			);
	} finally {
		await arena.close();
		await stage.close();
	}
}

/** The whole, and each step as the time since the moment before it. */
function* figuresOf(
	name: string,
	sightings: readonly Sightings[],
	bare: number,
): Generator<Figure> {
	const whole = timesOf(sightings, "peer");
	yield* spread(
		{
			bench,
			case: name,
			metric: "first peer",
			unit: "ms",
			ratio: median(whole) / bare,
			against: BARE,
		},
		whole,
	);
	// Who is a member already meets nobody, and may be linked before it is ready.
	const reached = moments
		.filter((moment) => sightings.every((seen) => moment in seen))
		.map((moment) => ({ moment, at: median(timesOf(sightings, moment)) }))
		.sort((a, b) => a.at - b.at);
	let before = 0;
	for (const { moment, at } of reached) {
		yield {
			bench,
			case: name,
			metric: `step: ${moment}`,
			unit: "ms",
			value: rounded(at - before),
		};
		before = at;
	}
}

const timesOf = (
	sightings: readonly Sightings[],
	moment: (typeof moments)[number],
): number[] =>
	sightings.flatMap((seen) => {
		const at = seen[moment];
		return at === undefined ? [] : [at];
	});

/** Makes a context a device that was never here but whose browser has the page cached; returns an empty page of it. */
async function forget(context: BrowserContext, origin: string): Promise<Page> {
	const page = await context.newPage();
	for (const other of context.pages()) if (other !== page) await other.close();
	const session = await context.newCDPSession(page);
	await session.send("Storage.clearDataForOrigin", {
		origin,
		storageTypes: "indexeddb,local_storage",
	});
	await session.detach();
	return page;
}
