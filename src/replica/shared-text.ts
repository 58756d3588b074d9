/**
 * A co-edited draft: one text out of the edits of many sessions.
 *
 * The text is a fold over the set of edits in an order that all devices agree on: by how many edits came before, then by
 * session. Each edit is checked where it stands in that order and left out where it does not fit, so that whatever a
 * member signs, equal edits give equal texts; for honest ones the order changes nothing, because Yjs merges them (Y7).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import * as Y from "yjs";
import { encodeCbor } from "../wire/cbor.ts";
import { MAX_DRAFT_UPDATE_BYTES } from "../wire/constants.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";
import { compareText } from "../wire/order.ts";
import type { Splice } from "../wire/text-splice.ts";
import { spliceText, TEXT } from "./draft-text.ts";
import { checkText, type TextView } from "./text-structure.ts";

/** One edit, as its session signed it. */
export interface TextEdit {
	/** One more than the highest of all edits its author had before it. */
	readonly at: number;
	readonly session: PeerId;
	/** It was brought in by the session, from people outside the swarm. */
	readonly outside: boolean;
	readonly update: Uint8Array;
}

/** A run of the text by one hand. */
export interface TextSpan {
	readonly start: number;
	readonly end: number;
	readonly session: PeerId;
	readonly outside: boolean;
}

/** While nothing is written the document must not look as if one of the clients were its own (Y10). */
const READER_CLIENT = 0;

/**
 * The client id under which a session writes in a draft, and the one under which it brings in what others wrote outside:
 * 53 bits of SHA-256 over [domain, space, session, outside] as CBOR (S4).
 */
export function textClient(
	space: SpaceId,
	session: PeerId,
	outside: boolean,
): number {
	const hash = sha256(
		encodeCbor(["shoal/v1/draft-client", space, session, outside]),
	);
	const view = new DataView(hash.buffer, hash.byteOffset, 8);
	return (view.getUint32(0) & 0x1fffff) * 2 ** 32 + view.getUint32(4);
}

export class SharedText {
	readonly #space: SpaceId;
	readonly #writers = new Map<number, Pick<TextSpan, "session" | "outside">>();
	readonly #clients = new Map<string, number>();
	/** Edits that Yjs threw at after they had passed the check. */
	readonly #unfit = new Set<Uint8Array>();
	#doc = newDoc();
	/** All that was folded, in order, what was left out included. */
	#folded: TextEdit[] = [];
	#last = 0;

	constructor(space: SpaceId) {
		this.#space = space;
	}

	get text(): string {
		return this.#doc.getText(TEXT).toString();
	}

	/**
	 * Takes all edits that are held. What is new at the end of the order is added; anything else begins again.
	 *
	 * @param edits those of each session in the order of its log
	 */
	take(edits: readonly TextEdit[]): void {
		const ordered = inOrder(edits);
		const isGrown = this.#folded.every((edit, at) => isSame(edit, ordered[at]));
		const isWhole =
			isGrown &&
			ordered.slice(this.#folded.length).every((edit) => this.#fold(edit));
		if (!isWhole) this.#rebuild(ordered);
		// Equal, and the same objects as the next time: comparing them costs nothing then.
		this.#folded = ordered;
	}

	/**
	 * Makes an edit of splices and applies it.
	 *
	 * @param splices of the present text, from left to right, cutting no character in two, with well-formed text
	 */
	write(
		session: PeerId,
		outside: boolean,
		splices: readonly Splice[],
	): TextEdit {
		const doc = this.#doc;
		const text = doc.getText(TEXT);
		const client = this.#clientOf(session, outside);
		const view = viewOf(doc);
		const next = view.next(client);
		let update: Uint8Array | undefined;
		const keep = (bytes: Uint8Array): void => {
			update = bytes;
		};
		doc.on("update", keep);
		doc.clientID = client;
		try {
			doc.transact(() => spliceText(text, splices));
			if (update === undefined || doc.clientID !== client)
				throw new Error("the draft's transaction was not its own");
		} finally {
			doc.clientID = READER_CLIENT;
			doc.off("update", keep);
		}
		const edit = { at: this.#last + 1, session, outside, update };
		// Own updates pass the same check as everybody's: what others would leave out is not signed.
		const before: TextView = {
			next: (of) => (of === client ? next : view.next(of)),
		};
		const check = checkText(update, before, { kind: "member", client });
		if (!check.ok)
			throw new Error(`the draft wrote what it would refuse: ${check.reason}`);
		this.#folded.push(edit);
		this.#last = edit.at;
		return edit;
	}

	/** Who wrote what, in the order of the text. */
	spans(): TextSpan[] {
		const spans: TextSpan[] = [];
		let at = 0;
		for (let item = this.#doc.getText(TEXT)._start; item; item = item.right) {
			if (item.deleted || !item.countable) continue;
			const writer = this.#writers.get(item.id.client);
			const start = at;
			at += item.length;
			if (writer === undefined) continue;
			const last = spans.at(-1);
			if (
				last?.end === start &&
				last.session === writer.session &&
				last.outside === writer.outside
			)
				spans[spans.length - 1] = { ...last, end: at };
			else spans.push({ start, end: at, ...writer });
		}
		return spans;
	}

	#rebuild(ordered: readonly TextEdit[]): void {
		let whole = false;
		while (!whole) {
			this.#doc.destroy();
			this.#doc = newDoc();
			this.#folded = [];
			this.#last = 0;
			whole = ordered.every((edit) => this.#fold(edit));
		}
	}

	/** Whether the document is as it should be; where it is not, it is to be built anew, without this edit. */
	#fold(edit: TextEdit): boolean {
		const { session, outside, update, at } = edit;
		this.#folded.push(edit);
		// Nobody who follows the rules skips numbers; who does would leave the others none.
		const isNext = at === this.#last || at === this.#last + 1;
		if (!isNext || this.#unfit.has(update)) return true;
		if (update.length > MAX_DRAFT_UPDATE_BYTES) return true;
		const client = this.#clientOf(session, outside);
		const doc = this.#doc;
		const check = checkText(update, viewOf(doc), { kind: "member", client });
		if (!check.ok) return true;
		if (applies(doc, update, check.reached)) {
			this.#last = at;
			return true;
		}
		this.#unfit.add(update);
		return false;
	}

	#clientOf(session: PeerId, outside: boolean): number {
		const name = `${session} ${outside}`;
		const known = this.#clients.get(name);
		if (known !== undefined) return known;
		const client = textClient(this.#space, session, outside);
		this.#clients.set(name, client);
		this.#writers.set(client, { session, outside });
		return client;
	}
}

/**
 * Applies an update that passed the check.
 *
 * @returns false where Yjs throws or leaves anything over: the document is then spoilt
 */
export function applies(
	doc: Y.Doc,
	update: Uint8Array,
	reached: ReadonlyMap<number, number>,
): boolean {
	try {
		Y.applyUpdate(doc, update);
	} catch {
		return false; // checked bytes that Yjs cannot take; what became of the document nobody knows (Y7)
	}
	const { pendingStructs, pendingDs } = doc.store;
	return (
		pendingStructs === null &&
		pendingDs === null &&
		doc.share.size === 1 &&
		[...reached].every(([client, clock]) => viewOf(doc).next(client) === clock)
	);
}

export const viewOf = (doc: Y.Doc): TextView => ({
	next: (client) => Y.getState(doc.store, client),
});

function newDoc(): Y.Doc {
	const doc = new Y.Doc({ guid: "draft", gc: true });
	doc.clientID = READER_CLIENT;
	doc.getText(TEXT);
	return doc;
}

/**
 * By number, then by session. An edit that is numbered below an earlier one of its log is left out: it would take the
 * place of what others have built on.
 */
function inOrder(edits: readonly TextEdit[]): TextEdit[] {
	const reached = new Map<PeerId, number>();
	return edits
		.filter(({ session, at }) => {
			if (at <= (reached.get(session) ?? 0)) return false;
			reached.set(session, at);
			return true;
		})
		.sort((a, b) => a.at - b.at || compareText(a.session, b.session));
}

function isSame(a: TextEdit, b: TextEdit | undefined): boolean {
	return (
		b !== undefined &&
		a.at === b.at &&
		a.session === b.session &&
		(a.update === b.update || sameBytes(a.update, b.update))
	);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
	a.length === b.length && a.every((byte, at) => byte === b[at]);
