/** Pages that hold the records of five authors, and devices that come late to them: Shoal's and other libraries'. */
import type { Browser, BrowserContext, Page } from "playwright";
import {
	gatherSwarm,
	newDevice,
	type Stage,
} from "../scripts/headless-swarm.ts";
import type {} from "./rival.ts";
import type { Arena, RecordPageName } from "./rivals.ts";
import { diskOf, heapOf } from "./targets.ts";

const AUTHORS = 5;
const SPACE = "bench";
/** Who has not got everything by then never will. */
const LIMIT_MS = 60_000;

/** An author writes so many records at once: an entry of Shoal's, a transaction of Yjs, a change of Automerge. */
export interface Amount {
	readonly count: number;
	readonly each: number;
}

/** What one late joiner saw. */
export interface Late {
	/** Milliseconds from opening the link to the first peer, and from there to all records. */
	readonly linkMs: number;
	readonly recordsMs: number;
	readonly wireBytes: number;
	readonly diskBytes: number;
	/** Of all threads of the page, after a collection. */
	readonly heapBytes: number;
}

export interface RecordsHost {
	/** A new device comes and goes. `undefined` where it did not get everything. */
	late(): Promise<Late | undefined>;
	close(): Promise<void>;
}

declare global {
	/** Left in the page by `countArrivals`. */
	var bytesReceived: () => Promise<number>;
}

/** Five devices write; four of them leave, so that all who come late find one peer, as they do with the others. */
export async function hostShoal(
	stage: Stage,
	{ count, each }: Amount,
): Promise<RecordsHost> {
	const pages = await gatherSwarm(stage, AUTHORS);
	const [host] = pages;
	await Promise.all(
		pages.map((page, author) =>
			page.evaluate(writeRecords, {
				space: SPACE,
				author,
				each,
				count: count / AUTHORS,
			}),
		),
	);
	await host.evaluate(untilCopies, { space: SPACE, copies: AUTHORS });
	for (const page of pages) if (page !== host) await page.context().close();
	const expected = await host.evaluate(
		async (space) => ({
			digest: await shoal.state.digest(space),
			size: (await shoal.state.entries(space)).length,
		}),
		SPACE,
	);
	if (expected.size !== count)
		throw new Error(`The host holds ${expected.size} records of ${count}.`);
	return {
		close: () => host.context().close(),
		async late() {
			const invite = await host.evaluate(() => shoal.invite());
			const context = await newDevice(stage.browser);
			await countArrivals(context);
			const page = await context.newPage();
			const begun = performance.timeOrigin + performance.now();
			await page.goto(invite, { waitUntil: "commit" });
			await page.waitForFunction(() => "shoal" in globalThis);
			const times = await withinLimit(
				page.evaluate(untilEqual, { space: SPACE }),
			);
			const digest = await page.evaluate(
				(space) => shoal.state.digest(space),
				SPACE,
			);
			if (times !== undefined && digest !== expected.digest)
				throw new Error("Equal heads, but other records.");
			return leave(context, page, begun, times);
		},
	};
}

/** One page makes the records of five authors and holds them. */
export async function hostRival(
	browser: Browser,
	arena: Arena,
	name: RecordPageName,
	{ count, each }: Amount,
): Promise<RecordsHost> {
	const room = crypto.randomUUID();
	const host = await (await newDevice(browser)).newPage();
	await host.goto(arena.address(name, room, "host"));
	await host.waitForFunction(() => globalThis.records);
	await host.evaluate(([all, some]) => globalThis.records?.fill(all, some), [
		count,
		each,
	] as const);
	const expected = await host.evaluate(() => globalThis.records?.digest());
	return {
		close: () => host.context().close(),
		async late() {
			const context = await newDevice(browser);
			await countArrivals(context);
			const page = await context.newPage();
			const begun = performance.timeOrigin + performance.now();
			await page.goto(
				arena.address(name, room, "guest", { count: String(count) }),
			);
			const times = await withinLimit(
				page
					.waitForFunction(() => globalThis.records?.equalAt, null, {
						timeout: LIMIT_MS,
						polling: 50,
					})
					.then(() =>
						page.evaluate(() => ({
							linkedAt: globalThis.linkedAt ?? Number.NaN,
							equalAt: globalThis.records?.equalAt ?? Number.NaN,
						})),
					),
			);
			const digest = await page.evaluate(() => globalThis.records?.digest());
			if (times !== undefined && digest !== expected)
				throw new Error("As many records, but other ones.");
			return leave(context, page, begun, times);
		},
	};
}

async function leave(
	context: BrowserContext,
	page: Page,
	begun: number,
	times: { linkedAt: number; equalAt: number } | undefined,
): Promise<Late | undefined> {
	const wireBytes = await page.evaluate(() => bytesReceived());
	const heapBytes = await heapOf(page);
	// What is stored in the background is stored by then.
	await new Promise((resolve) => setTimeout(resolve, 3_000));
	const diskBytes = await diskOf(page);
	await context.close();
	if (times === undefined) return undefined;
	const { linkedAt, equalAt } = times;
	return {
		linkMs: linkedAt - begun,
		recordsMs: equalAt - linkedAt,
		wireBytes,
		diskBytes,
		heapBytes,
	};
}

/** `undefined` where it takes longer than the limit, or fails by a limit of its own. */
async function withinLimit<T>(work: Promise<T>): Promise<T | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), LIMIT_MS);
	});
	try {
		return await Promise.race([work.catch(() => undefined), limit]);
	} finally {
		clearTimeout(timer);
	}
}

/** Runs in an author's page: one write after the other, each with so many records. */
async function writeRecords(given: {
	space: string;
	author: number;
	count: number;
	each: number;
}): Promise<void> {
	const { space, author, count, each } = given;
	for (let at = 0; at < count; at += each)
		await Promise.all(
			Array.from({ length: Math.min(each, count - at) }, (_, offset) => {
				const index = at + offset;
				// The same hundred characters that the other libraries' pages write.
				let value = "";
				let seed = author * 1_000_003 + index + 1;
				while (value.length < 100) {
					seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
					value += seed.toString(36);
				}
				return shoal.state.put(
					space,
					`${author}/${index}`,
					value.slice(0, 100),
				);
			}),
		);
}

/** Runs in a page: waits until so many devices hold all of a space. */
async function untilCopies(given: {
	space: string;
	copies: number;
}): Promise<void> {
	while ((await shoal.state.copies(given.space)) < given.copies)
		await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Runs in a late page: when it met a peer, and when that peer's digest of the space was its own. */
async function untilEqual({
	space,
}: {
	space: string;
}): Promise<{ linkedAt: number; equalAt: number }> {
	const now = (): number => performance.timeOrigin + performance.now();
	const pause = (ms: number): Promise<void> =>
		new Promise((resolve) => setTimeout(resolve, ms));
	// Between two swarms a page is in none, and says so.
	while ((await shoal.peers().catch(() => [])).length === 0) await pause(2);
	const linkedAt = now();
	while ((await shoal.state.copies(space)) < 2) await pause(5);
	return { linkedAt, equalAt: now() };
}

async function countArrivals(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const connections: RTCPeerConnection[] = [];
		const Native = RTCPeerConnection;
		globalThis.RTCPeerConnection = class extends Native {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				connections.push(this);
			}
		};
		globalThis.bytesReceived = async () => {
			let bytes = 0;
			for (const connection of connections)
				for (const report of (await connection.getStats()).values())
					if (report.type === "data-channel") bytes += report.bytesReceived;
			return bytes;
		};
	});
}
