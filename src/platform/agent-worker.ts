/** Agents in Web Workers, one call at a time in each, spoken to through Comlink (A5). */
import { proxy, type Remote, wrap } from "comlink";
import type { AgentPort } from "../agents/host.ts";
import type { WorkerApi } from "../agents/worker-protocol.ts";

export function createAgentPort(): AgentPort {
	return {
		start(context) {
			const worker = new Worker(
				new URL("../../workers/agent.worker.ts", import.meta.url),
				{ type: "module", name: "shoal-agent" },
			);
			let fail: (reason: Error) => void = () => undefined;
			const broken = new Promise<never>((_, reject) => {
				fail = reject;
			});
			broken.catch(() => undefined);
			// An error that nobody caught, a script that does not load, or an answer that cannot be read.
			worker.onerror = (event) =>
				fail(new Error(event.message || "the agent's worker stopped"));
			worker.onmessageerror = () => fail(new Error("an unreadable answer"));
			const remote: Remote<WorkerApi> = wrap<WorkerApi>(worker);
			// Messages keep their order, so calls may follow at once.
			const opened = remote.open(proxy(context));
			opened.catch(fail);
			return {
				run: (call) => Promise.race([remote.run(call), broken]),
				abort: () => void remote.abort(),
				terminate() {
					worker.terminate();
					fail(new Error("it was terminated"));
				},
			};
		},
	};
}
