/** What the facts of a draft's space say. Each is written once, so what is read of a value is kept beside it. */
import type { TextEdit } from "../replica/shared-text.ts";
import type { Fact } from "../replica/types.ts";
import { toBase64Url } from "../wire/bytes.ts";
import type { Random } from "../wire/clock.ts";
import { MAX_DRAFT_TITLE } from "../wire/constants.ts";
import { isRoomName } from "../wire/outside-link.ts";

/** What a member writes into a draft's space. Keys are the record's kind and a number or a room. */
export type DraftRecord =
	| {
			readonly kind: "draft";
			readonly title: string;
			/** Wall clock of who made it, milliseconds since 1970; for showing only (E6). */
			readonly made: number;
	  }
	| {
			readonly kind: "edit";
			readonly at: number;
			readonly update: Uint8Array;
			/** Of an edit that was brought in: the room it came from, and what was received there, which nobody has signed. */
			readonly room?: string;
			readonly raw?: Uint8Array;
	  }
	/** What the page that holds a room wrote into it. */
	| { readonly kind: "room"; readonly room: string; readonly raw: Uint8Array }
	/** The draft is open to people outside. */
	| {
			readonly kind: "share";
			readonly room: string;
			readonly password: string;
			/** Where an outside page finds the relay. */
			readonly base: string;
			/** How often the draft was opened before, and once more: only the latest counts. */
			readonly nth: number;
			/** The epoch it was opened in (M3). Who was a member then knows the password, so it ends with the epoch. */
			readonly epoch: number;
	  }
	/** And no longer. `reason`: in words, where nobody asked for it. */
	| { readonly kind: "end"; readonly room: string; readonly reason?: string };

/** A record and who wrote it. */
export type Written<K extends DraftRecord["kind"] = DraftRecord["kind"]> =
	Extract<DraftRecord, { kind: K }> & Pick<Fact, "peer" | "device">;

const MAX_REASON = 300;
const MAX_BASE = 300;

/** 128 bits each: who has the name finds the room, who has the password besides gets in. */
export function newRoom(random: Random): { room: string; password: string } {
	return {
		room: `shoal-draft-${toBase64Url(random.bytes(16))}`,
		password: toBase64Url(random.bytes(16)),
	};
}

const known = new WeakMap<object, Written | null>();
const read = new WeakMap<readonly Fact[], readonly Written[]>();

/**
 * The records of a space; facts that are none are left out. Of a value that was read before, the same object is given:
 * nobody but its author's corner holds it.
 */
export function recordsOf(facts: readonly Fact[]): readonly Written[] {
	const before = read.get(facts);
	if (before !== undefined) return before;
	const records = facts.flatMap(({ value, peer, device }) => {
		if (typeof value !== "object" || value === null) return [];
		let record = known.get(value);
		if (record === undefined) {
			const made = recordOf(value);
			record = made === null ? null : { ...made, peer, device };
			known.set(value, record);
		}
		return record === null ? [] : [record];
	});
	read.set(facts, records);
	return records;
}

export const isKind =
	<K extends DraftRecord["kind"]>(kind: K) =>
	(record: Written): record is Written<K> =>
		record.kind === kind;

const edits = new WeakMap<Written<"edit">, TextEdit>();

/** The edits of a draft, those of each session in the order of its log. */
export const editsOf = (records: readonly Written[]): TextEdit[] =>
	records.filter(isKind("edit")).map((record) => {
		const { at, peer, room, update } = record;
		const edit = edits.get(record) ?? {
			at,
			session: peer,
			outside: room !== undefined,
			update,
		};
		edits.set(record, edit);
		return edit;
	});

function recordOf(value: object): DraftRecord | null {
	const {
		kind,
		title,
		made,
		at,
		update,
		room,
		raw,
		password,
		base,
		nth,
		epoch,
		reason,
	} = value as Record<string, unknown>;
	const inRoom = isText(room, 100) && isRoomName(room) ? room : undefined;
	switch (kind) {
		case "draft":
			return isText(title, MAX_DRAFT_TITLE) && typeof made === "number"
				? { kind, title, made }
				: null;
		case "edit": {
			if (!isCount(at) || !(update instanceof Uint8Array)) return null;
			if (room === undefined) return { kind, at, update };
			return inRoom !== undefined && raw instanceof Uint8Array
				? { kind, at, update, room: inRoom, raw }
				: null;
		}
		case "room":
			return inRoom !== undefined && raw instanceof Uint8Array
				? { kind, room: inRoom, raw }
				: null;
		case "share":
			return inRoom !== undefined &&
				isText(password, 100) &&
				isText(base, MAX_BASE) &&
				/^https?:/.test(base) &&
				URL.canParse(base) &&
				isCount(nth) &&
				(epoch === 0 || isCount(epoch))
				? { kind, room: inRoom, password, base, nth, epoch }
				: null;
		case "end":
			if (inRoom === undefined) return null;
			return isText(reason, MAX_REASON)
				? { kind, room: inRoom, reason }
				: { kind, room: inRoom };
		default:
			return null;
	}
}

const isText = (value: unknown, max: number): value is string =>
	typeof value === "string" && value.length > 0 && value.length <= max;

const isCount = (value: unknown): value is number =>
	Number.isSafeInteger(value) && Number(value) > 0;
