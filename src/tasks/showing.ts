/** Who works on what, for showing (best effort): the own leases of a home, and what other homes told of theirs. */
import type { JobId, PeerId } from "../wire/ids.ts";
import type { Lease } from "./leases.ts";
import type { Working } from "./protocol.ts";

export class Showing {
	readonly #told = new Map<PeerId, readonly Working[]>();
	readonly #listeners = new Set<(job: JobId) => void>();
	#own: readonly Working[] = [];

	get own(): readonly Working[] {
		return this.#own;
	}

	/** Another home told of its leases. */
	hear(home: PeerId, leases: readonly Working[]): void {
		const before = this.#told.get(home) ?? [];
		this.#told.set(home, leases);
		for (const job of jobsThatDiffer(before, leases)) this.notify(job);
	}

	/** Takes the own leases as they are now. @returns the jobs whose leases changed */
	update(leases: readonly Lease[]): readonly JobId[] {
		const before = this.#own;
		this.#own = leases
			.filter(({ state }) => state === "held")
			.map(({ job, task, attempt, holder }) => ({
				job,
				task,
				attempt,
				holder,
			}));
		return jobsThatDiffer(before, this.#own);
	}

	/** Leases of which `counts` says that they are still of interest. */
	all(counts: (home: PeerId, lease: Working) => boolean): readonly Working[] {
		const told = [...this.#told].flatMap(([home, leases]) =>
			leases.filter((lease) => counts(home, lease)),
		);
		return [...told, ...this.#own];
	}

	/** All is quiet: nobody works on anything. */
	forget(): void {
		this.#told.clear();
	}

	watch(job: JobId | "*", listener: (job: JobId) => void): () => void {
		const wrapped = (changed: JobId) => {
			if (job === "*" || job === changed) listener(changed);
		};
		this.#listeners.add(wrapped);
		return () => this.#listeners.delete(wrapped);
	}

	notify(job: JobId): void {
		for (const listener of [...this.#listeners]) listener(job);
	}

	stop(): void {
		this.#listeners.clear();
	}
}

function jobsThatDiffer(
	before: readonly Working[],
	after: readonly Working[],
): readonly JobId[] {
	const keyOf = ({ task, holder }: Working) => `${task}${holder}`;
	const were = new Set(before.map(keyOf));
	const are = new Set(after.map(keyOf));
	const jobs = new Set<JobId>();
	for (const lease of before) if (!are.has(keyOf(lease))) jobs.add(lease.job);
	for (const lease of after) if (!were.has(keyOf(lease))) jobs.add(lease.job);
	return [...jobs];
}
