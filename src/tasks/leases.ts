/**
 * The lease table of a home (T2): who may work on what, until when. A state machine without effects and without a
 * clock: every step is told the time, in local monotonic milliseconds (E6).
 */
import { LEASE_MS } from "../wire/constants.ts";
import type { JobId, PeerId, TaskId } from "../wire/ids.ts";

/** A fencing token: unique for a home, growing with each of its grants. */
export interface Token {
	readonly home: PeerId;
	readonly counter: number;
}

export interface Lease {
	readonly job: JobId;
	readonly task: TaskId;
	readonly attempt: number;
	readonly token: Token;
	readonly holder: PeerId;
	readonly durationMs: number;
	readonly expiresAt: number;
	/**
	 * `held`: being worked on. `settling`: its holder says that the record is written, and it has not arrived here yet;
	 * not renewed any more.
	 */
	readonly state: "held" | "settling";
}

export class LeaseTable {
	readonly #home: PeerId;
	readonly #leases = new Map<TaskId, Lease>();
	#counter = 0;

	constructor(home: PeerId) {
		this.#home = home;
	}

	/**
	 * Leases a free task.
	 *
	 * @returns the lease, or `undefined` where somebody holds it: a task has one lease at a time
	 */
	grant(
		wanted: Pick<Lease, "job" | "task" | "attempt" | "holder">,
		now: number,
	): Lease | undefined {
		if (this.#leases.has(wanted.task)) return undefined;
		this.#counter += 1;
		const lease: Lease = {
			...wanted,
			token: { home: this.#home, counter: this.#counter },
			durationMs: LEASE_MS,
			expiresAt: now + LEASE_MS,
			state: "held",
		};
		this.#leases.set(wanted.task, lease);
		return lease;
	}

	/**
	 * Takes over a lease that another home granted, as its holder tells it.
	 *
	 * @returns whether the holder may go on: not where somebody else holds the task here
	 */
	adopt(
		told: Pick<Lease, "job" | "task" | "attempt" | "holder" | "token">,
		now: number,
	): boolean {
		const known = this.#leases.get(told.task);
		if (known !== undefined && known.holder !== told.holder) return false;
		if (known?.state === "settling") return true;
		this.#leases.set(told.task, {
			...told,
			durationMs: LEASE_MS,
			expiresAt: now + LEASE_MS,
			state: "held",
		});
		return true;
	}

	/** Marks that the holder has written the record of the attempt. Another's word counts for nothing. */
	settle(task: TaskId, holder: PeerId, now: number): boolean {
		const lease = this.#leases.get(task);
		if (lease === undefined || lease.holder !== holder) return false;
		this.#leases.set(task, {
			...lease,
			state: "settling",
			expiresAt: now + lease.durationMs,
		});
		return true;
	}

	/** Ends a lease, whatever its state. */
	release(task: TaskId): Lease | undefined {
		const lease = this.#leases.get(task);
		this.#leases.delete(task);
		return lease;
	}

	/** Ends and returns the leases that nobody has renewed in time. */
	expire(now: number): readonly Lease[] {
		return this.#drop((lease) => lease.expiresAt <= now);
	}

	/** Ends and returns the leases of a peer that is gone. */
	releasePeer(holder: PeerId): readonly Lease[] {
		return this.#drop((lease) => lease.holder === holder);
	}

	get(task: TaskId): Lease | undefined {
		return this.#leases.get(task);
	}

	all(): readonly Lease[] {
		return [...this.#leases.values()];
	}

	/** When the next lease ends; infinite where there is none. */
	nextExpiry(): number {
		let next = Number.POSITIVE_INFINITY;
		for (const lease of this.#leases.values())
			next = Math.min(next, lease.expiresAt);
		return next;
	}

	#drop(ends: (lease: Lease) => boolean): readonly Lease[] {
		const dropped = this.all().filter(ends);
		for (const lease of dropped) this.#leases.delete(lease.task);
		return dropped;
	}
}
