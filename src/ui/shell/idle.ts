/** Waiting for the page to have nothing more urgent to do. */

/** Runs something once the page has loaded and is idle, or a few seconds later where it never is. */
export function whenIdle(run: () => void): void {
	const start = () => {
		if ("requestIdleCallback" in globalThis) {
			requestIdleCallback(run, { timeout: 4_000 });
		} else {
			setTimeout(run, 1_500);
		}
	};
	if (document.readyState === "complete") start();
	else addEventListener("load", start, { once: true });
}
