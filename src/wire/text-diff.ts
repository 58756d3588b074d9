/** What two versions of a text differ in, as the few small splices that several hands make. Pure. */
import { type Splice, spliceBetween } from "./text-splice.ts";

/** More characters than this coming and going are taken for one change: somebody pasted. */
const MAX_DIFFERENCES = 256;
/** Characters compared in all; a text made to be compared for long is taken for one change, too. */
const MAX_COMPARED = 400_000;

/**
 * The splices that make `to` of `from`, from left to right, in positions of `from`; none where they are equal. None cuts
 * a character that takes two units. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
 */
export function splicesBetween(from: string, to: string): Splice[] {
	const whole = spliceBetween(from, to);
	if (whole === undefined) return [];
	const gone = [...from.slice(whole.at, whole.at + whole.remove)];
	const come = [...whole.insert];
	if (gone.length === 0 || come.length === 0) return [whole];
	return joined(stepsBetween(gone, come), gone, whole.at) ?? [whole];
}

/** One character that goes (`insert` is empty) or comes, before the `at`th of the old ones. */
interface Step {
	readonly at: number;
	readonly insert: string;
}

/** How far each diagonal has come, by its number from -MAX_DIFFERENCES - 1 on. */
type Reached = Int32Array;
const CENTRE = MAX_DIFFERENCES + 1;
const reachedOn = (reached: Reached, diagonal: number): number =>
	reached[CENTRE + diagonal] ?? 0;

/** Where the best path to a diagonal comes from: the one above (a character comes) or the one below (one goes). */
function isFromAbove(
	reached: Reached,
	diagonal: number,
	differences: number,
): boolean {
	return (
		diagonal === -differences ||
		(diagonal !== differences &&
			reachedOn(reached, diagonal - 1) < reachedOn(reached, diagonal + 1))
	);
}

function stepsBetween(
	gone: readonly string[],
	come: readonly string[],
): Step[] | undefined {
	const reached: Reached = new Int32Array(2 * CENTRE + 1);
	const trace: Reached[] = [];
	let compared = 0;
	for (let differences = 0; differences <= MAX_DIFFERENCES; differences++) {
		trace.push(reached.slice());
		for (let at = -differences; at <= differences; at += 2) {
			let x = isFromAbove(reached, at, differences)
				? reachedOn(reached, at + 1)
				: reachedOn(reached, at - 1) + 1;
			while (
				x < gone.length &&
				x - at < come.length &&
				gone[x] === come[x - at]
			) {
				x++;
				if (++compared > MAX_COMPARED) return undefined;
			}
			reached[CENTRE + at] = x;
			if (x >= gone.length && x - at >= come.length)
				return walkedBack(trace, gone.length, come);
		}
	}
	return undefined;
}

function walkedBack(
	trace: readonly Reached[],
	end: number,
	come: readonly string[],
): Step[] {
	const steps: Step[] = [];
	let x = end;
	let y = come.length;
	for (let differences = trace.length - 1; differences > 0; differences--) {
		const reached = trace[differences] ?? new Int32Array();
		const diagonal = x - y;
		const isInsert = isFromAbove(reached, diagonal, differences);
		const before = isInsert ? diagonal + 1 : diagonal - 1;
		x = reachedOn(reached, before);
		y = x - before;
		steps.push({ at: x, insert: isInsert ? (come[y] ?? "") : "" });
	}
	return steps.reverse();
}

/** Steps side by side become one splice. */
function joined(
	steps: readonly Step[] | undefined,
	gone: readonly string[],
	offset: number,
): Splice[] | undefined {
	if (steps === undefined) return undefined;
	const splices: Splice[] = [];
	let at = offset;
	let passed = 0;
	for (const step of steps) {
		for (; passed < step.at; passed++) at += gone[passed]?.length ?? 0;
		const last = splices.at(-1);
		const remove = step.insert === "" ? (gone[step.at]?.length ?? 0) : 0;
		if (last !== undefined && last.at + last.remove === at)
			splices[splices.length - 1] = {
				at: last.at,
				remove: last.remove + remove,
				insert: last.insert + step.insert,
			};
		else splices.push({ at, remove, insert: step.insert });
	}
	return splices;
}
