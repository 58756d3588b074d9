/** Watches a join from outside: nothing in the page is changed but that making a connection leaves a mark. */
import type { BrowserContext, Page } from "playwright";
import type {} from "../src/node/page.ts";

/** Moments of a join in their order. */
export const moments = [
	/** The answer with the page began to arrive. */
	"answered",
	/** `globalThis.shoal` exists. */
	"scripted",
	/** `shoal.ready` resolved: key and store are open. */
	"ready",
	/** The first connection was begun: the invite's other end has answered through the relay. */
	"met",
	/** Its channels can carry. */
	"meeting open",
	/** The connection of the swarm itself was begun: the secret is here, and a peer has answered on the swarm's topic. */
	"dialled",
	/** Its channels can carry. */
	"link open",
	/** The first authenticated peer is in `peers()`. */
	"peer",
] as const;
export type Moment = (typeof moments)[number];

/** Milliseconds since 1970 at which each was seen; a moment that never came is missing. */
export type Sightings = Partial<Record<Moment, number>>;

declare global {
	/** Left in the page by `watchJoin`. */
	var sightings: Sightings;
}

/**
 * Prepares a device so that its pages note the moments of a join. Call before the page is opened.
 *
 * @param invited whether its first connection will be to an invite's other end; a member's is to the swarm
 */
export async function watchJoin(
	context: BrowserContext,
	invited: boolean,
): Promise<void> {
	await context.addInitScript((meets: boolean) => {
		const seen: Sightings = {};
		globalThis.sightings = seen;
		const see = (moment: Moment): void => {
			// The last before the peer counts: a connection that led to nothing is part of the way there.
			if (seen.peer === undefined)
				seen[moment] = performance.timeOrigin + performance.now();
		};
		const Native = RTCPeerConnection;
		let made = 0;
		globalThis.RTCPeerConnection = class extends Native {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				made++;
				const [begun, open] =
					made === 1 && meets
						? (["met", "meeting open"] as const)
						: (["dialled", "link open"] as const);
				see(begun);
				this.addEventListener("connectionstatechange", () => {
					if (this.connectionState === "connected") see(open);
				});
			}
		};
		const look = (): void => {
			if (!("shoal" in globalThis)) {
				setTimeout(look, 4);
				return;
			}
			see("scripted");
			// Each look is a call to the worker: more of them would slow what they look for.
			const count = async (): Promise<void> => {
				// Between two swarms a page is in none, and says so.
				const peers = await shoal.peers().catch(() => []);
				if (peers.length > 0) see("peer");
				else setTimeout(count, 8);
			};
			shoal.ready.then(() => {
				see("ready");
				return count();
			}, console.error);
		};
		look();
	}, invited);
}

/** Opens a link and returns, for each moment, the milliseconds since the link was opened. Rejects after 30 s. */
export async function timeJoin(page: Page, url: string): Promise<Sightings> {
	const begun = performance.timeOrigin + performance.now();
	// Not before the page is loaded, as with the others: what the tool puts into the page to look takes 40 ms to compile.
	await page.goto(url);
	await page.waitForFunction(() => globalThis.sightings.peer !== undefined, {
		timeout: 30_000,
		polling: 50,
	});
	const seen = await page.evaluate((): Sightings => {
		const [entry] = performance.getEntriesByType("navigation");
		const answered =
			entry instanceof PerformanceNavigationTiming
				? { answered: performance.timeOrigin + entry.responseStart }
				: {};
		return { ...answered, ...globalThis.sightings };
	});
	const since: Sightings = {};
	for (const moment of moments) {
		const at = seen[moment];
		if (at !== undefined) since[moment] = at - begun;
	}
	return since;
}
