/** How long after a link falls silent, with nobody told, the next message arrives. */
import type { BrowserContext, Page } from "playwright";
import { openStage } from "../scripts/headless-swarm.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	spread,
} from "./figure.ts";
import { openArena, openPair } from "./rivals.ts";
import { openShoalPair } from "./shoal-pair.ts";

const bench = "heal";
/** Who has not recovered by then counts as never. */
const LIMIT_MS = 20_000;
const names = ["shoal", "y-webrtc", "peerjs", "trystero"] as const;

export const heal: Bench = {
	about: "a link falls silent, unannounced, to the next message delivered",
	defaultRuns: 5,
	measure,
};

declare global {
	/** Left in the page by `watchChannels`: every data channel there is stops carrying, both ways. */
	var cutChannels: () => void;
}

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	const stage = await openStage();
	const arena = await openArena(onNote);
	try {
		for (const name of names) {
			const times: number[] = [];
			for (let run = 0; run < runs; run++) {
				onNote(`${name}, run ${run + 1}`);
				const pair =
					name === "shoal"
						? await openShoalPair(stage, watchChannels)
						: await openPair(stage.browser, arena, name, watchChannels);
				const ms = await timeHealing(pair.guest, pair.host);
				if (ms !== undefined) times.push(ms);
				await pair.close();
			}
			yield {
				bench,
				case: name,
				metric: `recovered within ${LIMIT_MS / 1000} s`,
				unit: `of ${runs}`,
				value: times.length,
			};
			if (times.length > 0)
				yield* spread(
					{ bench, case: name, metric: "next message", unit: "ms" },
					times,
				);
		}
	} finally {
		await arena.close();
		await stage.close();
	}
}

/** Milliseconds from the cut to the next tick delivered, or undefined. */
async function timeHealing(from: Page, to: Page): Promise<number | undefined> {
	await from.evaluate(() => rival?.tick());
	await to.waitForFunction(() => (rival?.lastTick ?? 0) > 0);
	await Promise.all(
		[from, to].map((page) => page.evaluate(() => cutChannels())),
	);
	const cutAt = await to.evaluate(() => Date.now());
	await to
		.waitForFunction((at) => (rival?.lastTick ?? 0) > at, cutAt, {
			timeout: LIMIT_MS,
			polling: 20,
		})
		.catch(() => undefined);
	const tick = await to.evaluate(() => rival?.lastTick ?? 0);
	return tick > cutAt ? tick - cutAt : undefined;
}

/** Lets the page's channels be cut as a network cuts them: nobody is told, everything still says it is connected. */
async function watchChannels(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		const channels = new Set<RTCDataChannel>();
		const watch = (channel: RTCDataChannel): void => {
			channels.add(channel);
			// First in the channel's list, so that nobody behind hears what a dead network could not have brought.
			channel.addEventListener("message", (event) => {
				if (!channels.has(channel)) event.stopImmediatePropagation();
			});
		};
		const { createDataChannel } = RTCPeerConnection.prototype;
		RTCPeerConnection.prototype.createDataChannel = function (...args) {
			const channel = createDataChannel.apply(this, args);
			watch(channel);
			// What is no channel to the browser cannot be moved to a worker, out of reach of the cut.
			return new Proxy(channel, {
				get(target, key) {
					const value: unknown = Reflect.get(target, key);
					return typeof value === "function" ? value.bind(target) : value;
				},
				set: (target, key, value) => Reflect.set(target, key, value),
			});
		};
		const Native = RTCPeerConnection;
		globalThis.RTCPeerConnection = class extends Native {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				this.addEventListener("datachannel", ({ channel }) => watch(channel));
			}
		};
		globalThis.cutChannels = () => {
			for (const channel of channels) channel.send = () => undefined;
			channels.clear();
		};
	});
}
