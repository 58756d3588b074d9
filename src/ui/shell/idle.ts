/** Waiting for the page to have nothing more urgent to do. */

/** Once the node is open, its links have this long to come up undisturbed. */
const LINKING_MS = 1_000;

/**
 * Runs something once the page has what somebody waits for, and is idle, or a few seconds later where it never is.
 *
 * @param opened settles once the node is open, or cannot open
 */
export async function whenIdle(
	opened: Promise<void>,
	run: () => void,
): Promise<void> {
	await opened.catch(() => undefined); // the page says so itself
	await new Promise((resolve) => setTimeout(resolve, LINKING_MS));
	if ("requestIdleCallback" in globalThis)
		requestIdleCallback(run, { timeout: 4_000 });
	else run();
}
