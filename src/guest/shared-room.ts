/**
 * A room of y-webrtc as somebody outside a swarm is in it: one text, with a password. There is nothing of a swarm in it,
 * and any other y-webrtc page would do as well.
 */
import { WebrtcProvider } from "y-webrtc";
import { Doc, encodeStateAsUpdate } from "yjs";
import { heardPeers } from "../platform/heard-connection.ts";
import { splicesOf, spliceText, TEXT } from "../replica/draft-text.ts";
import type { ShowText, TextSource } from "../ui/drafts/text-field.ts";
import { MAX_ROOM_BYTES, ROOM_WARNING_BYTES } from "../wire/constants.ts";
import type { OutsideRoom } from "../wire/outside-link.ts";
import { splicesBetween } from "../wire/text-diff.ts";
import {
	applySplices,
	movePosition,
	moveSplices,
} from "../wire/text-splice.ts";

export interface RoomState {
	/** Others who are linked to this page. */
	readonly people: number;
	/** The text is here. */
	readonly isSynced: boolean;
	readonly kilobytes: number;
	/** `refused`: what was typed last was too much, and was not added. */
	readonly size: "fine" | "near" | "refused";
}

/** @param show the text is another; `move` tells where a position in the one before stands now */
export function enterRoom(
	{ room, password }: OutsideRoom,
	signaling: string,
	show: ShowText,
	tell: (state: RoomState) => void,
): TextSource {
	const doc = new Doc();
	const shared = doc.getText(TEXT);
	const provider = new WebrtcProvider(room, doc, {
		signaling: [signaling],
		password,
		peerOpts: heardPeers(),
	});
	let people = 0;
	let isSynced = false;
	const bytes = (): number => encodeStateAsUpdate(doc).length;
	const say = (isRefused = false): void => {
		const now = bytes();
		tell({
			people,
			isSynced,
			kilobytes: Math.round(now / 1000),
			size: isRefused ? "refused" : now > ROOM_WARNING_BYTES ? "near" : "fine",
		});
	};
	provider.on("peers", ({ webrtcPeers, bcPeers }) => {
		people = webrtcPeers.length + bcPeers.length;
		say();
	});
	provider.on("synced", ({ synced }) => {
		isSynced ||= synced;
		say();
	});
	shared.observe(({ delta, transaction }) => {
		const changes = splicesOf(delta);
		if (!transaction.local)
			show(shared.toString(), (position) =>
				changes.reduceRight(movePosition, position),
			);
		say();
	});
	say();
	return {
		type(text, shown) {
			const before = shared.toString();
			const typed = moveSplices(
				splicesBetween(shown, text),
				splicesBetween(shown, before),
			);
			const encoder = new TextEncoder();
			const more = typed.reduce(
				(sum, { insert }) => sum + encoder.encode(insert).length,
				0,
			);
			// y-webrtc would lose it, and all that this page writes after it (facts Y1).
			const isRefused = more > 0 && bytes() + more > MAX_ROOM_BYTES;
			if (!isRefused) doc.transact(() => spliceText(shared, typed));
			else say(true);
			const after = isRefused ? before : applySplices(before, typed);
			if (after === text) return;
			const changes = splicesBetween(text, after);
			show(after, (position) => changes.reduceRight(movePosition, position));
		},
		close() {
			provider.destroy();
			doc.destroy();
		},
	};
}
