/**
 * The running part of the task engine, a thin shell: `JobBook` knows what the records say, `Grantor` decides who gets
 * what, `TaskWorker` runs it; here they meet the board, the bus and the clock. Whatever happens asks for one *pass*,
 * and a pass does what the state then calls for, so nothing depends on which message came or was lost.
 */
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import { LEASE_RENEW_MS, LEASES_TOLD_MS } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId, JobId, PeerId, TaskId } from "../wire/ids.ts";
import { jobSpace } from "../wire/ids.ts";
import { Grantor, type HomeJob, type Plan } from "./grantor.ts";
import { homeOf } from "./home.ts";
import { JobBook, type JobEntry } from "./jobs.ts";
import { Outbox } from "./outbox.ts";
import type { Bus, Executor, Reaction, RecordBoard } from "./ports.ts";
import {
	ASK,
	DONE,
	decodeAsk,
	decodeDone,
	decodeGrants,
	decodeWorking,
	GRANT,
	type Grant,
	LEASES,
	type Working,
} from "./protocol.ts";
import { specKey } from "./records.ts";
import { Showing } from "./showing.ts";
import type { StatusRules } from "./status.ts";
import { type Strategy, workQueue } from "./strategy.ts";
import { Timers } from "./timers.ts";
import { TaskWorker } from "./worker.ts";

export interface TaskEngineDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly me: { readonly peer: PeerId; readonly device: DeviceId };
	readonly records: RecordBoard;
	readonly bus: Bus;
	readonly executor: Executor;
	readonly reactions: readonly Reaction[];
	/** Peers that are there now, oneself included. */
	awake(): readonly PeerId[];
	deviceOf(peer: PeerId): DeviceId | undefined;
	onAwakeChange(listener: () => void): () => void;
	/** Whose `cancel` counts and which outputs are valid. Default: the submitter's device, and any. */
	readonly rules?: StatusRules;
	readonly strategy?: Strategy;
	/** A reaction threw, or asked for what cannot be. */
	onFault?(rule: string, error: unknown): void;
}

/** What is remembered of a job while it is open. */
interface Care {
	home: PeerId | undefined;
	since: number;
	takeover: boolean;
	/** The home that has been asked for work. */
	asked: PeerId | undefined;
}

export class TaskLoop {
	readonly book: JobBook;
	readonly #deps: TaskEngineDeps;
	readonly #me: PeerId;
	readonly #grantor: Grantor;
	readonly #worker: TaskWorker;
	readonly #outbox: Outbox;
	readonly #cares = new Map<JobId, Care>();
	readonly #writing = new Set<TaskId>();
	readonly #showing = new Showing();
	readonly #undo: (() => void)[];
	readonly #timers: Timers<"pass" | "wake" | "tick" | "tell">;
	#stopped = false;

	constructor(deps: TaskEngineDeps, rules: StatusRules) {
		const { clock, bus, executor, reactions, records } = deps;
		this.#deps = deps;
		this.#me = deps.me.peer;
		this.#timers = new Timers(clock);
		const onFault = (rule: string, error: unknown) =>
			deps.onFault?.(rule, error);
		this.book = new JobBook({ board: records, reactions, rules, onFault });
		this.#grantor = new Grantor(this.#me, deps.strategy ?? workQueue);
		this.#worker = new TaskWorker({
			clock,
			executor,
			boot: toHex(deps.random.bytes(8)),
			write: (job, facts) => records.put(jobSpace(job), facts),
			isOpen: (job, task) => this.book.isOpen(job, task),
			homeOf: (job) => this.homeOf(job),
			tell: (home, done) => this.#outbox.done(home, done),
		});
		this.#outbox = new Outbox(clock, bus, this.#me, {
			grant: (grants) => this.#worker.take(grants),
			done: (tasks) => this.#done(this.#me, tasks),
		});
		this.#undo = [
			records.watch((space) => {
				if (this.book.touch(space)) this.#soon();
			}),
			deps.onAwakeChange(() => this.#soon()),
			bus.handle(ASK, (params, from) => this.#asked(params, from)),
			bus.handle(GRANT, (params) => ({
				refused: this.#stopped
					? decodeGrants(params).map(({ task }) => task)
					: this.#worker.take(decodeGrants(params)),
			})),
			bus.handle(DONE, (params, from) => {
				this.#done(from, decodeDone(params));
				return {};
			}),
			bus.handle(LEASES, (params, from) => {
				this.#showing.hear(from, decodeWorking(params));
				return {};
			}),
		];
		this.#soon();
	}

	/** The home of an open job, in one's own view. */
	homeOf(job: JobId): PeerId | undefined {
		const submitter = this.book.submitterOf(job);
		if (submitter === undefined) return undefined;
		const awake = this.#deps.awake();
		return homeOf(job, submitter, awake, (peer) => this.#deps.deviceOf(peer));
	}

	working(): readonly Working[] {
		const awake = new Set(this.#deps.awake());
		return this.#showing.all(
			(home, { job, task, holder }) =>
				this.#cares.get(job)?.home === home &&
				awake.has(holder) &&
				this.book.isOpen(job, task),
		);
	}

	watch(job: JobId | "*", listener: (job: JobId) => void): () => void {
		return this.#showing.watch(job, listener);
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#worker.stop();
		this.#outbox.flush();
		for (const undo of this.#undo) undo();
		this.#timers.stop();
		this.#showing.stop();
	}

	#pass(): void {
		const { clock, executor } = this.#deps;
		const changed = new Set(this.book.refresh());
		this.#tend();
		this.#worker.review();
		const mine = this.#mine();
		for (const { status } of mine)
			this.#writeMissing(this.book.get(status.job));
		if (mine.length > 0 && executor.capacity > 0)
			this.#grantor.ask(
				this.#me,
				this.#worker.ask(this.#me),
				clock.now(),
				() => true,
			);
		const plan = this.#grantor.plan(mine, {
			now: clock.now(),
			me: this.#me,
			awake: this.#deps.awake(),
			deviceOf: (peer) => this.#deps.deviceOf(peer),
			fraction: () => this.#deps.random.fraction(),
		});
		this.#deliver(plan);
		for (const home of this.#homes("new")) void this.#ask(home);
		this.#again(plan.wakeAt);
		for (const job of this.#show()) changed.add(job);
		for (const job of changed) this.#showing.notify(job);
	}

	/** Notices jobs that opened or closed, and homes that changed. */
	#tend(): void {
		const now = this.#deps.clock.now();
		for (const { status, phase } of this.book.all()) {
			if (phase !== "open") {
				this.#cares.delete(status.job);
				continue;
			}
			const home = this.homeOf(status.job);
			const care = this.#cares.get(status.job);
			if (care?.home === home) continue;
			this.#cares.set(status.job, {
				home,
				since: now,
				takeover: care !== undefined || status.tasks.size > 0,
				asked: undefined,
			});
		}
		if (this.#cares.size === 0) this.#showing.forget();
	}

	/** In the order in which they came here: clocks do not decide who waits (E6). */
	#mine(): readonly HomeJob[] {
		const mine: HomeJob[] = [];
		for (const [job, { home, since, takeover }] of this.#cares) {
			const status = this.book.get(job)?.status;
			if (home === this.#me && status !== undefined)
				mine.push({ status, since, takeover });
		}
		return mine;
	}

	/** Only a home writes specs. One that cannot be saved is written again at the next tick. */
	#writeMissing(entry: JobEntry | undefined): void {
		if (entry === undefined) return;
		const specs = entry.missing.filter(({ task }) => !this.#writing.has(task));
		if (specs.length === 0) return;
		const facts: Record<string, unknown> = {};
		for (const { task, rule, skill, input, topic } of specs) {
			this.#writing.add(task);
			facts[specKey(task)] = { rule, skill, input, topic };
		}
		const forget = () => {
			for (const { task } of specs) this.#writing.delete(task);
		};
		this.#deps.records
			.put(jobSpace(entry.status.job), facts)
			.then(forget, forget);
	}

	#deliver({ grants }: Plan): void {
		const byWorker = new Map<PeerId, Grant[]>();
		for (const { lease, task } of grants) {
			const { job, attempt, token, durationMs, holder } = lease;
			const { skill, input } = task;
			const span = toHex(this.#deps.random.bytes(8));
			const grant: Grant = {
				...{ job, task: task.task, attempt, token, durationMs, skill, input },
				traceparent: `00-${job}-${span}-01`,
			};
			const known = byWorker.get(holder);
			if (known === undefined) byWorker.set(holder, [grant]);
			else known.push(grant);
		}
		for (const [worker, leases] of byWorker) void this.#grant(worker, leases);
	}

	async #grant(worker: PeerId, leases: readonly Grant[]): Promise<void> {
		const refused = await this.#outbox.grant(worker, leases);
		if (refused.length === 0) return;
		this.#grantor.refused(worker, refused);
		if (worker !== this.#me) this.#soon();
	}

	async #ask(home: PeerId): Promise<void> {
		for (const care of this.#cares.values())
			if (care.home === home) care.asked = home;
		const answer = await this.#outbox.ask(home, this.#worker.ask(home));
		for (const task of answer?.lost ?? []) this.#worker.drop(task);
	}

	/** Other peers to ask: `new`, those not asked since a job opened or came to them; `all`, those to renew with too. */
	#homes(which: "new" | "all"): ReadonlySet<PeerId> {
		const homes = new Set<PeerId>(which === "all" ? this.#worker.homes() : []);
		if (this.#deps.executor.capacity > 0)
			for (const { home, asked } of this.#cares.values())
				if (home !== undefined && (which === "all" || asked !== home))
					homes.add(home);
		homes.delete(this.#me);
		return homes;
	}

	#asked(params: unknown, from: PeerId): unknown {
		const ask = decodeAsk(params);
		if (ask === undefined)
			throw new ShoalError("malformed", "not a worker's request for tasks");
		const isMine = (job: JobId) => this.homeOf(job) === this.#me;
		const now = this.#deps.clock.now();
		const { lost } = this.#grantor.ask(from, ask, now, isMine);
		const over = ask.held
			.filter(({ job, task }) => !this.book.isOpen(job, task))
			.map(({ task }) => task);
		if (this.#cares.size > 0) this.#soon();
		return { lost: [...new Set([...lost, ...over])] };
	}

	#done(from: PeerId, tasks: Parameters<Grantor["done"]>[1]): void {
		this.#grantor.done(from, tasks, this.#deps.clock.now());
		this.#soon();
	}

	/** @returns the jobs whose leases changed; other peers hear of it a little later, once for many changes */
	#show(): readonly JobId[] {
		const changed = this.#showing.update(this.#grantor.leases.all());
		if (changed.length > 0)
			this.#timers.ensure("tell", LEASES_TOLD_MS, () => {
				if (this.#mine().length > 0)
					this.#outbox.working(this.#deps.awake(), this.#showing.own);
			});
		return changed;
	}

	#soon(): void {
		this.#timers.ensure("pass", 0, () => this.#pass());
	}

	/** A tick while there is work: renews, asks again, and mends what was lost. None when all is quiet. */
	#again(wakeAt: number): void {
		this.#timers.cancel("wake");
		if (this.#cares.size === 0 && !this.#worker.busy) {
			this.#timers.cancel("tick");
			return;
		}
		this.#timers.ensure("tick", LEASE_RENEW_MS, () => {
			for (const home of this.#homes("all")) void this.#ask(home);
			this.#soon();
		});
		if (Number.isFinite(wakeAt))
			this.#timers.ensure("wake", wakeAt - this.#deps.clock.now(), () =>
				this.#pass(),
			);
	}
}
