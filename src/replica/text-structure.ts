/**
 * Decides whether a Yjs update is plain editing of a draft's one text, before it touches a document.
 *
 * A draft is where several write (S4), so an update may point at what others wrote and delete it. What it may not: hold
 * anything but text, write as another client, leave gaps, point or delete forward, or hang on anything but the one root
 * text. That leaves nothing pending, and nothing that one device reads otherwise than another (facts Y3, Y7, Y8).
 */
import * as Y from "yjs";
import { TEXT } from "./draft-text.ts";

/** Clients of one update from outside. */
const MAX_CLIENTS = 256;
/** Deleted and collected items are numbers only: without a bound nine bytes could claim all clocks there are. */
const MAX_GONE = 4 * 1024 * 1024;

/** What the check needs to know of the text that an update continues. */
export interface TextView {
	/** The clock of a client's next item, 0 where it has none. */
	next(client: number): number;
}

export type TextRule =
	/** A member's edit: items of one client id, its own (S4). */
	| { readonly kind: "member"; readonly client: number }
	/** What comes from a room that is open to the outside: any clients but those that write here. */
	| { readonly kind: "outside"; isOurs(client: number): boolean };

export type TextCheck =
	| {
			readonly ok: true;
			/** Clients that write, and the clock each has reached after the update. */
			readonly reached: ReadonlyMap<number, number>;
	  }
	| { readonly ok: false; readonly reason: string };

/** @param update of a size that the caller has bounded */
export function checkText(
	update: Uint8Array,
	text: TextView,
	rule: TextRule,
): TextCheck {
	const blocks = countOfBlocks(update);
	if (blocks === undefined || blocks > MAX_CLIENTS) return bad("not an update");
	let decoded: ReturnType<typeof Y.decodeUpdate>;
	try {
		decoded = Y.decodeUpdate(update);
	} catch {
		return bad("not an update"); // whatever lib0 threw, the bytes are what is wrong
	}
	const reached = new Map<number, number>();
	for (const struct of decoded.structs) {
		const { client, clock } = struct.id;
		const wrong =
			rule.kind === "member" ? client !== rule.client : rule.isOurs(client);
		if (wrong) return bad("another client's item");
		if (clock !== (reached.get(client) ?? text.next(client)))
			return bad("does not continue the clock");
		if (!Number.isSafeInteger(struct.length) || struct.length < 1)
			return bad("a length that is none");
		reached.set(client, clock + struct.length);
		const reason = contentOf(struct, rule);
		if (reason !== undefined) return bad(reason);
	}
	// Of two blocks of one client, applying keeps the last and decoding reads both.
	if (reached.size !== blocks) return bad("not one block a client");
	const isKnown = (client: number, clock: number): boolean =>
		clock < (reached.get(client) ?? text.next(client));
	for (const struct of decoded.structs) {
		if (!(struct instanceof Y.Item)) continue;
		for (const id of [struct.origin, struct.rightOrigin]) {
			if (id === null) continue;
			const isBack =
				id.client !== struct.id.client || id.clock < struct.id.clock;
			if (!isBack || !isKnown(id.client, id.clock))
				return bad("points at what is not there");
		}
		// An item beside another hangs where that one does. The decoder puts a root's name where a parent will stand.
		const parent: unknown = struct.parent;
		if (struct.origin !== null || struct.rightOrigin !== null) continue;
		if (parent !== TEXT || struct.parentSub !== null)
			return bad("does not hang on the text");
	}
	for (const [client, ranges] of decoded.ds.clients)
		for (const { clock, len } of ranges)
			if (len < 1 || !isKnown(client, clock + len - 1))
				return bad("deletes what is not there");
	return decoded.structs.length === 0 && decoded.ds.clients.size === 0
		? bad("does nothing")
		: { ok: true, reached };
}

/** What is wrong with what a struct holds. */
function contentOf(
	struct: { readonly length: number },
	rule: TextRule,
): string | undefined {
	if (struct instanceof Y.Item && struct.content instanceof Y.ContentString)
		return undefined;
	// Who joins a room is told what was written and deleted before without its content.
	const isGone =
		struct instanceof Y.GC ||
		(struct instanceof Y.Item && struct.content instanceof Y.ContentDeleted);
	if (isGone && rule.kind === "outside" && struct.length <= MAX_GONE)
		return undefined;
	return "holds something else than text";
}

/** The number that an update begins with (lib0's varUint), of up to two bytes. */
function countOfBlocks(update: Uint8Array): number | undefined {
	const [first = 0x80, second = 0x80] = update;
	if (first < 0x80) return first;
	return second < 0x80 ? (first & 0x7f) | (second << 7) : undefined;
}

function bad(reason: string): TextCheck {
	return { ok: false, reason };
}
