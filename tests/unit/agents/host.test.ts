import { expose } from "comlink";
import { describe, expect, it } from "vitest";
import type { AgentDefinition } from "../../../src/agents/define.ts";
import {
	type AgentPort,
	createAgentHost,
	type HostContext,
} from "../../../src/agents/host.ts";
import { createInProcessPort } from "../../../src/agents/in-process.ts";
import { createSkillRunner } from "../../../src/agents/runner.ts";
import { connectAgent } from "../../../src/platform/agent-worker.ts";
import { keepErrorCodes } from "../../../src/platform/comlink-errors.ts";
import {
	ABORT_GRACE_MS,
	SKILL_TIMEOUT_MS,
} from "../../../src/wire/constants.ts";
import { ShoalError } from "../../../src/wire/error.ts";
import { VirtualClock } from "../tasks/swarm.ts";

const common = {
	name: "n",
	description: "d",
	tags: [],
	output: true,
	expectedMs: 1,
	idempotent: true,
	cost: 1,
};
const text = { type: "string" };
const seen: string[] = [];

const tester: AgentDefinition = {
	name: "tester",
	version: "1",
	description: "Does what tests need.",
	skills: {
		echo: { ...common, input: text, output: text, run: (input) => input },
		lie: { ...common, input: true, output: text, run: () => 7 },
		crash: {
			...common,
			input: true,
			run: () => {
				throw new TypeError("oops");
			},
		},
		refuse: {
			...common,
			input: true,
			run: () => {
				throw new ShoalError("no-such-document", "There is none.");
			},
		},
		hang: { ...common, input: true, run: () => new Promise(() => undefined) },
		heed: {
			...common,
			input: true,
			run: (_, { signal }) =>
				new Promise((_resolve, reject) =>
					signal.addEventListener("abort", () => {
						seen.push("heard the abort");
						reject(new Error("stopped"));
					}),
				),
		},
		reach: {
			...common,
			input: true,
			run: async (_, ctx) => {
				ctx.log("reaching");
				await ctx.emit("a.topic", 1);
				await ctx.state.put("s", "k", 2);
				return {
					job: ctx.job,
					answer: await ctx.request("peer", "ping"),
					entries: await ctx.state.entries("s"),
					text: (await ctx.documents.text("d")).text,
				};
			},
		},
		lost: {
			...common,
			input: true,
			run: (_, ctx) => ctx.documents.text("unknown"),
		},
	},
};

keepErrorCodes();

/** As in the browser, with a message channel in the worker's place: only what can be cloned gets through. */
const comlinkPort: AgentPort = {
	start(context) {
		const { port1, port2 } = new MessageChannel();
		expose(createSkillRunner([tester]), port1);
		const never = new Promise<never>(() => undefined);
		return connectAgent(port2, context, never, () => port1.close());
	},
};
const adapters = [
	["in the same thread", createInProcessPort([tester])],
	["over Comlink", comlinkPort],
] as const;

function hostedOn(inner: AgentPort) {
	const clock = new VirtualClock();
	const log: string[] = [];
	const context: HostContext = {
		text: async (document) => {
			if (document !== "d")
				throw new ShoalError("no-such-document", "There is none.");
			return { format: "text", text: "words", headings: [] };
		},
		emit: async (topic) => void log.push(`emit ${topic}`),
		request: async (_, method) => (method === "ping" ? "pong" : null),
		put: async (space, key) => void log.push(`put ${space} ${key}`),
		entries: async () => [{ key: "k", value: 2, author: "me" }],
		log: (message) => void log.push(`log ${message}`),
	};
	let started = 0;
	let ended = 0;
	const port: AgentPort = {
		start(api) {
			started += 1;
			const worker = inner.start(api);
			return {
				...worker,
				terminate() {
					ended += 1;
					worker.terminate();
				},
			};
		},
	};
	const host = createAgentHost({
		agents: [tester],
		port,
		clock,
		capacity: 2,
		context,
	});
	const run = (skill: string, input: unknown = null, signal?: AbortSignal) =>
		host.run(
			{
				job: "0".repeat(32),
				task: "1".repeat(32),
				attempt: 1,
				skill,
				input,
				traceparent: "",
			},
			signal ?? new AbortController().signal,
		);
	return { clock, host, run, log, workers: () => ({ started, ended }) };
}

describe.each(adapters)("an agent host %s", (_name, inner) => {
	const hosted = () => hostedOn(inner);

	it("runs skills by their id, bare or with their agent's name", async () => {
		const { run, host, workers } = hosted();
		expect(await run("echo", "hi")).toEqual({ agent: "tester", output: "hi" });
		expect(await run("tester/echo", "hi")).toEqual({
			agent: "tester",
			output: "hi",
		});
		expect(await host.call("tester", "echo", "hi")).toBe("hi");
		expect(host.skills()).toContain("echo");
		expect(host.agentOf?.("echo")).toBe("tester");
		expect(workers()).toEqual({ started: 1, ended: 0 });
	});

	it("has a worker for each of two calls at once, and keeps both", async () => {
		const { run, workers } = hosted();
		await Promise.all([run("echo", "a"), run("echo", "b")]);
		await Promise.all([run("echo", "a"), run("echo", "b")]);
		expect(workers()).toEqual({ started: 2, ended: 0 });
	});

	it.each([
		["echo", 7, "bad-input"],
		["lie", null, "agent-failed"],
		["nothing", null, "no-such-agent"],
	])("[A1] %s of %s is refused with %s", async (skill, input, code) => {
		await expect(hosted().run(skill, input)).rejects.toMatchObject({ code });
	});

	it("[A5] one that throws is terminated and started anew; others go on", async () => {
		const { run, workers } = hosted();
		const other = run("echo", "still here");
		await expect(run("crash")).rejects.toMatchObject({
			code: "agent-failed",
			message: "tester/crash failed: oops",
		});
		expect((await other).output).toBe("still here");
		expect(workers()).toEqual({ started: 2, ended: 1 });
		await run("echo", "a");
		expect(workers().started).toBe(2);
	});

	it("an orderly refusal keeps its code and its worker", async () => {
		const { run, workers } = hosted();
		await expect(run("refuse")).rejects.toMatchObject({
			code: "no-such-document",
		});
		await expect(run("lost")).rejects.toMatchObject({
			code: "no-such-document",
		});
		expect(workers()).toEqual({ started: 1, ended: 0 });
	});

	it("[A5] one that hangs is terminated at its deadline", async () => {
		const { run, clock, workers } = hosted();
		const failed = expect(run("hang")).rejects.toMatchObject({
			code: "agent-failed",
		});
		await clock.run(SKILL_TIMEOUT_MS + 1);
		await failed;
		expect(workers()).toEqual({ started: 1, ended: 1 });
		expect((await run("echo", "again")).output).toBe("again");
	});

	it("[T6] an abort reaches the running skill as its signal", async () => {
		const { run, clock, workers } = hosted();
		const abort = new AbortController();
		const failed = expect(
			run("heed", null, abort.signal),
		).rejects.toMatchObject({ code: "aborted" });
		await clock.run(1);
		seen.length = 0;
		abort.abort();
		await failed;
		await clock.run(ABORT_GRACE_MS + 1);
		expect(seen).toEqual(["heard the abort"]);
		expect(workers()).toEqual({ started: 1, ended: 0 });
		expect(clock.pending).toBe(0);
	});

	it("[A5] one that does not heed an abort is terminated after a grace", async () => {
		const { run, clock, workers } = hosted();
		const abort = new AbortController();
		const failed = expect(
			run("hang", null, abort.signal),
		).rejects.toMatchObject({ code: "aborted" });
		await clock.run(1);
		abort.abort();
		await failed;
		expect(workers().ended).toBe(0);
		await clock.run(ABORT_GRACE_MS + 1);
		expect(workers().ended).toBe(1);
		await expect(run("echo", "a", abort.signal)).rejects.toMatchObject({
			code: "aborted",
		});
	});

	it("[A3] a skill reaches documents, state and messages through its context", async () => {
		const { run, log } = hosted();
		expect((await run("reach")).output).toEqual({
			job: "0".repeat(32),
			answer: "pong",
			entries: [{ key: "k", value: 2, author: "me" }],
			text: "words",
		});
		expect(log).toEqual(["log reaching", "emit a.topic", "put s k"]);
	});

	it("stops with everything that runs", async () => {
		const { run, host, workers } = hosted();
		const failed = expect(run("hang")).rejects.toMatchObject({
			code: "closed",
		});
		host.stop();
		await failed;
		expect(workers()).toEqual({ started: 1, ended: 1 });
		await expect(run("echo", "a")).rejects.toMatchObject({ code: "closed" });
	});
});
