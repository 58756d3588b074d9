/** Where in the page somebody is, as the fragment of the address: back, forward and reload just work. */
import type { DeviceId, DraftId, PeerId } from "../node/api.ts";

/** One sentence of a report. */
export interface SentencePlace {
	readonly section: number;
	readonly sentence: number;
}

export type Route =
	/** The start of a new question. */
	| { readonly place: "ask" }
	| {
			readonly place: "job";
			readonly job: string;
			/** The sentence whose source is open. */
			readonly at: SentencePlace | null;
	  }
	| { readonly place: "drafts"; readonly draft: DraftId | null }
	| { readonly place: "swarm"; readonly selected: DeviceId | PeerId | null };

/** Reads a fragment. Whatever is not a place of ours (an invite, a stray anchor) is the start. */
export function parseRoute(fragment: string): Route {
	const [, place, first, second] = fragment.replace(/^#/, "").split("/");
	if (place === "swarm") {
		return { place, selected: first ? safeDecode(first) : null };
	}
	if (place === "drafts") {
		return {
			place,
			draft: first && /^[\w-]{1,100}$/.test(first) ? first : null,
		};
	}
	if (place === "job" && first !== undefined && /^[\w-]{1,100}$/.test(first)) {
		const at = /^(\d{1,4})\.(\d{1,4})$/.exec(second ?? "");
		return {
			place,
			job: first,
			at: at ? { section: Number(at[1]), sentence: Number(at[2]) } : null,
		};
	}
	return { place: "ask" };
}

/** The fragment of a place; `parseRoute` reads it back. */
export function fragmentOf(route: Route): string {
	if (route.place === "swarm") {
		return route.selected === null
			? "#/swarm"
			: `#/swarm/${encodeURIComponent(route.selected)}`;
	}
	if (route.place === "drafts")
		return route.draft === null ? "#/drafts" : `#/drafts/${route.draft}`;
	if (route.place === "job") {
		const at = route.at;
		return at === null
			? `#/job/${route.job}`
			: `#/job/${route.job}/${at.section}.${at.sentence}`;
	}
	return "#/";
}

function safeDecode(text: string): string | null {
	try {
		return decodeURIComponent(text);
	} catch (error) {
		if (error instanceof URIError) return null;
		throw error;
	}
}
