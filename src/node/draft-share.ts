/** What the records of a draft say of being open to people outside: pure, and the same on every device. */
import { MAX_ROOM_BYTES, ROOM_WARNING_BYTES } from "../wire/constants.ts";
import type { DeviceId } from "../wire/ids.ts";
import { outsideLink } from "../wire/outside-link.ts";
import type { DraftShare, DraftSize } from "./api.ts";
import { isKind, type Written } from "./draft-records.ts";

/** What of the swarm decides whether a room is still open. */
export interface Sharing {
	/** The present one; whoever was removed knows the passwords of earlier ones (M3). */
	readonly epoch: number;
	isMember(device: DeviceId): boolean;
}

/** A room that a page of this device should hold open. */
export interface OwnRoom {
	readonly draft: string;
	readonly room: string;
	readonly password: string;
}

/** What Yjs adds to a text that is written in one go. */
const FRESH_BYTES = 64;

/** The draft's room, where it is open. */
export function shareOf(
	records: readonly Written[],
	{ epoch, isMember }: Sharing,
): Written<"share"> | undefined {
	const share = latestShare(records);
	const isOpen =
		share !== undefined &&
		share.epoch >= epoch &&
		isMember(share.device) &&
		endOf(records, share) === undefined;
	return isOpen ? share : undefined;
}

/** Why the last room ended, in words, where nobody asked for it. Of a draft that is not open. */
export function whyEnded(records: readonly Written[]): string | null {
	const share = latestShare(records);
	if (share === undefined) return null;
	const end = endOf(records, share);
	if (end !== undefined) return end.reason ?? null;
	return "A device that knew its password is no longer in the swarm. Open the draft again for a new one.";
}

/** The number of the next share. */
export const nextShare = (records: readonly Written[]): number =>
	(latestShare(records)?.nth ?? 0) + 1;

/** @param held the room's own document, where this page holds it */
export function shownOf(
	{ room, password, base, device }: Written<"share">,
	held: { readonly people: number } | undefined,
): DraftShare {
	return {
		room,
		password,
		url: outsideLink(base, { room, password }),
		signaling: new URL("relay", base).href.replace(/^http/, "ws"),
		device,
		people: held?.people ?? null,
	};
}

/** @param room bytes of the open room, which has a history besides its text */
export function sizeOf(text: string, room: number | undefined): DraftSize {
	const bytes = room ?? new TextEncoder().encode(text).length + FRESH_BYTES;
	const state =
		bytes > MAX_ROOM_BYTES
			? "over"
			: bytes > ROOM_WARNING_BYTES
				? "near"
				: "fine";
	return { bytes, limit: MAX_ROOM_BYTES, state };
}

/**
 * The last time that a draft was opened to the outside; of two at once, the later by name on every device. A number that
 * no count of shares leads to is nobody's who follows the rules: it would leave the others none.
 */
function latestShare(
	records: readonly Written[],
): Written<"share"> | undefined {
	const shares = records.filter(isKind("share"));
	return shares
		.filter(({ nth }) => nth <= shares.length)
		.sort((a, b) => a.nth - b.nth || (a.room < b.room ? -1 : 1))
		.at(-1);
}

const endOf = (
	records: readonly Written[],
	share: Written<"share">,
): Written<"end"> | undefined =>
	records.filter(isKind("end")).find(({ room }) => room === share.room);
