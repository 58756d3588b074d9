import { describe, expect, it } from "vitest";
import { LEASE_MS, LEASE_RENEW_MS } from "../../../src/wire/constants.ts";
import { type Settings, Swarm, verdict } from "./swarm.ts";

const MINUTE = 60_000;

async function submitted(swarm: Swarm, n: number, by = 0): Promise<string> {
	let job = "";
	void swarm
		.engine(by)
		.submit({ kind: "test", title: "t", start: { topic: "go", data: { n } } })
		.then((id) => {
			job = id;
		});
	await swarm.clock.until(() => job !== "", 1_000);
	return job;
}

const over = (swarm: Swarm, job: string) => () =>
	swarm.living().every(({ engine }) => engine?.status(job)?.phase === "over");

/** Every living peer has the same one accepted result a task, and one sum was made of them. */
function agreed(swarm: Swarm, job: string, n: number): void {
	const verdicts = new Set(
		swarm.living().map(({ index }) => verdict(swarm.engine(index), job)),
	);
	expect([...verdicts]).toHaveLength(1);
	const [first] = swarm.living();
	const status = first?.engine?.status(job);
	const tasks = [...(status?.tasks.values() ?? [])];
	expect(tasks.map(({ state }) => state)).toEqual(
		Array.from({ length: n + 1 }, () => "COMPLETED"),
	);
	expect(status?.view.records("sum_done")).toHaveLength(1);
	expect(swarm.faults).toEqual([]);
}

const three: Settings = { seed: 1, devices: [0, 1, 2] };

describe("a swarm of task engines", () => {
	it("does a job alone", async () => {
		const swarm = new Swarm({ seed: 1, devices: [0] });
		const job = await submitted(swarm, 5);
		await swarm.clock.until(over(swarm, job), MINUTE);
		agreed(swarm, job, 5);
		expect(swarm.runs).toHaveLength(6);
	});

	it.each([1, 2, 3, 4, 5, 6, 7, 8])(
		"[T5] spreads six tasks of 5 ms over three devices (seed %i)",
		async (seed) => {
			const swarm = new Swarm({ ...three, seed, taskMs: () => 5 });
			await swarm.clock.run(1_000);
			const job = await submitted(swarm, 6);
			await swarm.clock.until(over(swarm, job), MINUTE);
			agreed(swarm, job, 6);
			expect(new Set(swarm.runs.map(({ peer }) => peer))).toEqual(
				new Set([0, 1, 2]),
			);
			expect(swarm.runs).toHaveLength(7);
		},
	);

	it.each([1, 2, 3, 4, 5, 6])(
		"[T5] waits a little for devices that are far away (seed %i)",
		async (seed) => {
			const swarm = new Swarm({
				...three,
				seed,
				taskMs: () => 5,
				latencyMs: 120,
			});
			await swarm.clock.run(1_000);
			const job = await submitted(swarm, 6);
			await swarm.clock.until(over(swarm, job), MINUTE);
			agreed(swarm, job, 6);
			expect(new Set(swarm.runs.map(({ peer }) => peer)).size).toBe(3);
		},
	);

	it("[T2] a lease is renewed for as long as its task takes", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 4 * LEASE_MS });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 6);
		await swarm.clock.until(over(swarm, job), MINUTE);
		agreed(swarm, job, 6);
		expect(swarm.runs).toHaveLength(7);
	});

	it("[T5] spreads over devices before it spreads over the tabs of one", async () => {
		const swarm = new Swarm({ seed: 3, devices: [0, 0, 0, 1] });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 6);
		await swarm.clock.until(over(swarm, job), MINUTE);
		const steps = swarm.runs.filter(({ skill }) => skill === "step");
		expect(
			steps.slice(0, 4).filter(({ peer }) => peer === 3).length,
		).toBeGreaterThanOrEqual(2);
	});

	it("[T2] runs no task twice where nothing goes wrong, at few messages a task", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 40 });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 200);
		await swarm.clock.until(over(swarm, job), MINUTE);
		agreed(swarm, job, 200);
		expect(swarm.runs).toHaveLength(201);
		expect(swarm.messages).toBeLessThan(2.5 * 201);
	});

	it("[T2] sends nothing while no job is open", async () => {
		const swarm = new Swarm(three);
		const job = await submitted(swarm, 6);
		await swarm.clock.until(over(swarm, job), MINUTE);
		await swarm.clock.run(2 * LEASE_MS);
		const { messages } = swarm;
		await swarm.clock.run(10 * MINUTE);
		expect(swarm.messages).toBe(messages);
		// The board's own sync is all that is left.
		expect(swarm.clock.pending).toBe(1);
	});

	it.each(["bye", "crash"] as const)(
		"[T4] a worker's tasks run elsewhere after its %s",
		async (how) => {
			const swarm = new Swarm({ ...three, taskMs: () => 1_000 });
			await swarm.clock.run(1_000);
			const job = await submitted(swarm, 6);
			await swarm.clock.until(
				() => swarm.runs.some(({ peer }) => peer === 2),
				MINUTE,
			);
			const lost = swarm.runs.find(({ peer }) => peer === 2)?.task;
			const before = swarm.clock.now();
			swarm.kill(2, how);
			await swarm.clock.until(
				() => swarm.runs.some(({ peer, task }) => task === lost && peer !== 2),
				MINUTE,
			);
			const waited = swarm.clock.now() - before;
			// A bye is known at once; then a slot must become free.
			expect(waited).toBeLessThan(how === "bye" ? 2_500 : LEASE_MS + 2_500);
			await swarm.clock.until(over(swarm, job), MINUTE);
			agreed(swarm, job, 6);
		},
	);

	it("[T2] a worker that holds a task and falls silent loses it", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 200 });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 6);
		await swarm.clock.until(
			() => swarm.runs.some(({ peer }) => peer === 1),
			MINUTE,
		);
		swarm.part({ 1: 1 });
		await swarm.clock.until(
			() => swarm.engine(0).status(job)?.phase === "over",
			LEASE_MS + 2 * LEASE_RENEW_MS + 5_000,
		);
	});

	it("[T2] another home goes on when the submitter is gone", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 300 });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 12);
		await swarm.clock.until(() => swarm.runs.length >= 6, MINUTE);
		swarm.kill(0);
		await swarm.clock.until(over(swarm, job), MINUTE);
		agreed(swarm, job, 12);
	});

	it("[T2] a new home takes over the leases of the old one", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 3_000 });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 4);
		await swarm.clock.until(
			() => new Set(swarm.runs.map(({ peer }) => peer)).size === 3,
			MINUTE,
		);
		await swarm.clock.run(100);
		const theirs = swarm.runs.filter(({ peer }) => peer !== 0);
		swarm.kill(0, "bye");
		await swarm.clock.until(over(swarm, job), MINUTE);
		for (const { task } of theirs)
			expect(swarm.runs.filter((run) => run.task === task)).toHaveLength(1);
		agreed(swarm, job, 4);
	});

	it("[T4] a reloaded submitter finds its job again and ends it", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 500 });
		const job = await submitted(swarm, 10);
		await swarm.clock.until(() => swarm.runs.length >= 4, MINUTE);
		swarm.kill(0, "bye");
		await swarm.clock.run(700);
		swarm.start(0);
		await swarm.clock.until(over(swarm, job), MINUTE);
		agreed(swarm, job, 10);
	});

	it("[T1] a cancelled job stops what runs and starts nothing more", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 5_000 });
		const job = await submitted(swarm, 10);
		await swarm.clock.until(() => swarm.runs.length >= 4, MINUTE);
		await expect(swarm.engine(1).cancel(job)).rejects.toMatchObject({
			code: "not-available",
		});
		void swarm.engine(0).cancel(job);
		await swarm.clock.until(
			() =>
				swarm
					.living()
					.every(({ engine }) => engine?.status(job)?.phase === "cancelled"),
			MINUTE,
		);
		const { length } = swarm.runs;
		expect(swarm.aborted).toBe(length);
		await swarm.clock.run(MINUTE);
		expect(swarm.runs).toHaveLength(length);
		expect(swarm.engine(1).leases()).toEqual([]);
		expect(swarm.clock.pending).toBe(1);
		await expect(swarm.engine(0).cancel("0".repeat(32))).rejects.toMatchObject({
			code: "no-such-job",
		});
	});

	it("[T6] a task that always fails is dead after four attempts, with its reason", async () => {
		const swarm = new Swarm({ ...three, failures: 1 });
		const job = await submitted(swarm, 1);
		await swarm.clock.until(over(swarm, job), MINUTE);
		const [task] = swarm.engine(1).status(job)?.tasks.values() ?? [];
		expect(task).toMatchObject({ state: "FAILED", attempts: 4 });
		expect(task?.failures.at(-1)).toMatchObject({
			code: "agent-failed",
			message: "bad luck",
			agent: "tester",
		});
		expect(swarm.runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
		// The one who failed is not the one who tries again, where there is somebody else.
		expect(swarm.runs[1]?.peer).not.toBe(swarm.runs[0]?.peer);
	});

	it("[T2] everybody can see who works on what", async () => {
		const swarm = new Swarm({ ...three, taskMs: () => 2_000 });
		await swarm.clock.run(1_000);
		const job = await submitted(swarm, 6);
		const working = (index: number) =>
			swarm.engine(index).status(job)?.working.size;
		await swarm.clock.until(
			() => [0, 1, 2].every((index) => working(index) === 6),
			3_000,
		);
		await swarm.clock.until(over(swarm, job), MINUTE);
		expect([0, 1, 2].map(working)).toEqual([0, 0, 0]);
	});

	it("[A4] an agent that joins late reacts to what is already there", async () => {
		const swarm = new Swarm({ ...three, skills: ["step"] });
		const job = await submitted(swarm, 3);
		await swarm.clock.run(MINUTE);
		expect(swarm.engine(0).status(job)?.phase).toBe("open");
		const able = new Swarm(three);
		for (const [index, { spaces }] of swarm.nodes.entries())
			for (const [space, facts] of spaces)
				able.nodes[index]?.spaces.set(space, facts);
		for (const { index } of able.nodes) able.start(index);
		await able.clock.until(over(able, job), MINUTE);
		agreed(able, job, 3);
		expect(able.runs.map(({ skill }) => skill)).toEqual(["sum"]);
	});

	it("refuses a job that nobody could read", async () => {
		const { submit } = new Swarm(three).engine(0);
		const start = { topic: "go", data: null };
		for (const bad of [
			{ kind: "", title: "t", start },
			{ kind: "k", title: "t".repeat(2_001), start },
			{ kind: "k", title: "t", start: { topic: "", data: null } },
			{ kind: "k", title: "t", start: { topic: "go", data: () => 1 } },
			{ id: "nonsense", kind: "k", title: "t", start },
		])
			await expect(submit(bad)).rejects.toMatchObject({ code: "bad-input" });
	});
});

describe("whatever happens", () => {
	const seeds = Array.from({ length: 40 }, (_, seed) => seed);

	it.each(seeds)(
		"[T3] every task ends with one accepted result, the same everywhere (seed %i)",
		async (seed) => {
			const swarm = new Swarm({
				seed,
				devices: [0, 0, 1, 2, 3],
				loss: 0.05,
				failures: 0.05,
				latencyMs: 100,
				taskMs: (random) => 20 + random.fraction() * 1_500,
			});
			const { random, clock } = swarm;
			const n = 20;
			const job = await submitted(swarm, n);
			await clock.until(
				() => swarm.nodes.every(({ engine }) => engine?.status(job)),
				MINUTE,
			);
			for (let round = 0; round < 6; round++) {
				await clock.run(random.fraction() * 3_000);
				const victim = Math.floor(random.fraction() * 5);
				const dice = random.fraction();
				if (dice < 0.4) swarm.part({ [victim]: 1, [(victim + 2) % 5]: 1 });
				else if (dice < 0.6) swarm.part({});
				else if (swarm.nodes[victim]?.alive === false) swarm.start(victim);
				else if (swarm.living().length > 2)
					swarm.kill(victim, dice < 0.8 ? "crash" : "bye");
			}
			swarm.part({});
			const done = () =>
				over(swarm, job)() &&
				new Set(
					swarm.living().map(({ index }) => verdict(swarm.engine(index), job)),
				).size === 1;
			await clock.until(done, 3 * MINUTE);
			agreed(swarm, job, n);
			await clock.run(MINUTE);
			const { messages } = swarm;
			await clock.run(MINUTE);
			expect(swarm.messages).toBe(messages);
		},
	);
});
