/**
 * What a page tells its node worker at the start. It stands in the worker's name, which is there before any message: those
 * wait until the page's own thread has a moment, and the page is drawing its first screen.
 */
export interface PageFacts {
	/** A first name for this device. */
	readonly deviceName: string;
	/** The session that this tab had before it was reloaded. */
	readonly lastSession: string | null;
	/** The invite that the page was opened by. */
	readonly invite: string | null;
}

export const workerNameOf = (facts: PageFacts): string => JSON.stringify(facts);

export const factsOf = (workerName: string): PageFacts =>
	JSON.parse(workerName);
