/** The page's side of open drafts: holds the y-webrtc rooms of this device, one page each (a lock says which). */
import { proxy, type Remote } from "comlink";
import { createOutsideRoom } from "../platform/outside-room.ts";
import { messageOf } from "../wire/error.ts";
import type { OwnRoom } from "./draft-share.ts";
import type { DraftsService } from "./drafts-service.ts";

/**
 * Follows the list of rooms. Of the pages of a profile one holds each: two would both carry what is written in the swarm
 * into it.
 *
 * @param base address of the page's folder on its server
 */
export function createRoomHolder(
	service: Remote<DraftsService>,
	base: string,
): (rooms: readonly OwnRoom[]) => void {
	const held = new Map<string, AbortController>();
	const signaling = new URL("relay", base).href.replace(/^http/, "ws");

	return (rooms) => {
		const wanted = new Set(rooms.map(({ room }) => room));
		for (const [room, stop] of held)
			if (!wanted.has(room)) {
				held.delete(room);
				stop.abort();
			}
		// y-webrtc's password and the lock need it (facts B1, Y5).
		if (!isSecureContext) return;
		for (const own of rooms) {
			if (held.has(own.room)) continue;
			const stop = new AbortController();
			held.set(own.room, stop);
			holdOnce(own, stop.signal).catch((error: unknown) => {
				if (stop.signal.aborted) return;
				// Tried again when the list of rooms changes.
				held.delete(own.room);
				console.error(messageOf(error));
			});
		}
	};

	async function holdOnce(own: OwnRoom, signal: AbortSignal): Promise<void> {
		const name = `shoal/room/${own.room}`;
		const isFree = await navigator.locks.request(
			name,
			{ ifAvailable: true },
			async (lock) => {
				if (lock !== null) await serve(own, signal, false);
				return lock !== null;
			},
		);
		if (!isFree)
			await navigator.locks.request(name, { signal }, () =>
				serve(own, signal, true),
			);
	}

	/** Until the room is closed. */
	async function serve(
		own: OwnRoom,
		signal: AbortSignal,
		isTakenOver: boolean,
	): Promise<void> {
		if (signal.aborted) return;
		const carry = (work: Promise<unknown>): void => {
			work.catch((error: unknown) => console.error(messageOf(error)));
		};
		const outside = await createOutsideRoom({
			room: own.room,
			password: own.password,
			signaling,
			onWritten: (update) => carry(service.fromOutside(own, update)),
			onPeople: (people) => carry(service.setPeople(own, people)),
			onAbuse: (reason) => carry(service.giveUp(own, reason)),
		});
		const ended = new Promise<void>((resolve) => {
			signal.addEventListener("abort", () => resolve(), { once: true });
			const end = proxy(() => resolve());
			const say = proxy((update: Uint8Array) => outside.say(update));
			service.hold(own, isTakenOver, say, end).then(
				(state) => {
					if (state === undefined || signal.aborted) resolve();
					else outside.open(state);
				},
				(error: unknown) => {
					console.error(messageOf(error));
					resolve();
				},
			);
		});
		await ended;
		outside.close();
	}
}
