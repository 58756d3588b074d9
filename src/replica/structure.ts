/**
 * Decides whether a Yjs update is a batch of `map.set` calls by the corner's one writer, before it touches a document.
 *
 * Yjs trusts its input: forged clocks make peers differ for ever, and a failing `applyUpdate` has often changed the
 * document already (facts Y7, Y8). So nothing is applied that an honest corner could not have produced: items of client
 * 1 that continue its clock, each a set of one key of the root map `facts`, each replacing exactly the item that holds
 * the key now, and a delete set that names exactly the replaced items. That also leaves no references forward or out of
 * the corner, no gaps, and nothing that could stay pending.
 */
import * as Y from "yjs";
import { MAX_KEY_LENGTH, MAX_VALUE_DEPTH } from "../wire/constants.ts";
import { isPlain } from "../wire/plain.ts";

/** S4: every corner has one writer, so all share one client id. */
export const CORNER_CLIENT = 1;
/** The root map of a corner. */
export const FACTS = "facts";

/** What the check needs to know of the corner an update continues. */
export interface CornerView {
	/** The clock of the next item. */
	readonly next: number;
	/** The clock of the item that holds a key now. */
	clockOf(key: string): number | undefined;
	/** The key that the item at a clock holds now; `undefined` for replaced and unknown items. */
	keyAt(clock: number): string | undefined;
}

export interface FactSet {
	readonly key: string;
	readonly value: unknown;
	readonly clock: number;
}

export type StructureCheck =
	| { readonly ok: true; readonly sets: readonly FactSet[] }
	| { readonly ok: false; readonly reason: string };

/**
 * @param immutable keys may be set once and never again, as in the spaces of jobs (T1).
 */
export function checkStructure(
	update: Uint8Array,
	corner: CornerView,
	immutable: boolean,
): StructureCheck {
	// One block of structs. Of two blocks of one client, applying keeps the last and decoding reads both.
	if (update[0] !== 1) return bad("not one block of items");
	let decoded: ReturnType<typeof Y.decodeUpdate>;
	try {
		decoded = Y.decodeUpdate(update);
	} catch {
		return bad("not an update"); // whatever lib0 threw, the bytes are what is wrong
	}
	const sets: FactSet[] = [];
	const keys = new Set<string>();
	const replaced = new Set<number>();
	for (const struct of decoded.structs) {
		const set = setOf(struct, corner.next + sets.length, corner);
		if (typeof set === "string") return bad(set);
		if (keys.has(set.key)) return bad("a key is set twice");
		keys.add(set.key);
		sets.push(set);
		const before = corner.clockOf(set.key);
		if (before === undefined) continue;
		if (immutable) return bad("a record is immutable");
		replaced.add(before);
	}
	if (sets.length === 0) return bad("sets nothing");
	return deletesExactly(decoded.ds, replaced)
		? { ok: true, sets }
		: bad("deletes what it does not replace");
}

function setOf(
	struct: unknown,
	clock: number,
	corner: CornerView,
): FactSet | string {
	if (!(struct instanceof Y.Item)) return "holds a gap or collected items";
	if (struct.id.client !== CORNER_CLIENT) return "another client's item";
	if (struct.id.clock !== clock) return "does not continue the clock";
	if (struct.rightOrigin !== null) return "has a right neighbour";
	const key = keyOf(struct, corner);
	if (key === undefined) return "does not hang on the map of facts";
	if (key.length === 0 || key.length > MAX_KEY_LENGTH)
		return "a key of that length";
	const value = singleOf(struct.content);
	if (value === undefined || !isPlain(value, MAX_VALUE_DEPTH))
		return "not plain data";
	return { key, value, clock };
}

/** The key an item sets; its origin must be the very item that holds the key now, or none where there is none. */
function keyOf(item: Y.Item, corner: CornerView): string | undefined {
	if (item.origin !== null)
		return item.origin.client === CORNER_CLIENT
			? corner.keyAt(item.origin.clock)
			: undefined;
	// The decoder puts the root type's name where an integrated item has its parent.
	const parent: unknown = item.parent;
	const key: unknown = item.parentSub;
	if (parent !== FACTS || typeof key !== "string") return undefined;
	return corner.clockOf(key) === undefined ? key : undefined;
}

/** The one value of an item, `undefined` where it holds anything else. */
function singleOf(content: unknown): unknown {
	if (content instanceof Y.ContentBinary) return content.content;
	if (content instanceof Y.ContentAny && content.arr.length === 1)
		return content.arr[0];
	return undefined;
}

function deletesExactly(
	deletes: ReturnType<typeof Y.decodeUpdate>["ds"],
	replaced: ReadonlySet<number>,
): boolean {
	const left = new Set(replaced);
	for (const [client, ranges] of deletes.clients) {
		if (client !== CORNER_CLIENT) return false;
		for (const { clock, len } of ranges) {
			// Checked before counting: an 8-byte update can name a million clocks (Y8).
			if (len < 1 || len > left.size) return false;
			for (let at = clock; at < clock + len; at++)
				if (!left.delete(at)) return false;
		}
	}
	return left.size === 0;
}

function bad(reason: string): StructureCheck {
	return { ok: false, reason };
}
