/** The job on the screen: its progress as it comes, its report once it is done. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Progress, Shoal } from "../../node/api.ts";

export interface OpenJob {
	readonly id: string;
	/** `null` until the first word about it. */
	readonly progress: ReadonlySignal<Progress | null>;
	/** Stops listening; the job itself goes on. */
	close(): void;
}

/** Listens to a job. `onError` hears why it cannot be followed. */
export function openJob(
	shoal: Shoal,
	id: string,
	onError: (error: unknown) => void,
): OpenJob {
	const progress = signal<Progress | null>(null);
	let stop: (() => void) | null = null;
	try {
		const job = shoal.job(id);
		stop = job.progress((now) => {
			progress.value = now;
		});
		// A job that ends badly says why in its progress; what is left is one that cannot be followed at all.
		job.done.catch((error: unknown) => {
			if (progress.value === null) onError(error);
		});
	} catch (error) {
		onError(error);
	}
	return { id, progress, close: () => stop?.() };
}
