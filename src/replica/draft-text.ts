/** The one text of a draft, inside the swarm and in a room outside: its name, and edits of it. */
import type * as Y from "yjs";
import type { Splice } from "../wire/text-splice.ts";

/** The root text of a draft: an outside page opens it by `getText("draft")`. */
export const TEXT = "draft";

/** @param splices from left to right, each as if it were the only one */
export function spliceText(text: Y.Text, splices: readonly Splice[]): void {
	for (const { at, remove, insert } of [...splices].reverse()) {
		if (remove > 0) text.delete(at, remove);
		if (insert !== "") text.insert(at, insert);
	}
}

/** A change that Yjs tells of, as splices of the text before it, from left to right. */
export function splicesOf(delta: Y.YTextEvent["delta"]): Splice[] {
	const splices: Splice[] = [];
	let at = 0;
	for (const { retain = 0, delete: remove = 0, insert } of delta) {
		at += retain;
		const text = typeof insert === "string" ? insert : "";
		if (remove > 0 || text !== "") splices.push({ at, remove, insert: text });
		at += remove;
	}
	return splices;
}
