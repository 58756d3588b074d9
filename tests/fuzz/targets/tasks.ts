/** What members write and say about tasks: lease messages, the records of jobs, and research made of them. */
import { builtinAgents } from "../../../src/agents/builtin.ts";
import { isAgentCard } from "../../../src/agents/contract.ts";
import { cardOf, reactionsOf } from "../../../src/agents/define.ts";
import { reportOf } from "../../../src/agents/research/report.ts";
import { outputCheck } from "../../../src/agents/validate.ts";
import { hashOf } from "../../../src/tasks/plain.ts";
import {
	decodeAsk,
	decodeAskAnswer,
	decodeDone,
	decodeGrantAnswer,
	decodeGrants,
	decodeWorking,
} from "../../../src/tasks/protocol.ts";
import { missingSpecs } from "../../../src/tasks/react.ts";
import {
	type BoardFact,
	sizeOf,
	taskIdOf,
} from "../../../src/tasks/records.ts";
import { jobStatus, ownCancelOnly } from "../../../src/tasks/status.ts";
import { viewOf } from "../../../src/tasks/view.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import {
	research,
	testDocument,
} from "../../unit/agents/research/in-process-job.ts";
import { ensure, type Target, texts } from "../target.ts";

/** Plain data of a message or a record, as the layer below hands it on. */
function plainOf(input: Uint8Array): unknown {
	try {
		return decodeCbor(input, { maxBytes: 65_536, maxDepth: 32 });
	} catch {
		return undefined; // it got no further than that layer
	}
}

const TASK = "0123456789abcdef".repeat(2);
const PEER = "ab".repeat(32);

const leases: Target = {
	name: "task-messages",
	begin() {
		const token = { home: PEER, counter: 3 };
		const held = { job: TASK, task: TASK, attempt: 1, token };
		const decoders = [
			decodeAsk,
			...[decodeAskAnswer, decodeGrants, decodeGrantAnswer],
			...[decodeDone, decodeWorking],
		];
		return {
			inputs: [
				{ boot: "b", slots: 2, skills: ["plan"], held: [held] },
				{ lost: [TASK], refused: [TASK] },
				{
					leases: [
						{ ...held, durationMs: 5_000, skill: "plan", input: { a: 1 } },
						{ job: TASK, task: TASK, attempt: 1, holder: PEER },
					],
				},
				{ tasks: [{ task: TASK, skill: "plan", outcome: "result", ms: 3 }] },
			].map(encodeCbor),
			take(input) {
				const params = plainOf(input);
				if (params === undefined) return "refused";
				const read = decoders.map((decoder) => decoder(params));
				ensure(
					sizeOf(read.filter((each) => each !== undefined)) <=
						64 * (input.length + 64),
					"more was read than was said",
				);
				return JSON.stringify(read).includes("0123456789") || read[0]
					? "accepted"
					: "refused";
			},
		};
	},
};

const accepts = outputCheck(builtinAgents);
const reactions = reactionsOf(builtinAgents);
const DEVICE = "did:key:zfuzz";

/**
 * An input is the start of a job and what its space holds: `[topic, data, [["task", skill, topic, output] | ["fact", key,
 * value]]]`. Specs and results are written as an attacker would: with the ids and hashes that belong to them.
 */
function factsOf(input: Uint8Array): BoardFact[] | undefined {
	const job = plainOf(input);
	if (!Array.isArray(job)) return undefined;
	const [topic, data, items]: unknown[] = job;
	const fact = (key: string, value: unknown): BoardFact => ({
		...{ key, value, peer: PEER, device: DEVICE },
	});
	const facts = [
		fact("job", {
			...{ kind: "research", title: "Fuzz", submitter: PEER, createdAt: 1 },
			...{ start: { topic, data }, mode: "converge" },
		}),
	];
	for (const item of Array.isArray(items) ? items.slice(0, 300) : []) {
		if (!Array.isArray(item)) continue;
		const [kind, a, b, c]: unknown[] = item;
		if (kind === "fact" && typeof a === "string") facts.push(fact(a, b));
		if (kind !== "task" || typeof a !== "string") continue;
		const output = c ?? null;
		const spec = { rule: "fuzz", skill: a, input: facts.length, topic: b };
		const task = taskIdOf(TASK, spec.rule, spec.skill, spec.input);
		facts.push(fact(`spec/${task}`, spec));
		const result = { output, hash: hashOf(output), agent: "fuzz", ms: 1 };
		facts.push(fact(`result/${task}/1`, result));
	}
	return facts;
}

const job: Target = {
	name: "research",
	weight: 0.2,
	async begin() {
		const { records } = await research(
			"Why did the pump stop, and who heard it?",
			[
				await testDocument(
					"a.md",
					"# Pump\n\nThe pump stopped because the fuse of the pump had blown.",
				),
				await testDocument("b.txt", "Anna heard that the pump had stopped."),
			],
		);
		const [start, ...rest] = records;
		ensure(start !== undefined && rest.length > 5, "there is no job to change");
		const skillOf: Readonly<Record<string, string>> = {
			...{ research_plan: "plan", research_document: "ingest" },
			...{ research_found: "search", research_draft: "write" },
			research_review: "review",
		};
		const made = (skill: (topic: string) => string): Uint8Array =>
			encodeCbor([
				start.topic,
				start.data,
				rest.map(({ topic, data }) => ["task", skill(topic), topic, data]),
			]);
		return {
			inputs: [
				made((topic) => skillOf[topic] ?? ""),
				// Somebody else's skills give their results under any topic.
				made(() => "unknown"),
				encodeCbor([
					start.topic,
					start.data,
					[
						["fact", `fail/${TASK}/1`, { code: "x", message: "y", agent: "" }],
						["fact", "cancel", true],
						["fact", `cancel/${TASK}`, true],
					],
				]),
			],
			tokens: texts("research_plan", "research_found", "plan", "spec/"),
			take(input) {
				const facts = factsOf(input);
				if (facts === undefined) return "refused";
				const rules = { ...ownCancelOnly, accepts };
				const status = jobStatus(TASK, facts, rules);
				if (status === undefined) return "refused";
				const view = viewOf(status);
				missingSpecs(reactions, view, status.tasks, (rule, error) => {
					throw new Error(`the rule ${rule} failed`, { cause: error });
				});
				JSON.stringify(reportOf(view));
				return "accepted";
			},
		};
	},
};

/** What a page says its agents are. */
const card: Target = {
	name: "card",
	begin: () => ({
		inputs: builtinAgents.map(cardOf).map(encodeCbor),
		take(input) {
			const value = plainOf(input);
			if (!isAgentCard(value)) return "refused";
			const { name, description, skills } = value;
			ensure(
				typeof (name + description) === "string" && skills.length >= 0,
				"it cannot be shown",
			);
			return "accepted";
		},
	}),
};

export const taskTargets: readonly Target[] = [leases, job, card];
