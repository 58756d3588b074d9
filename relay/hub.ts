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
	/**
	 * Takes a frame and does what it asks. Returns why it did not.
	 * @param bytes - of the text, where they are known
	 */
	receive(text: string, bytes?: number): RefusalCode | undefined;
	/** Charges for something that is not a frame, a protocol ping for one. */
	charge(bytes: number): boolean;
	/** Whether it may be sent so much now. If not, it was dropped: it reads too slowly. */
	reads(bytes: number): boolean;
	/** Answers a refused frame, unless the last answer was a moment ago. */
	refuse(code: RefusalCode): void;
	/** To be called once, however the connection ended. */
	leave(): void;
}

interface Visitor {
	readonly bucket: Bucket;
	connections: number;
}

/** A class and not closures: of those every idle connection would keep its own. */
class Admitted implements Member {
	readonly connection: Connection;
	readonly buckets: readonly Bucket[];
	readonly #hub: Hub;
	readonly #visitor: Visitor;
	#here = true;
	#answeredAt = Number.NEGATIVE_INFINITY;

	constructor(hub: Hub, connection: Connection, visitor: Visitor, own: Bucket) {
		this.connection = connection;
		this.buckets = [own, visitor.bucket];
		this.#hub = hub;
		this.#visitor = visitor;
	}

	receive(
		text: string,
		bytes = Buffer.byteLength(text),
	): RefusalCode | undefined {
		return this.#here ? this.#hub.receive(this, text, bytes) : undefined;
	}

	charge(bytes: number): boolean {
		return this.#hub.take(this, { frames: 1, bytes });
	}

	reads(bytes: number): boolean {
		return this.#hub.mayHave(this, bytes);
	}

	refuse(code: RefusalCode): void {
		const now = this.#hub.now();
		if (!this.#here || now - this.#answeredAt < this.#hub.limits.refusalMs)
			return;
		this.#answeredAt = now;
		this.#hub.deliver(this, refusalFrame(code));
	}

	leave(): void {
		if (!this.#here) return;
		this.#here = false;
		this.#visitor.connections--;
		this.#hub.forget(this);
	}
}

export class Hub {
	readonly limits: Limits;
	readonly tally: Tally = new Tally();
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly #topics: Topics<Admitted>;
	readonly #visitors = new Map<string, Visitor>();
	#connections = 0;

	/** @param now monotonic milliseconds */
	constructor(limits: Limits, now: () => number = () => performance.now()) {
		this.limits = limits;
		this.now = now;
		this.#topics = new Topics<Admitted>(limits, {
			deliver: (to, frame, bytes) => this.deliver(to, frame, bytes),
			afford: (from, bytes) => this.take(from, { frames: 0, bytes }),
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
			this.now(),
		);
		return new Admitted(this, connection, visitor, own);
	}

	/** Forgets visitors that are gone and whose bucket is full. Called now and then. */
	sweep(): void {
		const now = this.now();
		for (const [address, { connections, bucket }] of this.#visitors)
			if (connections === 0 && bucket.isFull(now))
				this.#visitors.delete(address);
	}

	/** For members: takes a frame, or says why not. */
	receive(
		from: Admitted,
		text: string,
		bytes: number,
	): RefusalCode | undefined {
		const refusal = this.#takeFrame(from, text, bytes);
		if (refusal !== undefined) this.tally.refused[refusal]++;
		return refusal;
	}

	/** For members: hands a frame on, or drops who reads too slowly. */
	deliver(to: Admitted, frame: string, bytes = Buffer.byteLength(frame)): void {
		if (!this.mayHave(to, bytes)) return;
		this.tally.framesOut++;
		this.tally.bytesOut += bytes;
		to.connection.send(frame);
	}

	/** For members: whether this much fits, or the reader was dropped. */
	mayHave({ connection }: Admitted, bytes: number): boolean {
		const waiting = connection.buffered();
		if (waiting === 0 || waiting + bytes <= this.#mayWait()) return true;
		this.tally.slowReaders++;
		connection.drop();
		return false;
	}

	/** For members: takes from both buckets, or from neither. */
	take({ buckets }: Admitted, cost: Allowance): boolean {
		return takeFromAll(buckets, cost, this.now());
	}

	/** For members: one is gone. */
	forget(member: Admitted): void {
		this.#topics.leave(member);
		this.#connections--;
	}

	#takeFrame(
		from: Admitted,
		text: string,
		bytes: number,
	): RefusalCode | undefined {
		this.tally.framesIn++;
		this.tally.bytesIn += bytes;
		if (bytes > this.limits.frameBytes) return "too-large";
		// Charged before it is read: reading is what an abuser would have us do.
		if (!this.take(from, { frames: 1, bytes })) return "slow-down";
		const frame = decodeFrame(text);
		return frame === undefined
			? "malformed"
			: this.#topics.receive(from, frame);
	}

	/** Bytes that may wait for one reader. The kernel's own buffers come before these: one who reads has nothing waiting. */
	#mayWait(): number {
		const { bufferedBytes, bufferedBytesInAll } = this.limits;
		return Math.min(bufferedBytes, bufferedBytesInAll / this.#connections);
	}

	#visitor(address: string): Visitor {
		const known = this.#visitors.get(address);
		if (known !== undefined) return known;
		const { perAddress, refillMs } = this.limits;
		const visitor = {
			bucket: new Bucket(perAddress, refillMs, this.now()),
			connections: 0,
		};
		this.#visitors.set(address, visitor);
		return visitor;
	}
}
