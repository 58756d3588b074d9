/**
 * The task engine of a peer: finds jobs on the board, gives out the work of those it is the home of, and does the work
 * that homes give it (T1-T5, converge mode). With no job open it sends nothing and sets no timer.
 */
import { toHex } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";
import type { JobId, PeerId, TaskId } from "../wire/ids.ts";
import { jobSpace } from "../wire/ids.ts";
import type { JobEntry, JobPhase } from "./jobs.ts";
import { type TaskEngineDeps, TaskLoop } from "./loop.ts";
import { plainData } from "./plain.ts";
import type { JobView } from "./ports.ts";
import type { Working } from "./protocol.ts";
import {
	CANCEL_KEY,
	decodeJob,
	isJobId,
	JOB_KEY,
	type JobRecordBody,
} from "./records.ts";
import { type JobStatus, ownCancelOnly } from "./status.ts";

export type { TaskEngineDeps };

export interface JobOverview extends JobStatus {
	readonly phase: JobPhase;
	/** The start and the accepted results, as reactions see them. */
	readonly view: JobView;
	/** Who works on what, as far as homes tell (best effort): these tasks are WORKING. */
	readonly working: ReadonlyMap<TaskId, Working>;
	readonly home: PeerId | undefined;
}

export interface TaskEngine {
	/**
	 * Writes a job's record. Resolves once it is committed.
	 *
	 * @param job.id 32 lowercase hex characters, random; drawn here where it is left out
	 * @throws ShoalError `bad-input`, or what the board rejects with
	 */
	submit(job: {
		readonly id?: JobId;
		readonly kind: string;
		readonly title: string;
		readonly start: { readonly topic: string; readonly data: unknown };
	}): Promise<JobId>;
	/**
	 * Stops a job. What is done stays.
	 *
	 * @throws ShoalError `no-such-job`; `not-available` where this device may not
	 */
	cancel(job: JobId): Promise<void>;
	/** Oldest first. */
	jobs(): readonly JobOverview[];
	status(job: JobId): JobOverview | undefined;
	/** Who works on what, over all jobs. */
	leases(): readonly Working[];
	/** Hears of each change of a job, or of any (`*`). */
	watch(job: JobId | "*", listener: (job: JobId) => void): () => void;
	/** Stops what runs, gives it back, and falls silent. */
	stop(): void;
}

export function createTaskEngine(deps: TaskEngineDeps): TaskEngine {
	const { clock, random, me, records } = deps;
	const rules = deps.rules ?? ownCancelOnly;
	const loop = new TaskLoop(deps, rules);

	function overview(entry: JobEntry): JobOverview {
		const { status, phase, view } = entry;
		const working = new Map<TaskId, Working>();
		for (const lease of loop.working())
			if (
				lease.job === status.job &&
				status.tasks.get(lease.task)?.state === "SUBMITTED"
			)
				working.set(lease.task, lease);
		return { ...status, phase, view, working, home: loop.homeOf(status.job) };
	}

	return {
		async submit({ id, kind, title, start }) {
			const job = id ?? toHex(random.bytes(16));
			const record: JobRecordBody = {
				kind,
				title,
				submitter: me.peer,
				createdAt: clock.wall(),
				start: { topic: start.topic, data: plainData(start.data) },
				mode: "converge",
			};
			const fact = { key: JOB_KEY, value: record, ...me };
			if (!isJobId(job) || decodeJob(fact) === undefined)
				throw new ShoalError(
					"bad-input",
					"A job needs a kind, a title of at most 2,000 characters and a start of at most 512 KiB.",
				);
			await records.put(jobSpace(job), { [JOB_KEY]: record });
			return job;
		},
		async cancel(job) {
			const status = loop.book.get(job)?.status;
			if (status === undefined)
				throw new ShoalError("no-such-job", "This job is not known here.");
			if (!rules.mayCancel(me.device, status.device))
				throw new ShoalError(
					"not-available",
					"Only the device that started a job can stop it.",
				);
			await records.put(jobSpace(job), { [CANCEL_KEY]: true });
		},
		jobs: () => loop.book.all().map(overview),
		status(job) {
			const entry = loop.book.get(job);
			return entry && overview(entry);
		},
		leases: () => loop.working(),
		watch: (job, listener) => loop.watch(job, listener),
		stop: () => loop.stop(),
	};
}
