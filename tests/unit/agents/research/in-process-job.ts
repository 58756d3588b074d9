/**
 * Runs a research job to its end in this process: reactions and skills over a board in memory. The order in which open
 * tasks are done, and by whom, is the caller's to shuffle; the result must not depend on it.
 */
import { createHash } from "node:crypto";
import type { AgentContext } from "../../../../src/agents/define.ts";
import { researchAgents } from "../../../../src/agents/research/agents.ts";
import { QUESTION } from "../../../../src/agents/research/records.ts";
import { reportOf } from "../../../../src/agents/research/report.ts";
import { parseDocument } from "../../../../src/documents/parse.ts";
import { passagesOf } from "../../../../src/documents/passages.ts";
import type { ExtractedText } from "../../../../src/documents/types.ts";
import type {
	JobRecord,
	JobView,
	TaskRequest,
} from "../../../../src/tasks/ports.ts";
import { encodeCbor } from "../../../../src/wire/cbor.ts";

const sha256 = (data: unknown): string =>
	createHash("sha256").update(encodeCbor(data)).digest("hex");

export interface TestDocument {
	readonly id: string;
	readonly name: string;
	readonly text: ExtractedText;
	readonly passages: number;
}

export async function testDocument(
	name: string,
	content: string | Uint8Array,
): Promise<TestDocument> {
	const bytes =
		typeof content === "string" ? new TextEncoder().encode(content) : content;
	const text = await parseDocument({ name, bytes });
	return {
		id: createHash("sha256").update(bytes).digest("hex"),
		name,
		text,
		passages: passagesOf(text).length,
	};
}

function matches(pattern: string, topic: string): boolean {
	const source = pattern
		.split("*")
		.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
		.join("[^.]*");
	return new RegExp(`^${source}$`).test(topic);
}

export interface RunOptions {
	/** Picks which of `open` tasks is done next. Default: the first. */
	readonly pick?: (open: number) => number;
	/** Peers that take tasks in turn. */
	readonly peers?: readonly string[];
	/** Changes an output before it becomes a record: a faulty or malicious agent. */
	readonly tamper?: (skill: string, output: unknown) => unknown;
	/** Stops before the task of this number. */
	readonly stopAfter?: number;
}

export interface RunResult extends ReturnType<typeof reportOf> {
	readonly records: readonly JobRecord[];
	readonly executed: readonly string[];
}

/** Asks a question of documents. */
export async function research(
	question: string,
	documents: readonly TestDocument[],
	options: RunOptions = {},
): Promise<RunResult> {
	const peers = options.peers ?? ["a".repeat(64)];
	const texts = new Map(documents.map((each) => [each.id, each.text]));
	const start = {
		question,
		documents: documents.map(({ id, name, passages }) => ({
			id,
			name,
			passages,
			textBlob: id,
		})),
	};
	const device = (peer: string): string => `did:key:z${peer.slice(0, 8)}`;
	const records: JobRecord[] = [
		{
			topic: QUESTION,
			data: start,
			hash: sha256(start),
			peer: peers[0] ?? "",
			device: device(peers[0] ?? ""),
		},
	];
	const view: JobView = {
		job: "0".repeat(32),
		records: (pattern) =>
			records
				.filter((record) => matches(pattern, record.topic))
				.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)),
	};
	const ctx: AgentContext = {
		signal: new AbortController().signal,
		deadline: null,
		job: view.job,
		emit: () => Promise.resolve(),
		request: () => Promise.reject(new Error("no peers here")),
		state: { put: () => Promise.resolve(), entries: () => Promise.resolve([]) },
		documents: {
			text: (id) => {
				const text = texts.get(id);
				return text
					? Promise.resolve(text)
					: Promise.reject(new Error(`no document ${id}`));
			},
		},
		log: () => undefined,
	};
	const open = new Map<string, TaskRequest>();
	const done = new Set<string>();
	const executed: string[] = [];
	const react = (): void => {
		for (const agent of researchAgents)
			for (const [pattern, reaction] of Object.entries(agent.on ?? {}))
				for (const record of records)
					if (matches(pattern, record.topic))
						for (const request of reaction(record, view)) {
							const id = sha256([
								`${agent.name}/${pattern}`,
								request.skill,
								request.input,
							]).slice(0, 32);
							if (!done.has(id)) open.set(id, request);
						}
	};
	react();
	while (open.size > 0 && executed.length < (options.stopAfter ?? 100_000)) {
		const ids = [...open.keys()];
		const task = ids[options.pick?.(ids.length) ?? 0] ?? "";
		const request = open.get(task);
		if (!request) throw new Error("no such task");
		open.delete(task);
		done.add(task);
		const agent = researchAgents.find((each) => request.skill in each.skills);
		const output = await agent?.skills[request.skill]?.run(
			structuredClone(request.input),
			ctx,
		);
		const data = options.tamper
			? options.tamper(request.skill, output)
			: output;
		const peer = peers[executed.length % peers.length] ?? "";
		executed.push(request.skill);
		records.push({
			topic: request.topic,
			data,
			hash: sha256(data),
			task,
			agent: agent?.name ?? "",
			peer,
			device: device(peer),
		});
		react();
	}
	return { ...reportOf(view), records, executed };
}
