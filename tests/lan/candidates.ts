/** Writes down by which addresses a page offers to be reached. */
import type { BrowserContext, Page } from "playwright";

declare global {
	/** Left in the page by `watchCandidates`. */
	var offeredAddresses: string[];
}

/** For all pages of a context that are opened from now on. */
export async function watchCandidates(context: BrowserContext): Promise<void> {
	await context.addInitScript(() => {
		globalThis.offeredAddresses = [];
		const Native = globalThis.RTCPeerConnection;
		globalThis.RTCPeerConnection = class extends Native {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				this.addEventListener("icecandidate", ({ candidate }) => {
					if (candidate?.address) offeredAddresses.push(candidate.address);
				});
			}
		};
	});
}

/** The addresses of all candidates of all connections so far. */
export function candidatesOf(page: Page): Promise<string[]> {
	return page.evaluate(() => offeredAddresses);
}
