/**
 * Parts of the page that are not in its first load. They come when they are first wanted, or in the first idle moment,
 * whichever is sooner: by then nobody waits for them, and they are there when the server is not (L7).
 */
import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { useModel } from "./context.ts";

const parts: (() => Promise<void>)[] = [];

/**
 * A component that stands for one in a file of its own, and is nothing until that has come.
 * @param missing - what does not work without it, for the notice when it cannot be fetched
 */
export function later<P extends object>(
	missing: string,
	load: () => Promise<FunctionComponent<P>>,
): FunctionComponent<P> {
	const part = signal<FunctionComponent<P> | null>(null);
	const fetchPart = async () => {
		if (part.peek() === null) part.value = await load();
	};
	parts.push(fetchPart);
	return function Later(props: P) {
		const model = useModel();
		useEffect(() => model.attempt(missing, fetchPart), [model]);
		const Part = part.value;
		return Part === null ? null : <Part {...props} />;
	};
}

/** Fetches every part that has not come yet. One that cannot be fetched now is fetched, and explained, when wanted. */
export async function fetchParts(): Promise<void> {
	await Promise.allSettled(parts.map((fetchPart) => fetchPart()));
}
