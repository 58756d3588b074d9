/**
 * Hosts a peer's agents: each call runs in a worker that does nothing else meanwhile, so that an agent that throws,
 * hangs or dies is terminated and restarted alone (A5). To the task engine it is the `Executor`.
 */
import { plainData } from "../tasks/plain.ts";
import type { Executor } from "../tasks/ports.ts";
import type { Clock } from "../wire/clock.ts";
import { ABORT_GRACE_MS, SKILL_TIMEOUT_MS } from "../wire/constants.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import type { JobId } from "../wire/ids.ts";
import type { AgentDefinition, SkillDefinition } from "./define.ts";
import { checkInput, checkOutput } from "./runner.ts";
import {
	type ContextApi,
	contextApi,
	type HostContext,
	type Outcome,
	type SkillCall,
} from "./worker-protocol.ts";

export type { HostContext };

/** A place where agents run: a Web Worker in the browser, the same thread in the simulator. */
export interface AgentPort {
	/** Starts one that is shared with nobody. */
	start(context: ContextApi): AgentWorker;
}

/** One running worker. It is asked to run one call at a time. */
export interface AgentWorker {
	/** Rejects where the worker died or was terminated. */
	run(call: SkillCall): Promise<Outcome<unknown>>;
	/** Fires the signal of the call under way. */
	abort(): void;
	/** Ends it, whatever it is doing. */
	terminate(): void;
}

export interface AgentHostDeps {
	readonly agents: readonly AgentDefinition[];
	readonly port: AgentPort;
	readonly clock: Clock;
	/** Calls at once, and workers kept. */
	readonly capacity: number;
	readonly context: HostContext;
}

export interface AgentHost extends Executor {
	/**
	 * Runs a skill outside of any task, as when another peer asks an agent directly.
	 *
	 * @throws ShoalError `no-such-agent`, `bad-input`, `agent-failed`, `aborted`, `timeout`
	 */
	call(
		agent: string,
		skill: string,
		input: unknown,
		signal?: AbortSignal,
	): Promise<unknown>;
	/** Terminates all workers; what runs rejects with `closed`. */
	stop(): void;
}

interface Offer {
	readonly agent: string;
	readonly id: string;
	readonly skill: SkillDefinition;
}

export function createAgentHost(deps: AgentHostDeps): AgentHost {
	const { agents, port, clock, capacity } = deps;
	const offers = offersOf(agents);
	const context = contextApi(deps.context);
	const idle: AgentWorker[] = [];
	const busy = new Set<AgentWorker>();
	let stopped = false;

	function give(worker: AgentWorker): void {
		busy.delete(worker);
		if (stopped || idle.length >= capacity) worker.terminate();
		else idle.push(worker);
	}
	function end(worker: AgentWorker): void {
		if (busy.delete(worker)) worker.terminate();
	}

	async function run(
		offer: Offer,
		input: unknown,
		job: JobId | null,
		signal: AbortSignal | undefined,
	): Promise<unknown> {
		const { agent, id, skill } = offer;
		const name = `${agent}/${id}`;
		if (stopped) throw new ShoalError("closed", "This page is closing.");
		if (signal?.aborted === true) throw aborted(name);
		const plain = plainData(input);
		checkInput(skill, name, plain);
		const deadlineMs = Math.max(SKILL_TIMEOUT_MS, 10 * skill.expectedMs);
		const worker = idle.pop() ?? port.start(context);
		busy.add(worker);
		const outcome = await watched(
			clock,
			worker.run({ agent, skill: id, input: plain, job, deadlineMs }),
			deadlineMs,
			signal,
			() => letGo(worker),
		);
		switch (outcome.kind) {
			case "answered": {
				const { answer } = outcome;
				if (answer.ok) {
					give(worker);
					checkOutput(skill, name, answer.value);
					return answer.value;
				}
				// A refusal with a code is orderly. After anything else nobody knows what the agent left behind.
				if (answer.code === null) end(worker);
				else give(worker);
				throw new ShoalError(
					answer.code ?? "agent-failed",
					answer.code === null
						? `${name} failed: ${answer.message}`
						: answer.message,
				);
			}
			case "aborted":
				throw aborted(name);
			case "late":
				end(worker);
				throw new ShoalError(
					"agent-failed",
					`${name} did not end within ${Math.round(deadlineMs / 1_000)} s.`,
				);
			case "died":
				end(worker);
				throw stopped
					? new ShoalError("closed", "This page is closing.")
					: new ShoalError("agent-failed", `${name} died: ${outcome.reason}`);
		}
	}

	/** Asks an aborted call to end; one that does not within the grace is ended. */
	function letGo(worker: AgentWorker): (ended: Promise<unknown>) => void {
		worker.abort();
		return (ended) => {
			const cancel = clock.after(ABORT_GRACE_MS, () => end(worker));
			const settle = () => {
				cancel();
				if (busy.has(worker)) give(worker);
			};
			ended.then(settle, () => {
				cancel();
				end(worker);
			});
		};
	}

	return {
		capacity,
		skills: () => [...offers.keys()],
		agentOf: (skill) => offers.get(skill)?.agent,
		async run({ skill, input, job }, signal) {
			const offer = offers.get(skill);
			if (offer === undefined) throw unknown(skill);
			const output = await run(offer, input, job, signal);
			return { agent: offer.agent, output };
		},
		async call(agent, skill, input, signal) {
			const offer = offers.get(`${agent}/${skill}`);
			if (offer === undefined) throw unknown(`${agent}/${skill}`);
			return run(offer, input, null, signal);
		},
		stop() {
			stopped = true;
			for (const worker of idle.splice(0)) worker.terminate();
			for (const worker of [...busy]) end(worker);
		},
	};
}

type Watched =
	| { readonly kind: "answered"; readonly answer: Outcome<unknown> }
	| { readonly kind: "aborted" }
	| { readonly kind: "late" }
	| { readonly kind: "died"; readonly reason: string };

/** The first of: an answer, the worker's death, the deadline, an abort. Never rejects. */
function watched(
	clock: Clock,
	answered: Promise<Outcome<unknown>>,
	deadlineMs: number,
	signal: AbortSignal | undefined,
	letGo: () => (ended: Promise<unknown>) => void,
): Promise<Watched> {
	return new Promise((resolve) => {
		const settle = (outcome: Watched) => {
			cancel();
			signal?.removeEventListener("abort", onAbort);
			resolve(outcome);
		};
		const onAbort = () => {
			letGo()(answered);
			settle({ kind: "aborted" });
		};
		const cancel = clock.after(deadlineMs, () => settle({ kind: "late" }));
		signal?.addEventListener("abort", onAbort);
		answered.then(
			(answer) => settle({ kind: "answered", answer }),
			(error) => settle({ kind: "died", reason: messageOf(error) }),
		);
	});
}

/** Under `agent/skill`, and under the bare id for the first agent that has it. */
function offersOf(
	agents: readonly AgentDefinition[],
): ReadonlyMap<string, Offer> {
	const offers = new Map<string, Offer>();
	for (const { name, skills } of agents)
		for (const [id, skill] of Object.entries(skills)) {
			const offer = { agent: name, id, skill };
			offers.set(`${name}/${id}`, offer);
			if (!offers.has(id)) offers.set(id, offer);
		}
	return offers;
}

const aborted = (name: string): ShoalError =>
	new ShoalError("aborted", `${name} was stopped.`);
const unknown = (name: string): ShoalError =>
	new ShoalError("no-such-agent", `Nobody here offers ${name}.`);
