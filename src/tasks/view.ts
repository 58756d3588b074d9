/** What a job knows, as its reactions and its screens see it: the start, and the accepted result of each task (A4). */
import type { JobId } from "../wire/ids.ts";
import { matchesTopic } from "../wire/topics.ts";
import { hashOf } from "./plain.ts";
import type { JobRecord, JobView } from "./ports.ts";
import type { JobRecordBody } from "./records.ts";
import type { JobStatus } from "./status.ts";

/**
 * The view of a job, in an order that is the same on every peer: the start first, then by task id.
 */
export function viewOf(status: JobStatus): JobView {
	const { record, device } = status;
	const records: JobRecord[] = [
		{
			topic: record.start.topic,
			data: record.start.data,
			hash: startHash(record),
			peer: record.submitter,
			device,
		},
	];
	for (const { task, topic, accepted } of status.tasks.values())
		if (accepted !== undefined)
			records.push({
				topic,
				data: accepted.output,
				hash: accepted.hash,
				task,
				agent: accepted.agent,
				peer: accepted.peer,
				device: accepted.device,
			});
	return new View(status.job, records);
}

/** A job's record is decoded once, its view made after every change. */
const startHashes = new WeakMap<JobRecordBody, string>();

function startHash(record: JobRecordBody): string {
	const known = startHashes.get(record);
	if (known !== undefined) return known;
	const hash = hashOf(record.start.data);
	startHashes.set(record, hash);
	return hash;
}

class View implements JobView {
	readonly job: JobId;
	readonly #records: readonly JobRecord[];
	/** Reactions ask for the same few patterns once for each record they react to. */
	readonly #found = new Map<string, readonly JobRecord[]>();

	constructor(job: JobId, records: readonly JobRecord[]) {
		this.job = job;
		this.#records = records;
	}

	records(pattern: string): readonly JobRecord[] {
		const known = this.#found.get(pattern);
		if (known !== undefined) return known;
		const found = this.#records.filter((record) =>
			matchesTopic(pattern, record.topic),
		);
		this.#found.set(pattern, found);
		return found;
	}
}
