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

/** An edit where it stands in the order, and what became of it. */
interface Place {
	readonly edit: TextEdit;
	readonly client: number;
	/** The clock that its client has reached with it; `undefined` where it was left out. */
	readonly reached: number | undefined;
}

export class SharedText {
	readonly #space: SpaceId;
	readonly #writers = new Map<number, Pick<TextSpan, "session" | "outside">>();
	readonly #clients = new Map<string, number>();
	/** Edits that Yjs threw at after they had passed the check. */
	readonly #unfit = new Set<Uint8Array>();
	#doc = newDoc();
	/** All that was folded, in order. */
	#folded: Place[] = [];
	#last = 0;

	constructor(space: SpaceId) {
		this.#space = space;
	}

	get text(): string {
		return this.#doc.getText(TEXT).toString();
	}

	/**
	 * Takes all edits that are held. What is new is put in its place; where that may change what became of others, the text
	 * is built anew.
	 *
	 * @param edits those of each session in the order of its log
	 */
	take(edits: readonly TextEdit[]): void {
		const ordered = inOrder(edits);
		if (this.#isWithin(ordered) && this.#fold(ordered)) return;
		do {
			this.#doc.destroy();
			this.#doc = newDoc();
			this.#folded = [];
		} while (!this.#fold(ordered));
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
		const reached = check.reached.get(client) ?? next;
		this.#folded.push({ edit, client, reached });
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

	/** Whether nothing of what was folded is gone. */
	#isWithin(ordered: readonly TextEdit[]): boolean {
		let known = 0;
		for (const edit of ordered)
			if (isSame(this.#folded[known]?.edit, edit)) known++;
		return known === this.#folded.length;
	}

	/**
	 * Goes through all edits in their order, and applies those that were not folded yet. Yjs merges them wherever they come;
	 * whether one fits is asked of what stands before it, so that the answer is the same on all devices.
	 *
	 * @returns false where the document has to be built anew
	 */
	#fold(ordered: readonly TextEdit[]): boolean {
		const places: Place[] = [];
		const clocks = new Map<number, number>();
		let last = 0;
		let known = 0;
		let isInserted = false;
		for (const edit of ordered) {
			const old = this.#folded[known];
			const isOld = isSame(old?.edit, edit);
			const place = isOld ? old : this.#place(edit, last, clocks);
			if (place === undefined) return false;
			if (isOld) known++;
			else isInserted = true;
			const { reached, client } = place;
			// What was left out may fit now, after what has come before it.
			if (isOld && isInserted && reached === undefined) return false;
			places.push({ edit, client, reached });
			if (reached === undefined) continue;
			clocks.set(client, reached);
			last = edit.at;
		}
		this.#folded = places;
		this.#last = last;
		return true;
	}

	/** Applies an edit if it fits. `undefined` where it spoilt the document: the next time it is left out. */
	#place(
		edit: TextEdit,
		last: number,
		clocks: ReadonlyMap<number, number>,
	): Place | undefined {
		const { session, outside, update, at } = edit;
		const client = this.#clientOf(session, outside);
		const leftOut = { edit, client, reached: undefined };
		// Nobody who follows the rules skips numbers; who does would leave the others none.
		const isNext = at === last || at === last + 1;
		if (!isNext || this.#unfit.has(update)) return leftOut;
		if (update.length > MAX_DRAFT_UPDATE_BYTES) return leftOut;
		const before: TextView = { next: (of) => clocks.get(of) ?? 0 };
		const check = checkText(update, before, { kind: "member", client });
		if (!check.ok) return leftOut;
		if (applies(this.#doc, update, check.reached))
			return {
				edit,
				client,
				reached: check.reached.get(client) ?? before.next(client),
			};
		this.#unfit.add(update);
		return undefined;
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

function isSame(a: TextEdit | undefined, b: TextEdit): boolean {
	return (
		a !== undefined &&
		a.at === b.at &&
		a.session === b.session &&
		(a.update === b.update || sameBytes(a.update, b.update))
	);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
	a.length === b.length && a.every((byte, at) => byte === b[at]);
