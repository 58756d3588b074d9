/** What the two threads of a run share. */

export interface WorkerTask {
	readonly target: string;
	readonly from: number;
	readonly inputs: number;
	readonly limitMs: number;
	/** How many inputs were begun, the length of the present one, and its bytes. */
	readonly present: SharedArrayBuffer;
}

/** Of `present`, before the bytes. */
export const HEAD_BYTES = 8;
