/** One change of a text as a splice: what two versions differ in, and where a splice stands after another one. Pure. */

/** Positions and lengths in UTF-16 units, as JavaScript counts. */
export interface Splice {
	readonly at: number;
	/** How many units go. */
	readonly remove: number;
	readonly insert: string;
}

/** Under the `u` flag a surrogate matches only when it is alone. */
const LONE_SURROGATES = /[\uD800-\uDFFF]/gu;

/** The text with U+FFFD for every half character: Yjs and UTF-8 would put it there, but not on all devices alike. */
export const wellFormed = (text: string): string =>
	text.replace(LONE_SURROGATES, "\uFFFD");

/**
 * The smallest splice that makes `to` of `from`, or `undefined` where they are equal. It never cuts a character that
 * takes two units: Yjs would spoil both halves.
 */
export function spliceBetween(from: string, to: string): Splice | undefined {
	if (from === to) return undefined;
	const shorter = Math.min(from.length, to.length);
	let start = 0;
	while (start < shorter && from.charCodeAt(start) === to.charCodeAt(start))
		start++;
	if (cuts(from, start) || cuts(to, start)) start--;
	let end = 0;
	while (
		end < shorter - start &&
		from.charCodeAt(from.length - 1 - end) ===
			to.charCodeAt(to.length - 1 - end)
	)
		end++;
	if (cuts(from, from.length - end) || cuts(to, to.length - end)) end--;
	return {
		at: start,
		remove: from.length - end - start,
		insert: to.slice(start, to.length - end),
	};
}

const applySplice = (text: string, { at, remove, insert }: Splice): string =>
	text.slice(0, at) + insert + text.slice(at + remove);

/** Whether splices of a text cut no character in two and bring whole ones. */
export const areWhole = (text: string, splices: readonly Splice[]): boolean =>
	splices.every(
		({ at, remove, insert }) =>
			!cuts(text, at) &&
			!cuts(text, at + remove) &&
			wellFormed(insert) === insert,
	);

/**
 * Splices of one version, as they stand after other splices of that version were applied. What both remove is removed
 * once, and what the others inserted is kept: a splice that removes what is around it becomes two. Of two insertions at
 * one place the other's comes first.
 *
 * Both lists go from left to right, and none in a list overlaps another of it; so does the one that is returned.
 */
export const moveSplices = (
	splices: readonly Splice[],
	over: readonly Splice[],
): Splice[] =>
	over.reduceRight<Splice[]>(
		(now, other) => now.flatMap((splice) => moved(splice, other)),
		[...splices],
	);

/** Applies splices of one version, which go from left to right. */
export const applySplices = (
	text: string,
	splices: readonly Splice[],
): string =>
	splices.reduceRight((now, splice) => applySplice(now, splice), text);

function moved({ at, remove, insert }: Splice, over: Splice): Splice[] {
	const within = (count: number): number =>
		Math.min(remove, Math.max(0, count));
	const left = within(over.at - at);
	const right = within(at + remove - over.at - over.remove);
	if (left === 0)
		return [{ at: movePosition(at, over), remove: right, insert }];
	if (right === 0) return [{ at, remove: left, insert }];
	return over.insert === ""
		? [{ at, remove: left + right, insert }]
		: [
				{ at, remove: left, insert },
				{ at: over.at + over.insert.length, remove: right, insert: "" },
			];
}

/** Where a position stands after a splice: what stood behind it moves on, what stood in what went is at its end. */
export function movePosition(position: number, over: Splice): number {
	if (position < over.at) return position;
	if (position < over.at + over.remove) return over.at + over.insert.length;
	return position - over.remove + over.insert.length;
}

/** Whether a position is between the two halves of one character. */
function cuts(text: string, position: number): boolean {
	if (position <= 0 || position >= text.length) return false;
	const before = text.charCodeAt(position - 1);
	const after = text.charCodeAt(position);
	return (
		before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000
	);
}
