import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashOf } from "../../../src/tasks/plain.ts";
import { type BoardFact, cancelKey } from "../../../src/tasks/records.ts";
import { jobStatus, ownCancelOnly } from "../../../src/tasks/status.ts";
import { MAX_ATTEMPTS } from "../../../src/wire/constants.ts";
import {
	by,
	failFact,
	JOB,
	jobFact,
	peerOf,
	resultFact,
	specFact,
	taskOf,
} from "./facts.ts";

const stateOf = (...facts: BoardFact[]) =>
	jobStatus(JOB, [jobFact(), specFact(0, 1), ...facts])?.tasks.get(taskOf(1));

const fails = (count: number, peer = 1) =>
	Array.from({ length: count }, (_, i) => failFact(peer, 1, i + 1));

describe("a job's status", () => {
	it("is unknown before the job's record, whatever else there is", () => {
		expect(jobStatus(JOB, [specFact(0, 1)])).toBeUndefined();
	});

	it("[T1] a task is submitted, completed or dead by its records alone", () => {
		expect(stateOf()?.state).toBe("SUBMITTED");
		expect(stateOf(resultFact(1, 1, 1, "x"))).toMatchObject({
			state: "COMPLETED",
			accepted: { output: "x", attempt: 1, peer: peerOf(1) },
		});
		expect(stateOf(...fails(MAX_ATTEMPTS - 1))?.state).toBe("SUBMITTED");
		const dead = stateOf(...fails(MAX_ATTEMPTS));
		expect(dead?.state).toBe("FAILED");
		expect(dead?.failures.at(-1)?.message).toBe(
			`attempt ${MAX_ATTEMPTS} of peer 1`,
		);
	});

	it("[T3] the least valid result by attempt and hash is accepted", () => {
		const [low, high] = ["p", "q"].sort((a, b) =>
			hashOf(a) < hashOf(b) ? -1 : 1,
		);
		const task = stateOf(
			resultFact(1, 1, 2, "later"),
			resultFact(2, 1, 1, high),
			resultFact(0, 1, 1, low),
		);
		expect(task?.accepted).toMatchObject({ attempt: 1, output: low });
	});

	it("[T1] a result outlives failures and a cancel: done is absorbing", () => {
		const task = stateOf(
			...fails(MAX_ATTEMPTS),
			by(0, "cancel", true),
			resultFact(2, 1, 9, "x"),
		);
		expect(task?.state).toBe("COMPLETED");
	});

	it("[T1] cancel counts only from the submitter's device, or as the rules say", () => {
		expect(stateOf(by(1, "cancel", true))?.state).toBe("SUBMITTED");
		expect(stateOf(by(0, "cancel", true))?.state).toBe("CANCELED");
		expect(stateOf(by(0, cancelKey(taskOf(1)), true))?.state).toBe("CANCELED");
		expect(stateOf(by(1, cancelKey(taskOf(1)), true))?.state).toBe("SUBMITTED");
		const admins = { ...ownCancelOnly, mayCancel: () => true };
		const facts = [jobFact(), by(1, "cancel", true)];
		expect(jobStatus(JOB, facts, admins)?.cancelled).toBe(true);
	});

	it("[T3] a forged hash, however low, is no result", () => {
		const forged = resultFact(1, 1, 1, "x");
		const value = { ...(forged.value as object), hash: "0".repeat(64) };
		expect(stateOf({ ...forged, value })?.state).toBe("SUBMITTED");
	});

	it("[A1] a result that the skill's contract refuses does not count", () => {
		const facts = [jobFact(), specFact(0, 1), resultFact(1, 1, 1, "bad")];
		const rules = {
			...ownCancelOnly,
			accepts: (_: string, output: unknown) => output !== "bad",
		};
		const one = () => jobStatus(JOB, facts, rules)?.tasks.get(taskOf(1));
		expect(one()?.state).toBe("SUBMITTED");
		facts.push(resultFact(2, 1, 2, "good"));
		expect(one()?.accepted?.output).toBe("good");
	});

	it("[A4] a spec under an id that is not its hash is no task", () => {
		const { key } = specFact(0, 1);
		const status = jobStatus(JOB, [
			jobFact(),
			by(1, key, { rule: "rule", skill: "skill", input: 2, topic: "done" }),
		]);
		expect(status?.tasks.size).toBe(0);
	});

	it("takes the submitter's topic where two specs of a task differ", () => {
		const specs = [
			specFact(1, 1, "a"),
			specFact(0, 1, "b"),
			specFact(2, 1, "c"),
		];
		const [task] = jobStatus(JOB, [jobFact(), ...specs])?.tasks.values() ?? [];
		expect(task?.topic).toBe("b");
	});

	it("[T1] nobody can submit in another's name", () => {
		expect(jobStatus(JOB, [{ ...jobFact(), peer: peerOf(1) }])).toBeUndefined();
	});

	it("[T1] is the same in whatever order records come, however often, and grows only towards the end", () => {
		const some = fc.constantFrom(1, 2, 3);
		const fact = fc.oneof(
			fc.tuple(some, some).map(([peer, input]) => specFact(peer - 1, input)),
			fc
				.tuple(some, some, some, fc.constantFrom("p", "q"))
				.map(([peer, input, attempt, out]) =>
					resultFact(peer - 1, input, attempt, out),
				),
			fc
				.tuple(some, some, fc.integer({ min: 1, max: 5 }))
				.map(([peer, input, attempt]) => failFact(peer - 1, input, attempt)),
			some.map((peer) => by(peer - 1, "cancel", true)),
			some.map((input) => by(0, cancelKey(taskOf(input)), true)),
			some.map((peer) => jobFact(peer - 1)),
		);
		fc.assert(
			fc.property(
				fc.array(fact, { maxLength: 30 }),
				fc.infiniteStream(fc.nat()),
				(facts, chance) => {
					// One corner holds one value a key.
					const corner = new Map(
						facts.map((each) => [`${each.peer} ${each.key}`, each]),
					);
					const all = [...corner.values()];
					const shuffled = all
						.map((each) => ({ each, at: chance.next().value }))
						.sort((a, b) => a.at - b.at)
						.map(({ each }) => structuredClone(each));
					const status = jobStatus(JOB, all);
					expect(jobStatus(JOB, shuffled)).toEqual(status);
					expect(jobStatus(JOB, [...shuffled, ...all])).toEqual(status);
					const part = jobStatus(JOB, shuffled.slice(0, all.length >> 1));
					for (const [id, { state }] of part?.tasks ?? [])
						if (state === "COMPLETED")
							expect(status?.tasks.get(id)?.state).toBe("COMPLETED");
				},
			),
			{ numRuns: 300 },
		);
	});
});
