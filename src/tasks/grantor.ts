/**
 * The home's side of a job (T2): which workers there are, what may be handed out now, and to whom. Decides only: it is
 * told the time and what the records say, and returns the leases to send.
 */
import {
	RETRY_BASE_MS,
	RETRY_MAX_MS,
	SHORT_TASK_MS,
	TASK_PATIENCE_MS,
} from "../wire/constants.ts";
import type { DeviceId, JobId, PeerId, TaskId } from "../wire/ids.ts";
import { type Lease, LeaseTable } from "./leases.ts";
import type { Ask, AskAnswer, Done } from "./protocol.ts";
import type { JobStatus, TaskStatus } from "./status.ts";
import type { ReadyTask, Strategy, WorkerView } from "./strategy.ts";

/** An open job that this peer is the home of. */
export interface HomeJob {
	readonly status: JobStatus;
	/** Since when, by the monotonic clock. */
	readonly since: number;
	/** Another was its home before, or this peer before a restart: workers may hold leases that are not known here. */
	readonly takeover: boolean;
}

export interface Surroundings {
	readonly now: number;
	readonly me: PeerId;
	/** Oneself included. */
	readonly awake: readonly PeerId[];
	deviceOf(peer: PeerId): DeviceId | undefined;
	/** Uniform in [0, 1). */
	fraction(): number;
}

export interface Plan {
	readonly grants: readonly {
		readonly lease: Lease;
		readonly task: TaskStatus;
	}[];
	/** When to plan again though nothing has happened; infinite where there is no such time. */
	readonly wakeAt: number;
}

interface Worker {
	readonly boot: string;
	readonly slots: number;
	readonly skills: ReadonlySet<string>;
	readonly askedAt: number;
	granted: number;
}

interface Trouble {
	/** Failures and lost leases so far. */
	readonly count: number;
	/** Not handed out before this. */
	readonly until: number;
	readonly avoid?: PeerId;
}

export class Grantor {
	readonly leases: LeaseTable;
	readonly #strategy: Strategy;
	readonly #workers = new Map<PeerId, Worker>();
	readonly #failed = new Map<TaskId, Trouble>();
	readonly #lost = new Map<TaskId, Trouble>();
	/** Attempts handed out or told of, so that no number is used twice here. */
	readonly #attempts = new Map<TaskId, number>();
	/** Moving average of how long a skill takes. */
	readonly #meanMs = new Map<string, number>();

	constructor(me: PeerId, strategy: Strategy) {
		this.leases = new LeaseTable(me);
		this.#strategy = strategy;
	}

	/** A worker asks for work and renews what it holds of the jobs that `isMine` knows. */
	ask(
		from: PeerId,
		ask: Ask,
		now: number,
		isMine: (job: JobId) => boolean,
	): AskAnswer {
		const known = this.#workers.get(from);
		// A page that started anew has lost what it held, whether or not anybody saw it go.
		if (known !== undefined && known.boot !== ask.boot)
			for (const lease of this.leases.releasePeer(from))
				this.#attempts.set(lease.task, lease.attempt);
		this.#workers.set(from, {
			boot: ask.boot,
			slots: ask.slots,
			skills: new Set(ask.skills),
			askedAt: now,
			granted: known?.granted ?? 0,
		});
		const lost: TaskId[] = [];
		for (const held of ask.held) {
			if (!isMine(held.job)) continue;
			if (!this.leases.adopt({ ...held, holder: from }, now))
				lost.push(held.task);
			else this.#noteAttempt(held.task, held.attempt);
		}
		return { lost };
	}

	/** A worker says that it is through with tasks. Their records may still be on the way. */
	done(from: PeerId, tasks: readonly Done[], now: number): void {
		for (const { task, skill, outcome, ms } of tasks) {
			const mean = this.#meanMs.get(skill);
			if (outcome === "result")
				this.#meanMs.set(
					skill,
					mean === undefined ? ms : 0.8 * mean + 0.2 * ms,
				);
			if (outcome !== "released") this.leases.settle(task, from, now);
			else if (this.leases.get(task)?.holder === from)
				this.leases.release(task);
		}
	}

	/** A worker did not take these; it gets nothing more until it asks again. */
	refused(from: PeerId, tasks: readonly TaskId[]): void {
		for (const task of tasks)
			if (this.leases.get(task)?.holder === from) this.leases.release(task);
		this.#workers.delete(from);
	}

	plan(jobs: readonly HomeJob[], around: Surroundings): Plan {
		this.#clear(jobs, around);
		const { now } = around;
		let wakeAt = Number.POSITIVE_INFINITY;
		const ready = new Map<TaskId, TaskStatus>();
		const tasks: ReadyTask[] = [];
		let patient = false;
		for (const { status, since, takeover } of jobs) {
			const until = since + TASK_PATIENCE_MS;
			const waiting = now < until;
			const hold = waiting && takeover && !this.#allAsked(since, around);
			for (const task of status.tasks.values()) {
				if (task.state !== "SUBMITTED") continue;
				if (this.leases.get(task.task) !== undefined) continue;
				if (waiting) wakeAt = Math.min(wakeAt, until);
				if (hold) continue;
				const trouble = this.#troubleWith(task, around);
				if (trouble !== undefined && trouble.until > now) {
					wakeAt = Math.min(wakeAt, trouble.until);
					continue;
				}
				patient ||= waiting;
				ready.set(task.task, task);
				tasks.push({
					job: status.job,
					task: task.task,
					skill: task.skill,
					short: (this.#meanMs.get(task.skill) ?? Infinity) < SHORT_TASK_MS,
					...(trouble?.avoid === undefined ? {} : { avoid: trouble.avoid }),
				});
			}
		}
		const proposals =
			tasks.length === 0
				? []
				: this.#strategy.propose(tasks, this.#view(around, patient));
		const grants: { lease: Lease; task: TaskStatus }[] = [];
		for (const { job, task: id, peer } of proposals) {
			const task = ready.get(id);
			if (task === undefined) continue;
			const attempt = 1 + Math.max(task.attempts, this.#attempts.get(id) ?? 0);
			const lease = this.leases.grant(
				{ job, task: id, attempt, holder: peer },
				now,
			);
			if (lease === undefined) continue;
			this.#noteAttempt(id, attempt);
			const worker = this.#workers.get(peer);
			if (worker !== undefined) worker.granted += 1;
			grants.push({ lease, task });
		}
		return { grants, wakeAt: Math.min(wakeAt, this.leases.nextExpiry()) };
	}

	/** Ends the leases that the records, the time or a peer's departure have overtaken. */
	#clear(jobs: readonly HomeJob[], around: Surroundings): void {
		const { now, me } = around;
		const present = new Set(around.awake).add(me);
		for (const peer of this.#workers.keys())
			if (!present.has(peer)) this.#workers.delete(peer);
		const mine = new Map(jobs.map(({ status }) => [status.job, status]));
		for (const lease of this.leases.all()) {
			const status = mine.get(lease.job);
			const task = status?.tasks.get(lease.task);
			const over =
				status === undefined ||
				(task !== undefined &&
					(task.state !== "SUBMITTED" ||
						task.failures.some(({ attempt }) => attempt === lease.attempt)));
			if (over) this.leases.release(lease.task);
			else if (!present.has(lease.holder)) {
				this.leases.release(lease.task);
				this.#lose(lease, around);
			}
		}
		for (const lease of this.leases.expire(now)) this.#lose(lease, around);
		if (jobs.length > 0) return;
		for (const map of [this.#failed, this.#lost, this.#attempts]) map.clear();
		for (const worker of this.#workers.values()) worker.granted = 0;
	}

	/** The first loss is a closed tab; one task that is lost again and again may be what closes them. */
	#lose(lease: Lease, around: Surroundings): void {
		const count = (this.#lost.get(lease.task)?.count ?? 0) + 1;
		const until =
			count === 1 ? around.now : around.now + backoff(count, around.fraction());
		this.#lost.set(lease.task, { count, until, avoid: lease.holder });
	}

	#troubleWith(task: TaskStatus, around: Surroundings): Trouble | undefined {
		const lost = this.#lost.get(task.task);
		const last = task.failures.at(-1);
		if (last === undefined) return lost;
		const count = task.failures.length;
		let failed = this.#failed.get(task.task);
		if (failed?.count !== count) {
			const until = around.now + backoff(count, around.fraction());
			failed = { count, until, avoid: last.peer };
			this.#failed.set(task.task, failed);
		}
		return lost !== undefined && lost.until > failed.until ? lost : failed;
	}

	/** Alone, it may be that the others are not seen yet: a page that has just started sees nobody. */
	#allAsked(since: number, around: Surroundings): boolean {
		if (around.awake.length < 2) return false;
		return around.awake.every(
			(peer) =>
				peer === around.me ||
				(this.#workers.get(peer)?.askedAt ?? Number.NEGATIVE_INFINITY) >= since,
		);
	}

	/** Those who asked; while a job is new, also those who are awake and will. */
	#view(around: Surroundings, patient: boolean): readonly WorkerView[] {
		const held = new Map<PeerId, number>();
		for (const lease of this.leases.all())
			if (lease.state === "held")
				held.set(lease.holder, (held.get(lease.holder) ?? 0) + 1);
		const own = this.#workers.get(around.me)?.slots ?? 1;
		const views: WorkerView[] = [];
		for (const peer of around.awake) {
			const worker = this.#workers.get(peer);
			if (worker === undefined && !patient) continue;
			views.push({
				peer,
				device: around.deviceOf(peer) ?? peer,
				slots: worker?.slots ?? Math.max(1, own),
				active: held.get(peer) ?? 0,
				granted: worker?.granted ?? 0,
				skills: worker?.skills ?? "expected",
			});
		}
		return views;
	}

	#noteAttempt(task: TaskId, attempt: number): void {
		const known = this.#attempts.get(task) ?? 0;
		this.#attempts.set(task, Math.max(known, attempt));
	}
}

/**
 * Exponential backoff with full jitter (Brooker, "Exponential backoff and jitter", 2015).
 *
 * @param count failures so far, at least 1
 * @param fraction uniform in [0, 1)
 * @returns milliseconds
 */
export function backoff(count: number, fraction: number): number {
	return fraction * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (count - 1));
}
