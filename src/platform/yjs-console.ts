/**
 * What Yjs needs of `lib0/logging`, as the console gives it. The original styles its lines, and for that brings a DOM
 * and a schema library into the node worker, a twentieth of the first load. `vite.config.ts` puts this in its place.
 */

// Yjs wraps its words in these; the original turns them into CSS.
export const BOLD = "";
export const UNBOLD = "";
export const ORANGE = "";
export const RED = "";

/** Prints a line of Yjs's own, without its styles. */
export function print(...words: unknown[]): void {
	console.info(...words.filter((word) => word !== ""));
}

/** Prints a warning of Yjs's own: somebody uses it wrongly. */
export function warn(...words: unknown[]): void {
	console.warn(...words.filter((word) => word !== ""));
}
