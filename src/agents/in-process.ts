/** Agents in the thread of their host: for the simulator and for Node, where nothing needs to be walled off. */
import { ShoalError } from "../wire/error.ts";
import type { AgentDefinition } from "./define.ts";
import type { AgentPort } from "./host.ts";
import { createSkillRunner } from "./runner.ts";

/** Termination cannot stop what computes; its answer is thrown away. */
export function createInProcessPort(
	agents: readonly AgentDefinition[],
): AgentPort {
	return {
		start(context) {
			const runner = createSkillRunner(agents);
			void runner.open(context);
			let kill: (reason: ShoalError) => void = () => undefined;
			const killed = new Promise<never>((_, reject) => {
				kill = reject;
			});
			killed.catch(() => undefined);
			return {
				run: (call) => Promise.race([runner.run(call), killed]),
				abort: () => void runner.abort(),
				terminate() {
					void runner.abort();
					kill(new ShoalError("closed", "it was terminated"));
				},
			};
		},
	};
}
