/**
 * Carrying what others say to each other (L6). A packet names its whole path; a carrier hands it to the next page on it,
 * within what its neighbour may ask of it and what may wait here. What is too much is dropped: its ends notice.
 */
import type { Clock } from "../wire/clock.ts";
import {
	CARRY_BURST_BYTES,
	CARRY_BYTES_PER_SECOND,
	MAX_CARRIED_WAITING_BYTES,
} from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";
import { encodeSide, type Packet } from "./side-messages.ts";

/** Small packets go ahead of large ones, as control goes ahead of bulk (L2). */
export type Lane = "control" | "bulk";

export interface CarryingDeps {
	readonly clock: Clock;
	readonly self: PeerId;
	/** Sends over the direct link to a neighbour; `undefined` where there is none. */
	send(to: PeerId, lane: Lane, bytes: Uint8Array): Promise<void> | undefined;
	/** A packet for this page. */
	deliver(packet: Packet): void;
}

/** Handling a packet costs something, however short it is. */
const PACKET_COST_BYTES = 512;

/** What a neighbour has of us. */
interface Account {
	tokens: number;
	asOf: number;
	/** Bytes of its packets that the next link has not taken yet. */
	waiting: number;
}

export class Carrying {
	readonly #deps: CarryingDeps;
	readonly #accounts = new Map<PeerId, Account>();

	constructor(deps: CarryingDeps) {
		this.#deps = deps;
	}

	/** Sends a packet of this page's own. */
	post(path: readonly PeerId[], lane: Lane, body: Uint8Array): void {
		void this.#pass({ kind: "packet", path, at: 1, body }, lane);
	}

	/** Takes what a neighbour hands over. Returns whether it may say such a thing. */
	take(neighbour: PeerId, lane: Lane, packet: Packet): boolean {
		const { path, at, body } = packet;
		if (path[at] !== this.#deps.self || path[at - 1] !== neighbour)
			return false;
		if (at === path.length - 1) {
			this.#deps.deliver(packet);
			return true;
		}
		const account = this.#account(neighbour);
		const cost = body.length + PACKET_COST_BYTES;
		if (
			account.tokens < cost ||
			account.waiting + cost > MAX_CARRIED_WAITING_BYTES
		)
			return true;
		account.tokens -= cost;
		account.waiting += cost;
		void this.#pass({ ...packet, at: at + 1 }, lane).then(() => {
			account.waiting -= cost;
		});
		return true;
	}

	/** A neighbour is gone. */
	drop(neighbour: PeerId): void {
		this.#accounts.delete(neighbour);
	}

	/** Where the next link is lost, so is the packet: the ends of the detour notice. */
	async #pass(packet: Packet, lane: Lane): Promise<void> {
		const next = packet.path[packet.at];
		if (next === undefined) return;
		await this.#deps.send(next, lane, encodeSide(packet))?.catch(nothing);
	}

	#account(neighbour: PeerId): Account {
		const now = this.#deps.clock.now();
		const account = this.#accounts.get(neighbour) ?? {
			tokens: CARRY_BURST_BYTES,
			asOf: now,
			waiting: 0,
		};
		this.#accounts.set(neighbour, account);
		const gained = ((now - account.asOf) * CARRY_BYTES_PER_SECOND) / 1000;
		account.tokens = Math.min(CARRY_BURST_BYTES, account.tokens + gained);
		account.asOf = now;
		return account;
	}
}

const nothing = (): void => undefined;
