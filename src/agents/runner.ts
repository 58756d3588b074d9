/** Runs skills inside an agent's worker, or in the same thread where there are no workers (A1, A5). */
import { plainData } from "../tasks/plain.ts";
import { ShoalError } from "../wire/error.ts";
import type { JobId } from "../wire/ids.ts";
import type {
	AgentContext,
	AgentDefinition,
	SkillDefinition,
} from "./define.ts";
import { violationOf } from "./validate.ts";
import {
	type ContextApi,
	outcomeOf,
	type SkillCall,
	unwrap,
	type WorkerApi,
} from "./worker-protocol.ts";

/** The worker's side of the protocol, for these agents. */
export function createSkillRunner(
	agents: readonly AgentDefinition[],
): WorkerApi {
	let context: ContextApi | undefined;
	let running: AbortController | undefined;
	return {
		async open(opened) {
			context = opened;
		},
		run: (call) =>
			outcomeOf(async () => {
				const skill = agents.find(({ name }) => name === call.agent)?.skills[
					call.skill
				];
				if (skill === undefined || context === undefined)
					throw new ShoalError(
						"no-such-agent",
						`There is no skill ${call.agent}/${call.skill} here.`,
					);
				const controller = new AbortController();
				running = controller;
				const { deadlineMs, job } = call;
				return runChecked(
					skill,
					call,
					agentContext(context, controller.signal, deadlineMs, job),
				);
			}),
		async abort() {
			running?.abort();
		},
	};
}

/** Input and output are checked here and at the host: neither end relies on the other (A1). */
async function runChecked(
	skill: SkillDefinition,
	{ agent, skill: id, input }: SkillCall,
	ctx: AgentContext,
): Promise<unknown> {
	checkInput(skill, `${agent}/${id}`, input);
	const output = plainData(await skill.run(input, ctx));
	checkOutput(skill, `${agent}/${id}`, output);
	return output;
}

/** @throws ShoalError `bad-input` */
export function checkInput(
	skill: SkillDefinition,
	name: string,
	input: unknown,
): void {
	const violation = violationOf(skill.input, input);
	if (violation !== undefined)
		throw new ShoalError("bad-input", `${name} cannot take this: ${violation}`);
}

/** @throws ShoalError `agent-failed` */
export function checkOutput(
	skill: SkillDefinition,
	name: string,
	output: unknown,
): void {
	const violation = violationOf(skill.output, output);
	if (violation !== undefined)
		throw new ShoalError(
			"agent-failed",
			`${name} broke its contract: ${violation}`,
		);
}

function agentContext(
	api: ContextApi,
	signal: AbortSignal,
	deadline: number,
	job: JobId | null,
): AgentContext {
	return {
		signal,
		deadline,
		job,
		emit: async (topic, data) => unwrap(await api.emit(topic, data)),
		request: async (to, method, params) =>
			unwrap(await api.request(to, method, params)),
		state: {
			put: async (space, key, value) =>
				unwrap(await api.put(space, key, value)),
			entries: async (space) => unwrap(await api.entries(space)),
		},
		documents: { text: async (document) => unwrap(await api.text(document)) },
		log: (message) => void api.log(message),
	};
}
