/**
 * Calls between page and worker cost more than what most of them carry. What comes while one call is under way shares
 * the next one, so that nothing waits on a quiet page and a busy one makes few calls.
 */

/** Items of one call at most: what is handed over in one turn must not hold up the page. */
const MAX_BATCH = 256;

/**
 * Makes a function of one item from one of many.
 *
 * @param send answers each item in its place. Where it rejects, each item of that call is sent alone, so that one that
 * cannot be sent does not take its neighbours with it.
 */
export function inBatches<T, R>(
	send: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
	interface Waiting {
		readonly item: T;
		readonly resolve: (result: R | PromiseLike<R>) => void;
		readonly reject: (error: unknown) => void;
	}
	const waiting: Waiting[] = [];
	let isSending = false;

	const deliver = async (batch: readonly Waiting[]): Promise<void> => {
		try {
			const results = await send(batch.map(({ item }) => item));
			for (const [index, { resolve }] of batch.entries())
				resolve(results[index] as R);
		} catch (error) {
			const [only] = batch;
			if (batch.length === 1) only?.reject(error);
			else for (const one of batch) await deliver([one]);
		}
	};
	const work = async (): Promise<void> => {
		while (waiting.length > 0) await deliver(waiting.splice(0, MAX_BATCH));
		isSending = false;
	};
	return (item) =>
		new Promise((resolve, reject) => {
			waiting.push({ item, resolve, reject });
			if (isSending) return;
			isSending = true;
			queueMicrotask(() => void work());
		});
}
