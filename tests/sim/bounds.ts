/** Watches that nothing grows beyond what the rules allow, wherever in the product it grows (E3, L4). */
import { Parking } from "../../src/replica/parking.ts";
import { PeerQueue } from "../../src/replica/peer-queue.ts";
import {
	FRAME_BYTES,
	HIGH_WATER_BYTES,
	MAX_PARKED_BYTES,
	MAX_PARKED_ENTRIES,
	MAX_QUEUED_BYTES,
	MAX_STATE_BYTES,
} from "../../src/wire/constants.ts";
import type { Network } from "./world/network.ts";
import type { SimPage } from "./world/swarm.ts";

/** Far more than a page of a small swarm needs: what passes it leaks. */
const MAX_TIMERS = 300;
/** A page's connections to one other: the one that is used, one beside it, and those whose end is not noticed yet. */
const MAX_CONNECTIONS = 8;

/**
 * Looks over the shoulder of what waits in every replica of this process.
 *
 * @returns how to stop
 */
export function watchQueues(onBreach: (what: string) => void): () => void {
	const { add } = Parking.prototype;
	const { sent } = PeerQueue.prototype;
	const waiting = new WeakMap<PeerQueue, number>();
	Parking.prototype.add = function (verified, from) {
		const isAdded = add.call(this, verified, from);
		if (this.entries > MAX_PARKED_ENTRIES || this.bytes > MAX_PARKED_BYTES)
			onBreach("too many entries are parked");
		return isAdded;
	};
	PeerQueue.prototype.sent = function (bytes) {
		const bytesWaiting = (waiting.get(this) ?? 0) + bytes.length;
		waiting.set(this, bytesWaiting);
		if (bytesWaiting > MAX_QUEUED_BYTES + MAX_STATE_BYTES)
			onBreach("too much waits for one peer");
		return sent.call(this, bytes).finally(() => {
			waiting.set(this, (waiting.get(this) ?? 0) - bytes.length);
		});
	};
	return () => {
		Parking.prototype.add = add;
		PeerQueue.prototype.sent = sent;
	};
}

/** What pages and links hold more of than they may. */
export function breaches(
	pages: readonly SimPage[],
	network: Network,
): string[] {
	const found: string[] = [];
	for (const { clock, host } of pages) {
		if (clock.timers > MAX_TIMERS)
			found.push(`${host} has ${clock.timers} timers`);
		const own = [...network.live].filter((end) => end.host === host);
		if (own.length > MAX_CONNECTIONS * pages.length)
			found.push(`${host} has ${own.length} connections`);
		for (const end of own)
			for (const channel of ["control", "state", "bulk"] as const)
				if (end.buffered(channel) > HIGH_WATER_BYTES + 2 * FRAME_BYTES)
					found.push(`${host} overfills a channel`);
	}
	return found;
}
