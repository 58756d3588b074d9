/** Research jobs for the page API: submitting, and turning records into reports and progress. */
import { QUESTION, type ResearchQuestion } from "../agents/research/records.ts";
import { reportOf } from "../agents/research/report.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Blobs } from "../replica/blobs.ts";
import type { Replica } from "../replica/types.ts";
import type { JobOverview, TaskEngine } from "../tasks/engine.ts";
import type { Clock } from "../wire/clock.ts";
import { COPY_WAIT_MS, MAX_QUESTION_LENGTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import {
	type BlobId,
	type DeviceId,
	type JobId,
	jobSpace,
	type PeerId,
} from "../wire/ids.ts";
import type { JobInfo, JobState, Progress, Report } from "./api.ts";
import type { Documents } from "./documents.ts";
import { copiesOf } from "./state.ts";

const KIND = "research";
const JOB_ID = /^[0-9a-f]{32}$/;

export interface ResearchDeps {
	readonly clock: Clock;
	readonly tasks: TaskEngine;
	readonly documents: Documents;
	readonly blobs: Blobs;
	readonly replica: Replica;
	readonly mesh: Mesh;
	readonly device: DeviceId;
	deviceOf(peer: PeerId): DeviceId | undefined;
}

export class Research {
	readonly #deps: ResearchDeps;
	/** When this page first saw a job work, for its estimate; local and monotonic. */
	readonly #begun = new Map<JobId, { at: number; share: number }>();

	constructor(deps: ResearchDeps) {
		this.#deps = deps;
	}

	/** @throws ShoalError `bad-input`, `no-such-document`, `not-saved` */
	async submit(
		job: JobId,
		question: unknown,
		ids: readonly string[] | undefined,
	): Promise<void> {
		const asked = typeof question === "string" ? question.trim() : "";
		if (asked.length === 0 || asked.length > MAX_QUESTION_LENGTH)
			throw new ShoalError(
				"bad-input",
				`A question has 1-${MAX_QUESTION_LENGTH} characters.`,
			);
		const all = this.#deps.documents.list();
		const chosen =
			ids === undefined ? all : all.filter(({ id }) => ids.includes(id));
		const missing = ids?.find((id) => !all.some((info) => info.id === id));
		if (missing !== undefined)
			throw new ShoalError("no-such-document", "There is no such document.");
		await this.#copy(chosen.map(({ textBlob }) => textBlob));
		const data: ResearchQuestion = {
			question: asked,
			documents: chosen.map(({ id, name, passages, textBlob }) => ({
				id,
				name,
				passages,
				textBlob,
			})),
		};
		await this.#deps.tasks.submit({
			id: job,
			kind: KIND,
			title: asked,
			start: { topic: QUESTION, data },
		});
	}

	/** Newest first. */
	jobs(): JobInfo[] {
		const { replica, device, deviceOf } = this.#deps;
		return this.#deps.tasks
			.jobs()
			.filter(({ record }) => record.kind === KIND)
			.map((overview) => ({
				id: overview.job,
				kind: "research" as const,
				title: overview.record.title,
				state: stateOf(overview),
				device: overview.device,
				createdAt: overview.record.createdAt,
				copies: copiesOf(replica, jobSpace(overview.job), device, deviceOf),
			}))
			.reverse();
	}

	/**
	 * Resolves with the report of a job, on whichever device it was asked.
	 *
	 * @throws ShoalError `no-such-job` for what is no id of a job, `aborted`, `agent-failed`
	 */
	done(job: JobId): Promise<Report> {
		return new Promise((resolve, reject) => {
			if (!JOB_ID.test(job)) reject(noSuchJob());
			const stop = this.progress(job, ({ state, draft, reason }) => {
				if (state === "working") return;
				queueMicrotask(() => stop());
				if (state === "done") resolve(draft);
				else if (state === "cancelled")
					reject(new ShoalError("aborted", "The job was stopped."));
				else
					reject(new ShoalError("agent-failed", reason ?? "The job failed."));
			});
		});
	}

	/** Hears at once and of each change. A job that is not here yet may still arrive from another device. */
	progress(job: JobId, listener: (progress: Progress) => void): () => void {
		const { tasks } = this.#deps;
		const tell = (): void => {
			const overview = tasks.status(job);
			if (overview !== undefined) listener(this.#progressOf(overview));
		};
		const stop = tasks.watch(job, tell);
		tell();
		return stop;
	}

	#progressOf(overview: JobOverview): Progress {
		const state = stateOf(overview);
		const { report, activity, readings, contributors, passages } = reportOf(
			overview.view,
		);
		const tasks = [...overview.tasks.values()];
		const written = report.sections.filter(
			({ sentences }) => sentences.length > 0,
		).length;
		const share =
			(0.8 * passages.read) / Math.max(1, passages.total) +
			(0.2 * written) / Math.max(1, report.sections.length);
		const reason = tasks
			.find((task) => task.state === "FAILED")
			?.failures.at(-1);
		return {
			state,
			done: tasks.filter((task) => task.state === "COMPLETED").length,
			total: tasks.length,
			etaMs: state === "working" ? this.#estimate(overview.job, share) : null,
			activity: ACTIVITY[state] ?? activity,
			readings,
			contributors,
			passages,
			draft: report,
			...(state === "failed"
				? { reason: reason?.message ?? "A part of the job failed." }
				: {}),
		};
	}

	/** From the rate measured since this page saw the job; `null` while there is too little to go by. */
	#estimate(job: JobId, share: number): number | null {
		const now = this.#deps.clock.now();
		const begun = this.#begun.get(job) ?? { at: now, share };
		this.#begun.set(job, begun);
		const gained = share - begun.share;
		if (gained <= 0.02) return null;
		return Math.round(((now - begun.at) * (1 - share)) / gained);
	}

	/** S12: what a job needs is copied to another awake device first, so that it does not hang on this one. */
	async #copy(blobs: readonly BlobId[]): Promise<void> {
		const { mesh, device, clock } = this.#deps;
		const other = mesh.peers().find((peer) => peer.device !== device);
		if (other === undefined) return;
		const copies = Promise.allSettled(
			blobs.map((blob) => this.#deps.blobs.offer(blob, other.peer)),
		);
		// A slow device must not hold up the question: it goes on fetching while the job runs.
		let cancel: (() => void) | undefined;
		const enough = new Promise<void>((resolve) => {
			cancel = clock.after(COPY_WAIT_MS, resolve);
		});
		await Promise.race([copies, enough]);
		cancel?.();
	}
}

const ACTIVITY: Partial<Record<JobState, string>> = {
	cancelled: "Stopped",
	failed: "Failed",
};

function stateOf({ phase, view }: JobOverview): JobState {
	if (reportOf(view).complete) return "done";
	if (phase === "cancelled") return "cancelled";
	return phase === "over" ? "failed" : "working";
}

const noSuchJob = (): ShoalError =>
	new ShoalError("no-such-job", "There is no such job.");
