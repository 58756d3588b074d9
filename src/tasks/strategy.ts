/** How ready tasks and idle workers are brought together (T5). A strategy proposes; only the lease table commits. */
import type { DeviceId, JobId, PeerId, TaskId } from "../wire/ids.ts";

/** A task that may be handed out now. */
export interface ReadyTask {
	readonly job: JobId;
	readonly task: TaskId;
	readonly skill: string;
	/** Measured to be short: a worker may hold one round more than it can run, so that a hop costs no idle slot. */
	readonly short: boolean;
	/** Who failed at it last: somebody else is tried first. */
	readonly avoid?: PeerId;
}

/** A worker as its home knows it. */
export interface WorkerView {
	readonly peer: PeerId;
	readonly device: DeviceId;
	/** How many tasks it runs at once for this home. */
	readonly slots: number;
	/** How many it holds now. */
	readonly active: number;
	/** How many it has been granted so far. */
	readonly granted: number;
	/**
	 * What it can do. `expected`: it is awake and has not asked yet; what falls to it is held back, so that a job of
	 * many small tasks does not end where it began.
	 */
	readonly skills: ReadonlySet<string> | "expected";
}

export interface Proposal {
	readonly task: TaskId;
	readonly job: JobId;
	readonly peer: PeerId;
}

export interface Strategy {
	readonly name: string;
	/** Pure. Each task at most once; tasks that are left out wait. */
	propose(
		tasks: readonly ReadyTask[],
		workers: readonly WorkerView[],
	): readonly Proposal[];
}

/**
 * Work queue with late binding: a task is bound to a worker only when one has a slot for it. Each goes to the device
 * that holds the fewest, then to the one that has been granted the fewest, so that small jobs spread over devices
 * before they spread over the tabs of one.
 */
export const workQueue: Strategy = {
	name: "queue",
	propose(tasks, workers) {
		const seats = workers.map((worker) => ({
			worker,
			active: worker.active,
			granted: worker.granted,
		}));
		const devices = new Map<DeviceId, { active: number; granted: number }>();
		for (const { worker } of seats) {
			const sum = devices.get(worker.device) ?? { active: 0, granted: 0 };
			sum.active += worker.active;
			sum.granted += worker.granted;
			devices.set(worker.device, sum);
		}
		const proposals: Proposal[] = [];
		for (const task of tasks) {
			let best: (typeof seats)[number] | undefined;
			let bestCost: readonly (number | string)[] = [];
			for (const seat of seats) {
				const { worker } = seat;
				const room = (task.short ? 2 : 1) * worker.slots - seat.active;
				if (room <= 0 || !canDo(worker, task.skill)) continue;
				const device = devices.get(worker.device);
				const cost = [
					task.avoid === worker.peer ? 1 : 0,
					seat.active >= worker.slots ? 1 : 0,
					device?.active ?? 0,
					device?.granted ?? 0,
					worker.skills === "expected" ? 1 : 0,
					seat.active,
					seat.granted,
					worker.peer,
				];
				if (best !== undefined && !isLess(cost, bestCost)) continue;
				best = seat;
				bestCost = cost;
			}
			if (best === undefined) continue;
			const { worker } = best;
			best.active += 1;
			best.granted += 1;
			const device = devices.get(worker.device);
			if (device !== undefined) {
				device.active += 1;
				device.granted += 1;
			}
			if (worker.skills !== "expected")
				proposals.push({ task: task.task, job: task.job, peer: worker.peer });
		}
		return proposals;
	},
};

const canDo = (worker: WorkerView, skill: string): boolean =>
	worker.skills === "expected" || worker.skills.has(skill);

function isLess(
	a: readonly (number | string)[],
	b: readonly (number | string)[],
): boolean {
	for (const [index, value] of a.entries()) {
		const other = b[index];
		if (other === undefined || value === other) continue;
		return value < other;
	}
	return false;
}
