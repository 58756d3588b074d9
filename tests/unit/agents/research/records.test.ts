/** Records of a research job that some member made up: what is not of its topic's kind counts for nothing (E3, A1). */
import { describe, expect, it } from "vitest";
import { researchAgents } from "../../../../src/agents/research/agents.ts";
import {
	DOCUMENT,
	dataOf,
	PLAN,
	planOf,
	QUESTION,
	questionOf,
} from "../../../../src/agents/research/records.ts";
import { reportOf } from "../../../../src/agents/research/report.ts";
import type { JobRecord, JobView } from "../../../../src/tasks/ports.ts";
import { research, testDocument } from "./in-process-job.ts";

const HASH = "ab".repeat(32);

function record(topic: string, data: unknown): JobRecord {
	return { topic, data, hash: HASH, peer: HASH, device: "did:key:z" };
}

const viewOf = (...records: JobRecord[]): JobView => ({
	job: "0".repeat(32),
	records: (pattern) =>
		records.filter(
			({ topic }) => topic === pattern || pattern === "research_*",
		),
});

describe("records of research", () => {
	it.each([
		["documents that are no list", { question: "Why?", documents: 5 }],
		["a document that is none", { question: "Why?", documents: [null] }],
		["no question", { documents: [] }],
		["nothing", null],
	])("[E3] passes over a question with %s", (_, data) => {
		const view = viewOf(record(QUESTION, data));
		expect(questionOf(view)).toBeUndefined();
		expect(reportOf(view).complete).toBe(false);
	});

	it("[E3] passes over what has another topic's name", async () => {
		const { records } = await research("Why did the pump stop?", [
			await testDocument("a.txt", "The pump stopped because its fuse blew."),
		]);
		const found = records.map((each) => record(PLAN, each.data));
		const plans = found.filter((each) => planOf(viewOf(each)) !== undefined);
		expect(plans).toHaveLength(1);
		for (const each of found)
			expect(() => reportOf(viewOf(records[0] ?? each, each))).not.toThrow();
	});

	it("[E3] takes no document of more passages than a document can have", () => {
		const said = (passages: number) =>
			dataOf(DOCUMENT, record(DOCUMENT, { document: HASH, passages }));
		expect(said(1_000_000)).toBeDefined();
		for (const passages of [1_000_001, 2 ** 32, 1e300, -1, 0.5])
			expect(said(passages)).toBeUndefined();
	});

	it("[E3] lets no rule of an agent fail on them", () => {
		for (const { on = {} } of researchAgents)
			for (const [topic, react] of Object.entries(on))
				for (const data of [null, 1, "x", [], {}, { sentences: 1 }]) {
					const bad = record(topic, data);
					expect(react(bad, viewOf(bad))).toEqual([]);
				}
	});
});
