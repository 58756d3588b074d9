/** What went wrong, in words: what happened, what was kept, what to do. Notices stay until somebody dismisses them. */

export interface Notice {
	readonly id: number;
	readonly tone: "fail" | "info";
	readonly title: string;
	/** What was kept, and what to do. */
	readonly detail: string;
}

/** What to do next, by the code of the error. The message itself says what happened. */
const advice: Readonly<Record<string, string>> = {
	"bad-invite":
		"Nothing has changed here. Make a new link on the other device and open that.",
	"link-lost": "What was done so far is kept. Try again in a moment.",
	"no-such-document": "It was removed from the swarm. The quote is kept.",
	"no-such-job": "It is not on any device that is awake now.",
	"no-such-peer": "That page was closed. The others go on.",
	"nobody-awake":
		"Open Shoal on the other device and keep it in view; this page keeps trying.",
	"not-a-member": "Ask for a new link on a device of that swarm.",
	"not-available": "Open the device that holds it, and try again.",
	"not-saved":
		"It is still on the screen. Free some space on this device, then try again.",
	timeout: "Nothing is lost. Try again in a moment.",
};

/** The stable code of an error of the page API, if it is one. */
export function codeOf(error: unknown): string | undefined {
	if (!(error instanceof Error) || !("code" in error)) return undefined;
	return typeof error.code === "string" ? error.code : undefined;
}

/**
 * Makes a notice of a failure.
 * @param what - what did not work, as a sentence without its full stop
 */
export function explain(what: string, error: unknown): Omit<Notice, "id"> {
	const message = sentence(
		error instanceof Error && error.message !== ""
			? error.message
			: "The reason is unknown",
	);
	const next = advice[codeOf(error) ?? ""];
	return {
		tone: "fail",
		title: what,
		detail: next === undefined ? message : `${message} ${next}`,
	};
}

function sentence(text: string): string {
	const trimmed = text.trim();
	const capital = trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1);
	return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
