import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainData } from "../../../src/tasks/plain.ts";
import {
	decodeAsk,
	decodeAskAnswer,
	decodeDone,
	decodeGrantAnswer,
	decodeGrants,
	decodeWorking,
} from "../../../src/tasks/protocol.ts";
import {
	decodeFail,
	decodeJob,
	decodeResult,
	decodeSpec,
	jobOfSpace,
	parseKey,
	resultOf,
	taskIdOf,
} from "../../../src/tasks/records.ts";
import { jobStatus } from "../../../src/tasks/status.ts";
import { MAX_RESULT_BYTES } from "../../../src/wire/constants.ts";
import {
	by,
	failFact,
	JOB,
	jobFact,
	resultFact,
	specFact,
	taskOf,
} from "./facts.ts";

describe("records", () => {
	it("[A4] a task's id is the hash of job, rule, skill and input, whatever the order of keys", () => {
		const id = taskIdOf(JOB, "r", "s", { a: 1, b: [2] });
		expect(id).toMatch(/^[0-9a-f]{32}$/);
		expect(taskIdOf(JOB, "r", "s", { b: [2], a: 1 })).toBe(id);
		for (const other of [
			taskIdOf("b".repeat(32), "r", "s", { a: 1, b: [2] }),
			taskIdOf(JOB, "R", "s", { a: 1, b: [2] }),
			taskIdOf(JOB, "r", "S", { a: 1, b: [2] }),
			taskIdOf(JOB, "r", "s", { a: 1, b: [3] }),
		])
			expect(other).not.toBe(id);
	});

	it("keys name records, and nothing else does", () => {
		const task = taskOf(1);
		expect(parseKey(`result/${task}/3`)).toEqual({
			kind: "result",
			task,
			attempt: 3,
		});
		for (const key of [
			"",
			"jobs",
			"spec",
			"spec/abc",
			`spec/${task}/1`,
			`result/${task}`,
			`result/${task}/0`,
			`result/${task}/01`,
			`result/${task}/-1`,
			`result/${task}/1e3`,
			`result/${task}/1/2`,
			`accept/${task}/1`,
			`cancel/${task}/1`,
			`spec/${task.toUpperCase()}`,
		])
			expect(parseKey(key)).toBeUndefined();
		expect(jobOfSpace(`job:${JOB}`)).toBe(JOB);
		for (const space of ["swarm", "job:", "job:xyz", `memory:${JOB}`])
			expect(jobOfSpace(space)).toBeUndefined();
	});

	it("[T3] a result above the cap is refused by its maker and ignored by others", () => {
		const big = "x".repeat(MAX_RESULT_BYTES + 1);
		expect(() => resultOf(big, "tester", 1)).toThrowError(
			expect.objectContaining({ code: "too-large" }),
		);
		expect(decodeResult(resultFact(1, 1, 1, big).value)).toBeUndefined();
	});

	it("a result is kept as plain data, and reads back as it was written", () => {
		const record = resultOf({ a: 1, b: undefined, c: [null] }, "tester", 1.6);
		expect(record).toMatchObject({ output: { a: 1, c: [null] }, ms: 2 });
		expect(decodeResult(structuredClone(record))).toEqual(record);
	});

	it.each([
		["a function", () => 1],
		["a big integer", 1n],
		["not a number", Number.NaN],
		["a date", new Date(0)],
		["a map", new Map()],
		["a symbol", Symbol("s")],
	])("%s is no plain data", (_, value) => {
		expect(() => plainData({ value })).toThrowError(
			expect.objectContaining({ code: "bad-input" }),
		);
	});

	it("cyclic data is refused, not followed", () => {
		const loop: unknown[] = [];
		loop.push(loop);
		expect(() => plainData(loop)).toThrowError(
			expect.objectContaining({ code: "bad-input" }),
		);
		expect(
			decodeResult({ output: loop, hash: "0".repeat(64), agent: "", ms: 0 }),
		).toBeUndefined();
	});

	it("[T1] whatever a peer writes, decoders answer with a record or with nothing", () => {
		const keys = [
			jobFact(),
			specFact(0, 1),
			resultFact(0, 1, 1, "x"),
			failFact(0, 1, 1),
		];
		const broken = fc
			.tuple(
				fc.constantFrom(...keys),
				fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.anything())),
				fc.boolean(),
			)
			.map(([fact, noise, merge]) =>
				by(
					1,
					fact.key,
					merge && typeof noise === "object"
						? { ...(fact.value as object), ...noise }
						: noise,
				),
			);
		fc.assert(
			fc.property(broken, (fact) => {
				expect(decodeJob(fact)).toBeUndefined();
				decodeSpec(JOB, taskOf(1), fact.value);
				decodeResult(fact.value);
				decodeFail(fact.value);
				jobStatus(JOB, [jobFact(), specFact(0, 1), fact]);
			}),
			{ numRuns: 500 },
		);
	});

	it("[T2] whatever a peer sends, messages are read or ignored", () => {
		const decoders = [
			decodeAsk,
			decodeAskAnswer,
			decodeDone,
			decodeGrantAnswer,
			decodeGrants,
			decodeWorking,
		];
		const list = fc.array(
			fc.record(
				{
					job: fc.oneof(fc.constant(JOB), fc.anything()),
					task: fc.oneof(fc.constant(JOB), fc.anything()),
					attempt: fc.oneof(fc.integer(), fc.anything()),
					token: fc.oneof(
						fc.constant({ home: "1".repeat(64), counter: 1 }),
						fc.anything(),
					),
					durationMs: fc.anything(),
					skill: fc.anything(),
					outcome: fc.anything(),
					holder: fc.anything(),
				},
				{ requiredKeys: [] },
			),
		);
		const message = fc.oneof(
			fc.anything(),
			fc.record({
				boot: fc.oneof(fc.string(), fc.anything()),
				slots: fc.oneof(fc.integer(), fc.anything()),
				skills: fc.anything(),
				held: list,
				lost: fc.anything(),
				leases: list,
				tasks: list,
			}),
		);
		fc.assert(
			fc.property(message, (params) => {
				for (const decode of decoders) decode(params);
				for (const { attempt } of decodeAsk(params)?.held ?? [])
					expect(attempt).toBeGreaterThan(0);
			}),
			{ numRuns: 500 },
		);
	});
});
