/**
 * The worker's side (T2): runs what homes grant. The result is written to the board first and told afterwards, so that
 * a home never believes in a result that does not exist.
 */
import type { Clock } from "../wire/clock.ts";
import { codeOf, messageOf } from "../wire/error.ts";
import type { JobId, PeerId, TaskId } from "../wire/ids.ts";
import type { Executor } from "./ports.ts";
import type { Ask, Done, Grant, HeldLease } from "./protocol.ts";
import {
	type FailRecord,
	failKey,
	type ResultRecord,
	resultKey,
	resultOf,
} from "./records.ts";

export interface WorkerDeps {
	readonly clock: Clock;
	readonly boot: string;
	readonly executor: Executor;
	/** Commits records to the job's space. */
	write(job: JobId, records: Readonly<Record<string, unknown>>): Promise<void>;
	/** Whether the task still needs doing, as far as one knows. */
	isOpen(job: JobId, task: TaskId): boolean;
	/** The home of a job in one's own view, or else who granted the lease. */
	homeOf(job: JobId): PeerId | undefined;
	/** One is through with a task; tells its home. */
	tell(home: PeerId, done: Done): void;
}

/** More than this many rounds ahead is refused: two homes may not know of each other. */
const MAX_ROUNDS = 4;

interface Held {
	grant: Grant;
	readonly controller: AbortController;
	phase: "queued" | "running" | "saving";
}

export class TaskWorker {
	readonly #deps: WorkerDeps;
	/** In the order in which they were granted. */
	readonly #held = new Map<TaskId, Held>();

	constructor(deps: WorkerDeps) {
		this.#deps = deps;
	}

	get busy(): boolean {
		return this.#held.size > 0;
	}

	/** What to say to a home: slots for it, and the leases of its jobs. */
	ask(home: PeerId): Ask {
		const { executor, boot } = this.#deps;
		const held: HeldLease[] = [];
		let elsewhere = 0;
		for (const { grant } of this.#held.values()) {
			const { job, task, attempt, token } = grant;
			if (this.#homeOf(grant) === home)
				held.push({ job, task, attempt, token });
			else elsewhere += 1;
		}
		const slots =
			executor.capacity === 0 ? 0 : Math.max(1, executor.capacity - elsewhere);
		return { boot, slots, skills: executor.skills(), held };
	}

	/** The homes of what is held. */
	homes(): ReadonlySet<PeerId> {
		const homes = new Set<PeerId>();
		for (const { grant } of this.#held.values()) homes.add(this.#homeOf(grant));
		return homes;
	}

	/** @returns the tasks it does not take: it cannot do them, or has too much already */
	take(grants: readonly Grant[]): readonly TaskId[] {
		const { executor } = this.#deps;
		const refused: TaskId[] = [];
		for (const grant of grants) {
			const known = this.#held.get(grant.task);
			if (known !== undefined) {
				// Another home grants what one is doing already: its lease counts from now on.
				known.grant = grant;
				continue;
			}
			if (
				!executor.skills().includes(grant.skill) ||
				this.#held.size >= MAX_ROUNDS * executor.capacity
			) {
				refused.push(grant.task);
				continue;
			}
			const controller = new AbortController();
			this.#held.set(grant.task, { grant, controller, phase: "queued" });
		}
		this.#start();
		return refused;
	}

	/** Lets go of what the records say is over. */
	review(): void {
		for (const [task, { grant }] of this.#held)
			if (!this.#deps.isOpen(grant.job, task)) this.drop(task);
	}

	/** Stops a task without a word: it is done, cancelled, or somebody else's. */
	drop(task: TaskId): void {
		const held = this.#held.get(task);
		if (held === undefined || held.phase === "saving") return;
		this.#held.delete(task);
		held.controller.abort();
		this.#start();
	}

	/** Stops everything and gives it back. */
	stop(): void {
		for (const held of [...this.#held.values()]) {
			this.#held.delete(held.grant.task);
			held.controller.abort();
			this.#tell(held.grant, "released", 0);
		}
	}

	#homeOf(grant: Grant): PeerId {
		return this.#deps.homeOf(grant.job) ?? grant.token.home;
	}

	#start(): void {
		const all = [...this.#held.values()];
		let running = all.filter(({ phase }) => phase === "running").length;
		for (const held of all) {
			if (running >= this.#deps.executor.capacity) return;
			if (held.phase !== "queued") continue;
			running += 1;
			held.phase = "running";
			void this.#run(held);
		}
	}

	/** Never rejects: whatever happens ends in a record, in a release, or in silence after a drop. */
	async #run(held: Held): Promise<void> {
		const { job, task } = held.grant;
		if (!this.#deps.isOpen(job, task)) {
			this.#held.delete(task);
			this.#tell(held.grant, "result", 0);
			this.#start();
			return;
		}
		const made = await this.#make(held);
		if (this.#held.get(task) !== held) return;
		held.phase = "saving";
		this.#start();
		const key = made.outcome === "result" ? resultKey : failKey;
		const saved = await this.#save(
			job,
			key(task, held.grant.attempt),
			made.record,
		);
		if (this.#held.get(task) === held) this.#held.delete(task);
		this.#tell(held.grant, saved ? made.outcome : "released", made.ms);
	}

	async #make(held: Held): Promise<{
		readonly outcome: "result" | "fail";
		readonly record: ResultRecord | FailRecord;
		readonly ms: number;
	}> {
		const { executor, clock } = this.#deps;
		const { job, task, attempt, skill, input, traceparent } = held.grant;
		const began = clock.now();
		const elapsed = () => Math.round(clock.now() - began);
		try {
			const { agent, output } = await executor.run(
				{ job, task, attempt, skill, input, traceparent },
				held.controller.signal,
			);
			const ms = elapsed();
			return { outcome: "result", record: resultOf(output, agent, ms), ms };
		} catch (error) {
			const record: FailRecord = {
				code: codeOf(error) ?? "agent-failed",
				message: messageOf(error).slice(0, 2_000),
				agent: executor.agentOf?.(skill) ?? "",
			};
			return { outcome: "fail", record, ms: elapsed() };
		}
	}

	/** False where storage refused (S9 shows that): another device shall do the task. */
	async #save(job: JobId, key: string, record: unknown): Promise<boolean> {
		try {
			await this.#deps.write(job, { [key]: record });
			return true;
		} catch {
			return false;
		}
	}

	#tell(grant: Grant, outcome: Done["outcome"], ms: number): void {
		const { task, skill } = grant;
		this.#deps.tell(this.#homeOf(grant), { task, skill, outcome, ms });
	}
}
