/** Answers WANT: sends peers the entries they lack, a few peers at once, never the same range twice in a row (S6). */
import type { Clock } from "../wire/clock.ts";
import {
	ENTRIES_MESSAGE_BYTES,
	MAX_REPAIRS,
	WANT_TIMEOUT_MS,
} from "../wire/constants.ts";
import { type PeerId, type SpaceId, SWARM_SPACE } from "../wire/ids.ts";
import type { PeerQueue } from "./peer-queue.ts";
import { encodeSync, MAX_ENTRIES, type WantLog } from "./sync-messages.ts";

/** Where the entries are read. */
export interface EntrySource {
	/** The first seq that is held: a checkpoint stands for what is before it (S7). */
	base(space: SpaceId, session: PeerId): number;
	read(space: SpaceId, session: PeerId, seq: number): Uint8Array | undefined;
}

interface Wanted {
	readonly space: SpaceId;
	readonly session: PeerId;
	from: number;
}

interface Customer {
	readonly queue: PeerQueue;
	readonly wanted: Map<string, Wanted>;
	/** Up to where a log was sent, and when: a peer that asks again at once gets nothing new. */
	readonly served: Map<string, { upTo: number; at: number }>;
}

export class Repairs {
	readonly #clock: Clock;
	readonly #source: EntrySource;
	readonly #customers = new Map<PeerId, Customer>();
	readonly #busy = new Set<Customer>();
	#running = 0;

	constructor(clock: Clock, source: EntrySource) {
		this.#clock = clock;
		this.#source = source;
	}

	open(peer: PeerId, queue: PeerQueue): void {
		this.#customers.set(peer, {
			queue,
			wanted: new Map(),
			served: new Map(),
		});
	}

	close(peer: PeerId): void {
		this.#customers.delete(peer);
	}

	want(peer: PeerId, space: SpaceId, logs: readonly WantLog[]): void {
		const customer = this.#customers.get(peer);
		if (customer === undefined) return;
		for (const { session, from } of logs) {
			const name = `${session} ${space}`;
			// Only logs that are held take memory, however many are named.
			const first = Math.max(from, this.#source.base(space, session));
			if (this.#source.read(space, session, first) === undefined) continue;
			const served = customer.served.get(name);
			const isRecent =
				served !== undefined &&
				this.#clock.now() - served.at < WANT_TIMEOUT_MS / 2;
			const start = isRecent ? Math.max(first, served.upTo) : first;
			if (this.#source.read(space, session, start) === undefined) continue;
			customer.wanted.set(name, { space, session, from: start });
		}
		void this.#run();
	}

	async #run(): Promise<void> {
		if (this.#running >= MAX_REPAIRS) return;
		this.#running++;
		for (
			let next = this.#nextCustomer();
			next !== undefined;
			next = this.#nextCustomer()
		) {
			this.#busy.add(next);
			while (!next.queue.isClosed && next.wanted.size > 0)
				await next.queue.sent(this.#chunkFor(next));
			this.#busy.delete(next);
		}
		this.#running--;
	}

	#nextCustomer(): Customer | undefined {
		for (const customer of this.#customers.values())
			if (customer.wanted.size > 0 && !this.#busy.has(customer))
				return customer;
		return undefined;
	}

	/** As many entries as fit one message, the swarm's space first: the others need its membership. */
	#chunkFor(customer: Customer): Uint8Array {
		const entries: Uint8Array[] = [];
		let bytes = 0;
		const ordered = [...customer.wanted].sort(
			([, a], [, b]) =>
				Number(b.space === SWARM_SPACE) - Number(a.space === SWARM_SPACE),
		);
		for (const [name, wanted] of ordered) {
			for (;;) {
				const { space, session } = wanted;
				// A checkpoint may have come since, and taken the place of what was asked for.
				wanted.from = Math.max(wanted.from, this.#source.base(space, session));
				const entry = this.#source.read(space, session, wanted.from);
				if (entry === undefined) {
					customer.wanted.delete(name);
					break;
				}
				const isFull =
					entries.length >= MAX_ENTRIES ||
					bytes + entry.length > ENTRIES_MESSAGE_BYTES;
				if (isFull && entries.length > 0)
					return encodeSync({ kind: "entries", entries });
				entries.push(entry);
				bytes += entry.length;
				wanted.from++;
				customer.served.set(name, {
					upTo: wanted.from,
					at: this.#clock.now(),
				});
			}
		}
		return encodeSync({ kind: "entries", entries });
	}
}

/** Cuts entries into messages that stay within the size, unless one entry alone is larger. */
export function entriesMessages(entries: readonly Uint8Array[]): Uint8Array[] {
	const messages: Uint8Array[] = [];
	let chunk: Uint8Array[] = [];
	let bytes = 0;
	for (const entry of entries) {
		const isFull =
			chunk.length >= MAX_ENTRIES ||
			bytes + entry.length > ENTRIES_MESSAGE_BYTES;
		if (isFull && chunk.length > 0) {
			messages.push(encodeSync({ kind: "entries", entries: chunk }));
			chunk = [];
			bytes = 0;
		}
		chunk.push(entry);
		bytes += entry.length;
	}
	if (chunk.length > 0)
		messages.push(encodeSync({ kind: "entries", entries: chunk }));
	return messages;
}
