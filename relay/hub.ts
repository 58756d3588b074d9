/**
 * The relay without its transports: takes connections in, charges what they say, routes it, drops who reads too
 * slowly. A WebSocket and an event stream look the same from here.
 */
import { Bucket, takeFromAll } from "./bucket.ts";
import { decodeFrame, type RefusalCode, refusalFrame } from "./frames.ts";
import type { Allowance, Limits } from "./limits.ts";
import { type Gauges, Tally } from "./metrics.ts";
import { Topics } from "./topics.ts";

/** What the hub needs of a connection. */
export interface Connection {
	send(frame: string): void;
	/** Bytes sent and not yet taken by the other side. */
	buffered(): number;
	/** Ends it at once, whatever waits. */
	drop(): void;
}

/** A connection that was taken in. */
export interface Member {
	/** Takes a frame and does what it asks. Returns why it did not. */
	receive(text: string): RefusalCode | undefined;
	/** Charges for something that is not a frame, a protocol ping for one. */
	charge(bytes: number): boolean;
	/** Answers a refused frame, unless the last answer was a moment ago. */
	refuse(code: RefusalCode): void;
	/** To be called once, however the connection ended. */
	leave(): void;
}

interface Visitor {
	readonly bucket: Bucket;
	connections: number;
}

interface Entry {
	readonly connection: Connection;
	readonly buckets: readonly Bucket[];
}

export class Hub {
	readonly limits: Limits;
	readonly tally: Tally = new Tally();
	readonly #now: () => number;
	readonly #topics: Topics<Entry>;
	readonly #visitors = new Map<string, Visitor>();
	#connections = 0;

	/** @param now monotonic milliseconds */
	constructor(limits: Limits, now: () => number = () => performance.now()) {
		this.limits = limits;
		this.#now = now;
		this.#topics = new Topics<Entry>(limits, {
			deliver: (to, frame) => this.#deliver(to.connection, frame),
			afford: (from, bytes) => this.#take(from.buckets, { frames: 0, bytes }),
		});
	}

	/** What is being kept. */
	get kept(): Gauges {
		return {
			connections: this.#connections,
			topics: this.#topics.size,
			visitors: this.#visitors.size,
		};
	}

	/** Whether another connection of this visitor fits. */
	hasRoomFor(address: string): boolean {
		const own = this.#visitors.get(address)?.connections ?? 0;
		return (
			this.#connections < this.limits.connections &&
			own < this.limits.connectionsPerAddress
		);
	}

	/** Takes a connection in. The caller has asked `hasRoomFor` in the same turn. */
	admit(address: string, connection: Connection): Member {
		const visitor = this.#visitor(address);
		visitor.connections++;
		this.#connections++;
		const own = new Bucket(
			this.limits.perConnection,
			this.limits.refillMs,
			this.#now(),
		);
		const entry: Entry = { connection, buckets: [own, visitor.bucket] };
		let here = true;
		let answered = Number.NEGATIVE_INFINITY;
		return {
			receive: (text) => (here ? this.#receive(entry, text) : undefined),
			charge: (bytes) => this.#take(entry.buckets, { frames: 1, bytes }),
			refuse: (code) => {
				if (!here || this.#now() - answered < this.limits.refusalMs) return;
				answered = this.#now();
				this.#deliver(connection, refusalFrame(code));
			},
			leave: () => {
				if (!here) return;
				here = false;
				this.#topics.leave(entry);
				visitor.connections--;
				this.#connections--;
			},
		};
	}

	/** Forgets visitors that are gone and whose bucket is full. Called now and then. */
	sweep(): void {
		const now = this.#now();
		for (const [address, { connections, bucket }] of this.#visitors)
			if (connections === 0 && bucket.isFull(now))
				this.#visitors.delete(address);
	}

	#receive(entry: Entry, text: string): RefusalCode | undefined {
		const refusal = this.#takeFrame(entry, text);
		if (refusal !== undefined) this.tally.refused[refusal]++;
		return refusal;
	}

	#takeFrame(entry: Entry, text: string): RefusalCode | undefined {
		const bytes = Buffer.byteLength(text);
		this.tally.framesIn++;
		this.tally.bytesIn += bytes;
		if (bytes > this.limits.frameBytes) return "too-large";
		// Charged before it is read: reading is what an abuser would have us do.
		if (!this.#take(entry.buckets, { frames: 1, bytes })) return "slow-down";
		const frame = decodeFrame(text);
		return frame === undefined
			? "malformed"
			: this.#topics.receive(entry, frame);
	}

	#deliver(connection: Connection, frame: string): void {
		const waiting = connection.buffered();
		const bytes = Buffer.byteLength(frame);
		if (waiting > 0 && waiting + bytes > this.#mayWait()) {
			this.tally.slowReaders++;
			connection.drop();
			return;
		}
		this.tally.framesOut++;
		this.tally.bytesOut += bytes;
		connection.send(frame);
	}

	/** Bytes that may wait for one reader. The kernel's own buffers come before these: one who reads has nothing waiting. */
	#mayWait(): number {
		const { bufferedBytes, bufferedBytesInAll } = this.limits;
		return Math.min(bufferedBytes, bufferedBytesInAll / this.#connections);
	}

	#take(buckets: readonly Bucket[], cost: Allowance): boolean {
		return takeFromAll(buckets, cost, this.#now());
	}

	#visitor(address: string): Visitor {
		const known = this.#visitors.get(address);
		if (known !== undefined) return known;
		const { perAddress, refillMs } = this.limits;
		const visitor = {
			bucket: new Bucket(perAddress, refillMs, this.#now()),
			connections: 0,
		};
		this.#visitors.set(address, visitor);
		return visitor;
	}
}
