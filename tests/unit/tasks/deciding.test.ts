import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff } from "../../../src/tasks/grantor.ts";
import { homeOf } from "../../../src/tasks/home.ts";
import { LeaseTable } from "../../../src/tasks/leases.ts";
import { missingSpecs } from "../../../src/tasks/react.ts";
import { jobStatus } from "../../../src/tasks/status.ts";
import {
	type ReadyTask,
	type WorkerView,
	workQueue,
} from "../../../src/tasks/strategy.ts";
import { viewOf } from "../../../src/tasks/view.ts";
import {
	LEASE_MS,
	MAX_JOB_TASKS,
	RETRY_BASE_MS,
	RETRY_MAX_MS,
} from "../../../src/wire/constants.ts";
import { JOB, jobFact, peerOf, resultFact, specFact, taskOf } from "./facts.ts";

const viewWith = (...facts: ReturnType<typeof jobFact>[]) => {
	const status = jobStatus(JOB, [jobFact(), ...facts]);
	if (status === undefined) throw new Error("no job");
	return viewOf(status);
};
const none = { has: () => false, size: 0 };
const noFault = (rule: string, error: unknown): never => {
	throw new Error(`${rule}: ${String(error)}`);
};

describe("a job's view", () => {
	it("[A4] shows the start and accepted results, in an order that is the same everywhere", () => {
		const facts = [1, 2, 3].flatMap((input) => [
			specFact(0, input, input === 3 ? "other" : "done_it"),
			resultFact(1, input, 1, { input }),
		]);
		const view = viewWith(...facts);
		expect(view.records("**").map(({ topic }) => topic)[0]).toBe("go");
		expect(view.records("done_*")).toHaveLength(2);
		expect(view.records("**")).toHaveLength(4);
		expect(viewWith(...facts.reverse()).records("**")).toEqual(
			view.records("**"),
		);
		expect(view.records("go")[0]).not.toHaveProperty("task");
		expect(view.records("other")[0]).toMatchObject({
			task: taskOf(3),
			agent: "tester",
			peer: peerOf(1),
			data: { input: 3 },
		});
	});
});

describe("reactions", () => {
	const fan = {
		rule: "fan",
		on: "go",
		react: () => [1, 2].map((i) => ({ skill: "s", input: { i }, topic: "t" })),
	};

	it("[A4] two agents that react alike make one task each", () => {
		const one = missingSpecs([fan], viewWith(), none, noFault);
		expect(one).toHaveLength(2);
		expect(missingSpecs([fan, fan], viewWith(), none, noFault)).toEqual(one);
	});

	it("[A4] what is there already is not asked for again", () => {
		const [first] = missingSpecs([fan], viewWith(), none, noFault);
		const known = new Set([first?.task ?? ""]);
		expect(missingSpecs([fan], viewWith(), known, noFault)).toHaveLength(1);
	});

	it("[A5] a rule that throws or asks for nonsense does not stop the others", () => {
		const faults: string[] = [];
		const broken = (rule: string, react: () => never[]) => ({
			rule,
			on: "**",
			react,
		});
		const nonsense = [{ skill: "", input: 1, topic: "t" }] as never[];
		const exotic = [{ skill: "s", input: () => 1, topic: "t" }] as never[];
		const specs = missingSpecs(
			[
				broken("throws", () => {
					throw new Error("oops");
				}),
				broken("nameless", () => nonsense),
				broken("exotic", () => exotic),
				fan,
			],
			viewWith(),
			none,
			(rule) => faults.push(rule),
		);
		expect(specs).toHaveLength(2);
		expect(faults).toEqual(["throws", "nameless", "exotic"]);
	});

	it("a runaway rule ends at the cap", () => {
		const full = { has: () => false, size: MAX_JOB_TASKS - 1 };
		expect(missingSpecs([fan], viewWith(), full, noFault)).toHaveLength(1);
	});
});

describe("a job's home", () => {
	const peers = ["a", "b", "c", "d"];
	const deviceOf = (peer: string) => (peer === "b" ? "A" : peer.toUpperCase());
	const submitter = { peer: "a", device: "A" };

	it("[T2] is its submitter, else another page of that device, else one that all name alike", () => {
		expect(homeOf(JOB, submitter, peers, deviceOf)).toBe("a");
		expect(homeOf(JOB, submitter, ["b", "c", "d"], deviceOf)).toBe("b");
		const home = homeOf(JOB, submitter, ["c", "d"], deviceOf);
		expect(homeOf(JOB, submitter, ["d", "c"], deviceOf)).toBe(home);
		expect(homeOf(JOB, submitter, [], deviceOf)).toBeUndefined();
	});

	it("[T2] moves only when it leaves", () => {
		const names = fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{4}$/), {
			minLength: 2,
			maxLength: 8,
		});
		fc.assert(
			fc.property(names, fc.string(), (awake, job) => {
				const own = (peer: string) => peer;
				const away = { peer: "x", device: "X" };
				const home = homeOf(job, away, awake, own);
				for (const gone of awake) {
					if (gone === home) continue;
					const rest = awake.filter((peer) => peer !== gone);
					expect(homeOf(job, away, rest, own)).toBe(home);
				}
			}),
		);
	});
});

describe("the lease table", () => {
	const wanted = { job: JOB, task: "t", attempt: 1, holder: "w" };

	it("[T2] grants a task once, under a token that grows", () => {
		const table = new LeaseTable("home");
		const lease = table.grant(wanted, 0);
		expect(lease?.token).toEqual({ home: "home", counter: 1 });
		expect(table.grant({ ...wanted, holder: "v" }, 0)).toBeUndefined();
		table.release("t");
		expect(table.grant({ ...wanted, attempt: 2 }, 0)?.token.counter).toBe(2);
	});

	it("[E6] ends what is not renewed, by its own clock", () => {
		const table = new LeaseTable("home");
		const lease = table.grant(wanted, 0);
		expect(table.nextExpiry()).toBe(LEASE_MS);
		expect(table.expire(LEASE_MS - 1)).toEqual([]);
		if (lease !== undefined) expect(table.adopt(lease, 1_000)).toBe(true);
		expect(table.expire(LEASE_MS)).toEqual([]);
		expect(table.expire(1_000 + LEASE_MS)).toHaveLength(1);
		expect(table.nextExpiry()).toBe(Number.POSITIVE_INFINITY);
	});

	it("[T2] takes over what another home granted, unless somebody else holds it", () => {
		const table = new LeaseTable("home");
		const token = { home: "old", counter: 7 };
		expect(table.adopt({ ...wanted, token }, 0)).toBe(true);
		expect(table.adopt({ ...wanted, token, holder: "v" }, 0)).toBe(false);
		expect(table.get("t")?.token).toEqual(token);
	});

	it("[T2] only the holder says that it is through, and then it cannot renew for ever", () => {
		const table = new LeaseTable("home");
		const lease = table.grant(wanted, 0);
		expect(table.settle("t", "v", 10)).toBe(false);
		expect(table.settle("t", "w", 10)).toBe(true);
		if (lease !== undefined) table.adopt(lease, 4_000);
		expect(table.expire(10 + LEASE_MS)).toHaveLength(1);
	});

	it("[T4] a peer that is gone holds nothing", () => {
		const table = new LeaseTable("home");
		table.grant(wanted, 0);
		table.grant({ ...wanted, task: "u", holder: "v" }, 0);
		expect(table.releasePeer("w").map(({ task }) => task)).toEqual(["t"]);
		expect(table.all()).toHaveLength(1);
	});
});

describe("the work queue", () => {
	const worker = (
		peer: string,
		more: Partial<WorkerView> = {},
	): WorkerView => ({
		peer,
		device: peer,
		slots: 2,
		active: 0,
		granted: 0,
		skills: new Set(["s"]),
		...more,
	});
	const tasks = (count: number, more: Partial<ReadyTask> = {}): ReadyTask[] =>
		Array.from({ length: count }, (_, i) => ({
			job: JOB,
			task: `t${i}`,
			skill: "s",
			short: false,
			...more,
		}));
	const shares = (count: number, workers: WorkerView[], more = {}) => {
		const sum: Record<string, number> = {};
		for (const { peer } of workQueue.propose(tasks(count, more), workers))
			sum[peer] = (sum[peer] ?? 0) + 1;
		return sum;
	};

	it("[T5] deals round devices, and no more than there are slots", () => {
		const three = ["a", "b", "c"].map((peer) => worker(peer));
		expect(shares(3, three)).toEqual({ a: 1, b: 1, c: 1 });
		expect(shares(9, three)).toEqual({ a: 2, b: 2, c: 2 });
	});

	it("[T5] counts tabs of one device as one", () => {
		const tabs = ["a", "b", "c"].map((peer) => worker(peer, { device: "A" }));
		expect(shares(4, [...tabs, worker("z")])["z"]).toBe(2);
	});

	it("[T5] holds back what falls to a device that has not asked yet", () => {
		const late = worker("b", { skills: "expected" });
		expect(shares(4, [worker("a"), late])).toEqual({ a: 2 });
		expect(shares(1, [worker("a"), late])).toEqual({ a: 1 });
	});

	it("[T5] gives short tasks one round ahead, after every free slot is taken", () => {
		const two = [worker("a", { active: 2 }), worker("b")];
		expect(shares(2, two, { short: true })).toEqual({ b: 2 });
		expect(shares(9, two, { short: true })).toEqual({ a: 2, b: 4 });
	});

	it("[T5] matches skills, and tries another before the one that failed", () => {
		const able = [worker("a"), worker("b", { skills: new Set(["x"]) })];
		expect(shares(2, able)).toEqual({ a: 2 });
		expect(shares(1, able, { skill: "y" })).toEqual({});
		const both = [worker("a"), worker("b", { active: 1 })];
		expect(shares(1, both, { avoid: "a" })).toEqual({ b: 1 });
		expect(shares(1, [worker("a")], { avoid: "a" })).toEqual({ a: 1 });
	});
});

describe("retrying", () => {
	it("[T6] waits below a ceiling that doubles up to a bound", () => {
		expect(backoff(1, 1)).toBe(RETRY_BASE_MS);
		expect(backoff(3, 0.5)).toBe(2 * RETRY_BASE_MS);
		expect(backoff(60, 1)).toBe(RETRY_MAX_MS);
		expect(backoff(5, 0)).toBe(0);
	});
});
