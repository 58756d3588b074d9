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
	const close = (): void => {
		clearTimeout(timer);
		gathered = [];
		// Without room for anybody: y-webrtc calls for others once more for each one that it lets go of.
		if (provider !== undefined) provider.maxConns = 0;
		provider?.disconnect();
		provider?.destroy();
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
			provider = new Provider(options.room, doc, {
				signaling: [options.signaling],
				password: options.password,
				maxConns: MAX_PEOPLE,
				peerOpts: heardPeers(),
			});
			provider.on("peers", ({ webrtcPeers, bcPeers }) =>
				options.onPeople(webrtcPeers.length + bcPeers.length),
			);
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
