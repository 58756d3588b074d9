/** The jobs on a board: status, view and what is missing, worked out anew only where records changed. */
import type { DeviceId, JobId, PeerId, SpaceId, TaskId } from "../wire/ids.ts";
import { jobSpace } from "../wire/ids.ts";
import type { JobView, Reaction, RecordBoard } from "./ports.ts";
import { missingSpecs, type SpecMemo } from "./react.ts";
import { jobOfSpace, type Spec } from "./records.ts";
import { type JobStatus, jobStatus, type StatusRules } from "./status.ts";
import { viewOf } from "./view.ts";

/**
 * `open`: there is or will be something to do. `over`: no open task, and nothing more is asked for. `cancelled`:
 * stopped before that.
 */
export type JobPhase = "open" | "over" | "cancelled";

export interface JobEntry {
	readonly status: JobStatus;
	readonly view: JobView;
	readonly phase: JobPhase;
	/** What the reactions of this peer ask for and nobody has written yet. */
	readonly missing: readonly Spec[];
}

export interface JobBookDeps {
	readonly board: Pick<RecordBoard, "facts" | "spaces">;
	readonly reactions: readonly Reaction[];
	readonly rules: StatusRules;
	onFault(rule: string, error: unknown): void;
}

export class JobBook {
	readonly #deps: JobBookDeps;
	readonly #entries = new Map<JobId, JobEntry>();
	readonly #changed = new Set<JobId>();
	/** Of open jobs. */
	readonly #memos = new Map<JobId, SpecMemo>();

	constructor(deps: JobBookDeps) {
		this.#deps = deps;
		for (const space of deps.board.spaces()) this.touch(space);
	}

	/** Notes that a space changed. @returns whether it is a job's */
	touch(space: SpaceId): boolean {
		const job = jobOfSpace(space);
		if (job !== undefined) this.#changed.add(job);
		return job !== undefined;
	}

	/** Works the changes in. @returns the jobs that changed */
	refresh(): readonly JobId[] {
		const changed = [...this.#changed];
		this.#changed.clear();
		return changed.filter((job) => this.#refresh(job));
	}

	get(job: JobId): JobEntry | undefined {
		return this.#entries.get(job);
	}

	/** Oldest first, by the submitters' clocks: an order for showing (E6). */
	all(): readonly JobEntry[] {
		return [...this.#entries.values()].sort(
			(a, b) =>
				a.status.record.createdAt - b.status.record.createdAt ||
				(a.status.job < b.status.job ? -1 : 1),
		);
	}

	/** Whether a task still needs doing; one that is not known yet does. */
	isOpen(job: JobId, task: TaskId): boolean {
		const entry = this.#entries.get(job);
		if (entry === undefined) return true;
		if (entry.phase === "cancelled") return false;
		const state = entry.status.tasks.get(task)?.state;
		return state === undefined || state === "SUBMITTED";
	}

	submitterOf(
		job: JobId,
	): { readonly peer: PeerId; readonly device: DeviceId } | undefined {
		const status = this.#entries.get(job)?.status;
		return status && { peer: status.record.submitter, device: status.device };
	}

	#refresh(job: JobId): boolean {
		const { board, reactions, rules, onFault } = this.#deps;
		const status = jobStatus(job, board.facts(jobSpace(job)), rules);
		if (status === undefined) return false;
		const view = viewOf(status);
		const memo = this.#memos.get(job) ?? new Map();
		const missing = missingSpecs(reactions, view, status.tasks, onFault, memo);
		const phase = phaseOf(status, missing.length > 0);
		if (phase === "open") this.#memos.set(job, memo);
		else this.#memos.delete(job);
		this.#entries.set(job, { status, view, phase, missing });
		return true;
	}
}

function phaseOf(status: JobStatus, isMissing: boolean): JobPhase {
	const states = [...status.tasks.values()].map(({ state }) => state);
	if (status.cancelled)
		return isMissing || states.includes("CANCELED") ? "cancelled" : "over";
	return isMissing || states.includes("SUBMITTED") ? "open" : "over";
}
