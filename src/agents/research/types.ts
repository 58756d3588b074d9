/** What a research job takes and gives. */
import type { BlobId, DeviceId, PeerId } from "../../wire/ids.ts";

export interface Citation {
	/** Document id. */
	readonly document: BlobId;
	/** `text(document).slice(start, end)`, to the letter. */
	readonly quote: string;
	readonly start: number;
	readonly end: number;
	readonly page?: number;
}

export interface Sentence {
	readonly text: string;
	/** `extractive`, or the id of the model that wrote it. */
	readonly by: string;
	/** At least one. */
	readonly citations: readonly Citation[];
}

export interface Section {
	readonly heading: string;
	readonly sentences: readonly Sentence[];
}

export interface Contributor {
	readonly device: DeviceId;
	readonly peer: PeerId;
	/** The agent's name, as in its contract. */
	readonly agent: string;
	readonly tasks: number;
}

export interface Coverage {
	readonly document: BlobId;
	readonly passages: number;
	readonly read: number;
}

export interface Report {
	readonly question: string;
	/** False where the documents do not answer the question; `sections` is then empty. */
	readonly found: boolean;
	readonly sections: readonly Section[];
	readonly coverage: readonly Coverage[];
	readonly contributors: readonly Contributor[];
}

/** One stretch of passages that somebody has read for a job. */
export interface Reading {
	readonly document: BlobId;
	/** Passage indices, half open. */
	readonly from: number;
	readonly to: number;
	readonly device: DeviceId;
	readonly peer: PeerId;
}

export interface Progress {
	readonly state: "working" | "done" | "cancelled" | "failed";
	/** Tasks with an accepted result, and tasks known so far. */
	readonly done: number;
	readonly total: number;
	/** Estimate from the measured rate; `null` while there is none. */
	readonly etaMs: number | null;
	/** What is going on, for a person: "Reviewer is checking quotes". */
	readonly activity: string;
	readonly readings: readonly Reading[];
	readonly contributors: readonly Contributor[];
	/** Passages of all documents of the job, and how many are read. */
	readonly passages: { readonly total: number; readonly read: number };
	/** The report as far as it is written; sections still open have no sentences. */
	readonly draft: Report;
	/** Why it failed, in words. */
	readonly reason?: string;
}
