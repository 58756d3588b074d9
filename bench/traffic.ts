/** What a full mesh says while nothing happens, and what one small write costs; beside y-webrtc. */
import type { BrowserContext, Page } from "playwright";
import {
	gatherSwarm,
	newDevice,
	openStage,
	type Stage,
} from "../scripts/headless-swarm.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	rounded,
} from "./figure.ts";
import { type Arena, openArena } from "./rivals.ts";

const bench = "traffic";
const SIZE = 8;
const MESH = 6;
const SETTLE_MS = 12_000;
const IDLE_MS = 30_000;
/** A live update is everywhere by then; what repairs follows later. */
const LIVE_MS = 400;

export const traffic: Bench = {
	about: "bytes of an idle mesh of 8, and sends of one update in a mesh of 6",
	defaultRuns: 1,
	measure,
};

/** What all data channels of a page have sent so far. */
interface Sent {
	readonly bytes: number;
	readonly messages: number;
	/** Of channels that carry state; y-webrtc has one for everything. */
	readonly state: number;
}

declare global {
	/** Left in the page by `watchConnections`. */
	var sentSoFar: () => Promise<Sent>;
}

async function* measure({ onNote }: MeasureOptions): AsyncGenerator<Figure> {
	const stage = await openStage();
	const arena = await openArena(onNote);
	try {
		const idle = new Map<string, Sent>();
		for (const name of ["shoal", "y-webrtc"] as const) {
			onNote(`${name}, ${SIZE} pages`);
			const pages = await gather(name, stage, arena, SIZE);
			await wait(SETTLE_MS);
			const before = await totalOf(pages);
			await wait(IDLE_MS);
			idle.set(name, difference(before, await totalOf(pages)));
			await closeAll(pages);

			onNote(`${name}, one update, ${MESH} pages`);
			const mesh = await gather(name, stage, arena, MESH);
			await wait(SETTLE_MS);
			const quiet = await totalOf(mesh);
			await write(name, mesh);
			await wait(LIVE_MS);
			const update = difference(quiet, await totalOf(mesh));
			yield {
				bench,
				case: name,
				metric: `state messages within ${LIVE_MS} ms of one update, ${MESH} pages`,
				unit: "messages",
				value: update.state,
			};
			await closeAll(mesh);
		}
		const other = idle.get("y-webrtc");
		for (const [name, sent] of idle) {
			const perSecond = (value: number): number =>
				rounded((value * 1000) / IDLE_MS);
			yield {
				bench,
				case: name,
				metric: `idle, ${SIZE} pages`,
				unit: "B/s",
				value: perSecond(sent.bytes),
				...(name === "shoal" && other !== undefined
					? { ratio: rounded(sent.bytes / other.bytes), against: "y-webrtc" }
					: {}),
			};
			yield {
				bench,
				case: name,
				metric: `idle, ${SIZE} pages`,
				unit: "messages/s",
				value: perSecond(sent.messages),
			};
		}
	} finally {
		await arena.close();
		await stage.close();
	}
}

async function gather(
	name: "shoal" | "y-webrtc",
	stage: Stage,
	arena: Arena,
	size: number,
): Promise<Page[]> {
	if (name === "shoal")
		return gatherSwarm(stage, size, undefined, watchConnections);
	const room = `traffic-${size}`;
	const pages: Page[] = [];
	for (let index = 0; index < size; index++) {
		const context = await newDevice(stage.browser);
		await watchConnections(context);
		const page = await context.newPage();
		// A role is the key a page writes under, so each has its own.
		await page.goto(arena.address(name, room, `page-${index}`));
		pages.push(page);
	}
	for (const page of pages)
		await page.waitForFunction(() => globalThis.rival?.linkedAt);
	return pages;
}

const write = (name: string, [page]: readonly Page[]): Promise<void> =>
	name === "shoal"
		? (page?.evaluate(() => shoal.state.put("bench", "update", 1)) ??
			Promise.resolve())
		: (page?.evaluate(() => rival?.say()) ?? Promise.resolve());

async function totalOf(pages: readonly Page[]): Promise<Sent> {
	const all = await Promise.all(
		pages.map((page) => page.evaluate(() => sentSoFar())),
	);
	return all.reduce((sum, each) => ({
		bytes: sum.bytes + each.bytes,
		messages: sum.messages + each.messages,
		state: sum.state + each.state,
	}));
}

const difference = (before: Sent, after: Sent): Sent => ({
	bytes: after.bytes - before.bytes,
	messages: after.messages - before.messages,
	state: after.state - before.state,
});

async function closeAll(pages: readonly Page[]): Promise<void> {
	for (const page of pages) await page.context().close();
}

const wait = (ms: number): Promise<void> =>
	new Promise((resolve) => setTimeout(resolve, ms));

async function watchConnections(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const connections: RTCPeerConnection[] = [];
		const Native = RTCPeerConnection;
		globalThis.RTCPeerConnection = class extends Native {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				connections.push(this);
			}
		};
		globalThis.sentSoFar = async () => {
			const sent = { bytes: 0, messages: 0, state: 0 };
			for (const connection of connections)
				for (const report of (await connection.getStats()).values()) {
					if (report.type !== "data-channel") continue;
					sent.bytes += report.bytesSent;
					sent.messages += report.messagesSent;
					if (!["control", "bulk"].includes(report.label))
						sent.state += report.messagesSent;
				}
			return sent;
		};
	});
}
