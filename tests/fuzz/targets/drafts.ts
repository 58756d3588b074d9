/** Decoders of drafts: edits of members, what comes from a room outside, records, and the link that opens one. */
import { decode } from "cborg";
import * as Y from "yjs";
import {
	type DraftRecord,
	editsOf,
	newRoom,
	recordsOf,
} from "../../../src/node/draft-records.ts";
import { DraftRoom } from "../../../src/node/draft-room.ts";
import { TEXT } from "../../../src/replica/draft-text.ts";
import {
	SharedText,
	type TextEdit,
	textClient,
} from "../../../src/replica/shared-text.ts";
import { utf8 } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import {
	outsideLink,
	parseOutsideLink,
} from "../../../src/wire/outside-link.ts";
import { applySplices, type Splice } from "../../../src/wire/text-splice.ts";
import { ensure, outcomeOf, type Target, texts } from "../target.ts";

const SPACE = "draft:fuzz";
const OURS = "aa";
const THEIRS = "bb";

/** What each change of a text by one client comes to. */
const updatesOf = (
	client: number,
	base: readonly Uint8Array[],
	...changes: readonly ((text: Y.Text) => void)[]
): Uint8Array[] =>
	changes.map((change) => {
		const doc = new Y.Doc();
		for (const update of base) Y.applyUpdate(doc, update);
		doc.clientID = client;
		const updates: Uint8Array[] = [];
		doc.on("update", (update: Uint8Array) => updates.push(update));
		doc.transact(() => change(doc.getText(TEXT)));
		return Y.mergeUpdates(updates);
	});

const changes = [
	(text: Y.Text) => text.insert(0, "some 😀 words "),
	(text: Y.Text) => text.delete(2, 5),
	(text: Y.Text) => text.insert(text.length, "."),
] as const;

/** Edits of one member with which a text begins. */
function begun(): TextEdit[] {
	const text = new SharedText(SPACE);
	const type = (at: number, remove: number, insert: string): TextEdit =>
		text.write(OURS, false, [{ at, remove, insert }]);
	return [type(0, 0, "Dear board, "), type(5, 5, "all"), type(0, 0, "– ")];
}

/** An edit that another member signs: it is left out, or devices that hear of it early and late have the same text. */
const draftEdit: Target = {
	name: "draft-edit",
	begin() {
		const base = begun();
		return {
			inputs: updatesOf(
				textClient(SPACE, THEIRS, false),
				base.map(({ update }) => update),
				...changes,
			),
			tokens: texts(TEXT),
			take(update) {
				const edit = { at: 3, session: THEIRS, outside: false, update };
				const late = new SharedText(SPACE);
				late.take(base);
				const before = late.text;
				late.take([...base, edit]);
				const early = new SharedText(SPACE);
				early.take([...base.slice(0, 1), edit]);
				early.take([...base, edit]);
				ensure(early.text === late.text, "two devices see other texts");
				const written = late
					.spans()
					.filter(({ session }) => session === OURS)
					.reduce((sum, { start, end }) => sum + end - start, 0);
				ensure(written <= before.length, "it wrote in another's name");
				return late.text === before ? "refused" : "accepted";
			},
		};
	},
};

/** What strangers send into a room: it ends, or the draft becomes the text that any Yjs page shows. */
const draftRoom: Target = {
	name: "draft-room",
	begin() {
		const draft = { text: "" };
		let state: Uint8Array = new Uint8Array();
		let room: DraftRoom | undefined;
		let hasEnded = false;
		const open = async (): Promise<void> => {
			draft.text = "Dear board, all";
			hasEnded = false;
			const opened = new DraftRoom({
				name: "room",
				clock: { now: () => 0, wall: () => 0, after: () => () => undefined },
				client: 1,
				history: [],
				text: () => draft.text,
				keep: async () => undefined,
				async bringIn(_, splices: readonly Splice[]) {
					draft.text = applySplices(draft.text, splices);
					opened.follow();
				},
				sink: { say: () => undefined, end: () => undefined },
				onEnd: () => {
					hasEnded = true;
				},
			});
			room = opened;
			state = (await opened.open()) ?? state;
		};
		const doc = new Y.Doc();
		doc.clientID = 1;
		doc.getText(TEXT).insert(0, "Dear board, all");
		return {
			inputs: updatesOf(20, [Y.encodeStateAsUpdate(doc)], ...changes),
			tokens: texts(TEXT),
			reset: open,
			async take(update) {
				const before = draft.text;
				room?.take(update);
				await Promise.resolve();
				if (hasEnded) {
					ensure(draft.text === before, "a room that ended changed the draft");
					return "refused";
				}
				const outside = new Y.Doc();
				for (const one of [state, update]) Y.applyUpdate(outside, one);
				ensure(
					outside.getText(TEXT).toString().isWellFormed()
						? outside.getText(TEXT).toString() === draft.text
						: draft.text.isWellFormed(),
					"the draft is not what is seen outside",
				);
				return "accepted";
			},
		};
	},
};

/** A fact of a draft's space, as CBOR: whatever it is, only records of their shape are read. */
const draftRecord: Target = {
	name: "draft-record",
	begin(random) {
		const { room, password } = newRoom(random);
		const [update = new Uint8Array()] = updatesOf(1, [], changes[0]);
		const records: DraftRecord[] = [
			{ kind: "draft", title: "Notes", made: 1_700_000_000_000 },
			{ kind: "edit", at: 1, update },
			{ kind: "edit", at: 2, update, room, raw: update },
			{ kind: "room", room, raw: update },
			{
				...{ kind: "share", room, password, base: "https://here/", nth: 1 },
				epoch: 0,
			},
			{ kind: "end", room, reason: "It was full." },
		];
		return {
			inputs: records.map((record) => encodeCbor(record)),
			tokens: texts("kind", "edit", "share", "room", "at", "nth", room),
			take(input) {
				let value: unknown;
				try {
					value = decode(input, { allowUndefined: true });
				} catch {
					return "refused";
				}
				const facts = [{ key: "k", value, peer: OURS, device: "did:key:a" }];
				const read = recordsOf(facts);
				for (const { at, update: bytes } of editsOf(read))
					ensure(at > 0 && bytes instanceof Uint8Array, "an edit of no shape");
				for (const record of read)
					if (record.kind === "share")
						ensure(
							/^https?:$/.test(new URL(record.base).protocol),
							"a share at no web address",
						);
				return read.length === 0 ? "refused" : "accepted";
			},
		};
	},
};

/** The fragment of an address that somebody was sent. */
const draftLink: Target = {
	name: "draft-link",
	begin(random) {
		const place = newRoom(random);
		const { hash } = new URL(outsideLink("https://here/", place));
		return {
			inputs: [utf8(hash)],
			tokens: texts("#draft=", ".", place.room),
			take: (input) =>
				outcomeOf(
					() => parseOutsideLink(new TextDecoder().decode(input)),
					(read) =>
						ensure(
							read !== undefined &&
								new URL(outsideLink("https://here/", read)).hash ===
									new TextDecoder().decode(input),
							"two links of one room",
						),
				),
		};
	},
};

export const draftTargets: readonly Target[] = [
	draftEdit,
	draftRoom,
	draftRecord,
	draftLink,
];
