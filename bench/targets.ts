/** A page and its workers as the browser's inspector sees them: heap and storage. */
import type { CDPSession, Page } from "playwright";

/** One of a page's threads: the page itself, or a worker. */
interface Thread {
	readonly name: string;
	send(method: string, params?: object): Promise<Record<string, unknown>>;
}

interface Reply {
	readonly id?: number;
	readonly result?: Record<string, unknown>;
	readonly error?: { readonly message: string };
}

/** Threads of a page, workers' workers not counted. Detach the session when done. */
async function threadsOf(
	page: Page,
): Promise<{ threads: readonly Thread[]; detach(): Promise<void> }> {
	const session = await page.context().newCDPSession(page);
	const threads: Thread[] = [
		{ name: "page", send: (method, params) => sendTo(session, method, params) },
	];
	const waiting = new Map<string, (reply: Reply) => void>();
	session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
		let last = 0;
		threads.push({
			name: targetInfo.title || targetInfo.url,
			send: (method, params = {}) =>
				new Promise((resolve, reject) => {
					const id = ++last;
					waiting.set(`${sessionId} ${id}`, ({ result, error }) =>
						error === undefined
							? resolve(result ?? {})
							: reject(new Error(error.message)),
					);
					session
						.send("Target.sendMessageToTarget", {
							sessionId,
							message: JSON.stringify({ id, method, params }),
						})
						.catch(reject);
				}),
		});
	});
	session.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
		const reply: Reply = JSON.parse(message);
		const name = `${sessionId} ${reply.id}`;
		waiting.get(name)?.(reply);
		waiting.delete(name);
	});
	await session.send("Target.setAutoAttach", {
		autoAttach: true,
		waitForDebuggerOnStart: false,
		flatten: false,
	});
	return { threads, detach: () => session.detach() };
}

/** The protocol's methods are typed one by one; here they come by name. */
const sendTo = (
	session: CDPSession,
	method: string,
	params: object = {},
): Promise<Record<string, unknown>> =>
	(
		session.send as (
			method: string,
			params: object,
		) => Promise<Record<string, unknown>>
	).call(session, method, params);

/** Bytes on the JavaScript heaps of a page and its workers, after a collection. */
export async function heapOf(page: Page): Promise<number> {
	const { threads, detach } = await threadsOf(page);
	let bytes = 0;
	for (const thread of threads) {
		await thread.send("HeapProfiler.collectGarbage");
		const { usedSize, embedderHeapUsedSize, backingStorageSize } =
			await thread.send("Runtime.getHeapUsage");
		for (const part of [usedSize, embedderHeapUsedSize, backingStorageSize])
			bytes += Number(part ?? 0);
	}
	await detach();
	return bytes;
}

/** Bytes that a page's IndexedDB takes, as the browser counts them. */
export async function diskOf(page: Page): Promise<number> {
	const session = await page.context().newCDPSession(page);
	const { usageBreakdown } = await session.send("Storage.getUsageAndQuota", {
		origin: new URL(page.url()).origin,
	});
	await session.detach();
	return (
		usageBreakdown.find(({ storageType }) => storageType === "indexeddb")
			?.usage ?? 0
	);
}
