/** Agents in Web Workers, one call at a time in each, spoken to through Comlink (A5). */
import { type Endpoint, proxy, type Remote, wrap } from "comlink";
import type { AgentPort, AgentWorker } from "../agents/host.ts";
import type { ContextApi, WorkerApi } from "../agents/worker-protocol.ts";

export function createAgentPort(): AgentPort {
	return {
		start(context) {
			const worker = new Worker(
				new URL("../../workers/agent.worker.ts", import.meta.url),
				{ type: "module", name: "shoal-agent" },
			);
			const broken = new Promise<never>((_, reject) => {
				// An error that nobody caught, a script that does not load, or an answer that cannot be read.
				worker.onerror = (event) =>
					reject(new Error(event.message || "its worker stopped"));
				worker.onmessageerror = () =>
					reject(new Error("it gave an unreadable answer"));
			});
			return connectAgent(worker, context, broken, () => worker.terminate());
		},
	};
}

/**
 * Speaks the worker's protocol over any Comlink endpoint.
 *
 * @param broken rejects when the other end has died; Comlink itself would wait for ever
 */
export function connectAgent(
	endpoint: Endpoint,
	context: ContextApi,
	broken: Promise<never>,
	terminate: () => void,
): AgentWorker {
	const remote: Remote<WorkerApi> = wrap<WorkerApi>(endpoint);
	let end: (reason: Error) => void = () => undefined;
	const ended = new Promise<never>((_, reject) => {
		end = reject;
	});
	broken.catch(end);
	ended.catch(() => undefined);
	// Messages keep their order, so a call may follow at once.
	remote.open(proxy(context)).catch(end);
	return {
		run: (call) => Promise.race([remote.run(call), ended]),
		abort: () => void remote.abort(),
		terminate() {
			terminate();
			end(new Error("it was terminated"));
		},
	};
}
