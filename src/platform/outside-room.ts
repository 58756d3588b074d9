/**
 * A y-webrtc room that this page holds for a draft that is open to people outside the swarm. Its document is a thing of
 * its own, which anybody in the room may spoil (facts Y3): nothing but updates leaves it, and each is checked in the
 * worker before it means anything. y-webrtc and Yjs are fetched when the first room is opened.
 */
import type { WebrtcProvider } from "y-webrtc";
import type { Doc } from "yjs";
import { OUTSIDE_DELAY_MS, OUTSIDE_MESSAGE_BYTES } from "../wire/constants.ts";
import { heardPeers } from "./heard-connection.ts";

/** Outside pages that one room links to at once; each is a connection of this page (L8). */
const MAX_PEOPLE = 20;
/** A link is begun and opened within this, or it never will be. */
const LINK_MS = 6_000;
const LOOK_MS = 500;
/** The room is entered anew after this at the soonest, and twice as seldom each time: it ends the links to all others there. */
const ANEW_MS = 4_000;
/** Presence, which nobody here shows, is still kept by y-webrtc: how many, and how long one is as JSON. */
const MAX_PRESENCES = 100;
const MAX_PRESENCE = 4_096;

export interface OutsideRoomOptions {
	readonly room: string;
	readonly password: string;
	/** Address of the relay's WebSocket. */
	readonly signaling: string;
	/** What was written outside since the last time, at most every 100 ms. */
	onWritten(update: Uint8Array): void;
	onPeople(people: number): void;
	/** Somebody fills this page's memory with what never becomes text; the reason is for people. */
	onAbuse(reason: string): void;
}

export interface OutsideRoom {
	/** Tells the outside. */
	say(update: Uint8Array): void;
	/** Lets people in. `state`: what they are told first. */
	open(state: Uint8Array): void;
	close(): void;
}

/** What y-protocols tells of presence: clients. */
interface PresenceChange {
	readonly added: readonly number[];
	readonly updated: readonly number[];
}

/** Fetches what a room needs. Nobody can come in before `open`. */
export async function createOutsideRoom(
	options: OutsideRoomOptions,
): Promise<OutsideRoom> {
	const [Y, { WebrtcProvider: Provider }] = await Promise.all([
		import("yjs"),
		import("y-webrtc"),
	]);
	const doc: Doc = new Y.Doc();
	let provider: WebrtcProvider | undefined;
	let begunAt = 0;
	/** Whose links have not opened yet, and since when. */
	const opening = new Map<string, number>();
	let hasMissed = false;
	let patience = ANEW_MS;
	let looking: ReturnType<typeof setInterval> | undefined;
	let gathered: Uint8Array[] = [];
	let timer: ReturnType<typeof setTimeout> | undefined;
	const tell = (): void => {
		timer = undefined;
		const [first, ...others] = gathered;
		gathered = [];
		if (first === undefined) return;
		options.onWritten(
			others.length === 0 ? first : Y.mergeUpdates([first, ...others]),
		);
	};
	const leave = (): void => {
		// Without room for anybody: y-webrtc calls for others once more for each one that it lets go of.
		if (provider !== undefined) provider.maxConns = 0;
		provider?.disconnect();
		provider?.destroy();
		opening.clear();
	};
	const enter = (): WebrtcProvider => {
		begunAt = performance.now();
		const presence = provider && { awareness: provider.awareness };
		const entered = new Provider(options.room, doc, {
			...presence,
			signaling: [options.signaling],
			password: options.password,
			maxConns: MAX_PEOPLE,
			peerOpts: heardPeers(),
		});
		entered.on("peers", ({ webrtcPeers, bcPeers, added, removed }) => {
			// Pages of this browser are met on a channel of their own.
			for (const peer of added)
				if (webrtcPeers.includes(peer)) opening.set(peer, performance.now());
			for (const peer of removed) if (opening.delete(peer)) hasMissed = true;
			options.onPeople(webrtcPeers.length + bcPeers.length);
		});
		return entered;
	};
	/**
	 * y-webrtc waits for ever for a link that was begun and does not open, and calls for nobody whom it waits for (facts Y4):
	 * so two pages can miss each other for good. Who comes back under another name is met anew by all.
	 */
	const look = (): void => {
		const now = performance.now();
		for (const [peer, since] of opening)
			if (provider?.room?.webrtcConns.get(peer)?.connected)
				opening.delete(peer);
			else if (now - since > LINK_MS) hasMissed = true;
		if (!hasMissed || now - begunAt < patience) return;
		hasMissed = false;
		patience *= 2;
		leave();
		provider = enter();
	};
	const close = (): void => {
		clearTimeout(timer);
		clearInterval(looking);
		gathered = [];
		leave();
		provider = undefined;
		doc.destroy();
	};
	doc.on("update", (update: Uint8Array, origin: unknown) => {
		if (origin === options) return;
		gathered.push(update);
		timer ??= setTimeout(tell, OUTSIDE_DELAY_MS);
	});
	doc.on("afterTransaction", () => {
		const { pendingStructs, pendingDs } = doc.store;
		const waiting =
			(pendingStructs?.update.length ?? 0) + (pendingDs?.length ?? 0);
		if (waiting > OUTSIDE_MESSAGE_BYTES)
			options.onAbuse("Somebody outside sent what belongs to nothing here.");
	});
	return {
		say: (update) => Y.applyUpdate(doc, update, options),
		open(state) {
			Y.applyUpdate(doc, state, options);
			provider = enter();
			looking = setInterval(look, LOOK_MS);
			const { awareness } = provider;
			awareness.on("update", ({ added, updated }: PresenceChange) => {
				const states = awareness.getStates();
				const isLong = (client: number): boolean =>
					JSON.stringify(states.get(client) ?? null).length > MAX_PRESENCE;
				if (states.size > MAX_PRESENCES || [...added, ...updated].some(isLong))
					options.onAbuse("Somebody outside sent more than a room may hold.");
			});
		},
		close,
	};
}
