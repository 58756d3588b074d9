/** A swarm of task engines on a virtual clock, with a bus and a board that delay, lose, part and crash. */
import {
	createTaskEngine,
	type TaskEngine,
} from "../../../src/tasks/engine.ts";
import type { Executor, Reaction } from "../../../src/tasks/ports.ts";
import type { BoardFact } from "../../../src/tasks/records.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import type { Clock, Random } from "../../../src/wire/clock.ts";
import { COMMIT_DELAY_MS, SILENCE_MS } from "../../../src/wire/constants.ts";
import { ShoalError } from "../../../src/wire/error.ts";

/** Mulberry32: small, seedable, good enough to shake things. */
function seeded(seed: number): Random {
	let state = seed >>> 0;
	const fraction = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	return {
		fraction,
		bytes: (length) =>
			Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
	};
}

interface Timer {
	readonly at: number;
	readonly order: number;
	readonly task: () => void;
}

export class VirtualClock implements Clock {
	#now = 0;
	#order = 0;
	#timers: Timer[] = [];

	now = (): number => this.#now;
	wall = (): number => 1_700_000_000_000 + this.#now;
	after = (ms: number, task: () => void): (() => void) => {
		const timer = {
			at: this.#now + Math.max(0, ms),
			order: this.#order++,
			task,
		};
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	};

	get pending(): number {
		return this.#timers.length;
	}

	/** Runs until the condition holds; throws where it does not within `ms` of virtual time. */
	async until(condition: () => boolean, ms: number): Promise<void> {
		const end = this.#now + ms;
		await settled();
		while (!condition()) {
			const next = this.#next();
			if (next === undefined || next.at > end)
				throw new Error(`not within ${ms} virtual ms`);
			this.#timers = this.#timers.filter((other) => other !== next);
			this.#now = next.at;
			next.task();
			await settled();
		}
	}

	/** Runs everything that is due within `ms`. */
	async run(ms: number): Promise<void> {
		const end = this.#now + ms;
		let over = false;
		this.after(ms, () => {
			over = true;
		});
		await this.until(() => over, ms + 1);
		this.#now = end;
	}

	#next(): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of this.#timers)
			if (
				first === undefined ||
				timer.at < first.at ||
				(timer.at === first.at && timer.order < first.order)
			)
				first = timer;
		return first;
	}
}

/** Lets every promise that can go on go on: immediates run after the microtasks. */
const settled = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

export interface Settings {
	readonly seed: number;
	/** One entry a peer: its device's number. */
	readonly devices: readonly number[];
	readonly capacity?: number;
	/** How long a run of a skill takes. */
	readonly taskMs?: (random: Random) => number;
	/** One way, at most. */
	readonly latencyMs?: number;
	/** Share of requests that are never answered. */
	readonly loss?: number;
	/** Share of runs that fail. */
	readonly failures?: number;
	readonly reactions?: readonly Reaction[];
	readonly skills?: readonly string[];
}

export interface Run {
	readonly peer: number;
	readonly task: string;
	readonly skill: string;
	readonly attempt: number;
	readonly at: number;
}

interface Node {
	readonly index: number;
	readonly peer: string;
	readonly device: string;
	life: number;
	alive: boolean;
	group: number;
	engine: TaskEngine | undefined;
	/** By space, then by peer and key. */
	readonly spaces: Map<string, Map<string, BoardFact>>;
	watchers: Set<(space: string) => void>;
	awakeListeners: Set<() => void>;
	handlers: Map<string, (params: unknown, from: string) => unknown>;
	seen: Set<string>;
}

/** `fan`: go {n} makes n steps. `join`: all steps make one sum, which pins their hashes. Nobody lists both. */
const fanAndJoin: readonly Reaction[] = [
	{
		rule: "test/fan",
		on: "go",
		react: (record) => {
			const { n } = record.data as { n: number };
			return Array.from({ length: n }, (_, i) => ({
				skill: "step",
				input: { i },
				topic: "step_done",
			}));
		},
	},
	{
		rule: "test/join",
		on: "step_*",
		react: (_, job) => {
			const steps = job.records("step_*");
			const go = job.records("go")[0]?.data as { n: number };
			if (steps.length < go.n) return [];
			const parts = steps.map(({ hash }) => hash).sort();
			return [{ skill: "sum", input: { parts }, topic: "sum_done" }];
		},
	},
];

export class Swarm {
	readonly clock = new VirtualClock();
	readonly random: Random;
	readonly nodes: readonly Node[];
	readonly runs: Run[] = [];
	readonly faults: string[] = [];
	/** Runs that were stopped. */
	aborted = 0;
	messages = 0;
	/** Runs of a skill that never end, by task number of the run. */
	hang: (run: Run) => boolean = () => false;
	readonly #settings: Settings;

	constructor(settings: Settings) {
		this.#settings = settings;
		this.random = seeded(settings.seed);
		this.nodes = settings.devices.map((device, index) => ({
			index,
			peer: toHex(seeded(1_000 + index).bytes(32)),
			device: `did:key:z${device}`,
			life: 0,
			alive: false,
			group: 0,
			engine: undefined,
			spaces: new Map(),
			watchers: new Set(),
			awakeListeners: new Set(),
			handlers: new Map(),
			seen: new Set(),
		}));
		for (const node of this.nodes) this.start(node.index);
		this.#syncLater();
	}

	engine(index: number): TaskEngine {
		const engine = this.#node(index).engine;
		if (engine === undefined) throw new Error(`peer ${index} is down`);
		return engine;
	}

	living(): readonly Node[] {
		return this.nodes.filter(({ alive }) => alive);
	}

	start(index: number): void {
		const node = this.#node(index);
		node.life += 1;
		node.alive = true;
		node.watchers = new Set();
		node.awakeListeners = new Set();
		node.handlers = new Map();
		node.seen = new Set([node.peer]);
		const { life } = node;
		const lives = () => node.alive && node.life === life;
		const clock: Clock = {
			now: this.clock.now,
			wall: this.clock.wall,
			after: (ms, task) => this.clock.after(ms, () => lives() && task()),
		};
		node.engine = createTaskEngine({
			clock,
			random: seeded(this.#settings.seed * 1_000 + 10 * index + life),
			me: { peer: node.peer, device: node.device },
			records: {
				put: (space, records) =>
					new Promise((resolve) => {
						clock.after(COMMIT_DELAY_MS, () => {
							for (const [key, value] of Object.entries(records))
								this.#commit(node, space, key, value);
							resolve();
						});
					}),
				facts: (space) => [...(node.spaces.get(space)?.values() ?? [])],
				spaces: () => [...node.spaces.keys()],
				watch: (listener) => {
					node.watchers.add(listener);
					return () => node.watchers.delete(listener);
				},
			},
			bus: {
				request: (to, method, params, options) =>
					this.#request(node, lives, to, method, params, options?.timeoutMs),
				handle: (method, answer) => {
					node.handlers.set(method, answer);
					return () => node.handlers.delete(method);
				},
			},
			executor: this.#executor(node, clock),
			reactions: this.#settings.reactions ?? fanAndJoin,
			awake: () => [...node.seen],
			deviceOf: (peer) => this.nodes.find((n) => n.peer === peer)?.device,
			onAwakeChange: (listener) => {
				node.awakeListeners.add(listener);
				return () => node.awakeListeners.delete(listener);
			},
			onFault: (rule, error) => this.faults.push(`${rule}: ${String(error)}`),
		});
		this.#presence();
	}

	/** Without a word, as a killed browser: the others notice by silence. With `bye`, as a closed tab. */
	kill(index: number, how: "crash" | "bye" = "crash"): void {
		const node = this.#node(index);
		node.alive = false;
		node.engine = undefined;
		this.#presence(how === "bye" ? 1 : SILENCE_MS);
	}

	/** Puts peers into groups that do not hear each other; those not named are in group 0. */
	part(groups: Readonly<Record<number, number>>): void {
		for (const node of this.nodes) node.group = groups[node.index] ?? 0;
		this.#presence();
	}

	#executor(node: Node, clock: Clock): Executor {
		const { capacity, taskMs, failures } = this.#settings;
		const skills = this.#settings.skills ?? ["step", "sum"];
		return {
			capacity: capacity ?? 2,
			skills: () => skills,
			agentOf: () => "tester",
			run: ({ task, skill, input, attempt }, signal) =>
				new Promise((resolve, reject) => {
					const at = this.clock.now();
					const run = { peer: node.index, task, skill, attempt, at };
					this.runs.push(run);
					const ms = taskMs?.(this.random) ?? 20;
					const fails = this.random.fraction() < (failures ?? 0);
					signal.addEventListener("abort", () => {
						this.aborted += 1;
						reject(new ShoalError("aborted", "stopped"));
					});
					if (this.hang(run)) return;
					clock.after(ms, () => {
						if (fails) reject(new ShoalError("agent-failed", "bad luck"));
						else resolve({ agent: "tester", output: { of: input } });
					});
				}),
		};
	}

	#node(index: number): Node {
		const node = this.nodes[index];
		if (node === undefined) throw new Error(`no peer ${index}`);
		return node;
	}

	#linked(a: Node, b: Node): boolean {
		return a.alive && b.alive && a.group === b.group;
	}

	#delay(): number {
		return 1 + this.random.fraction() * (this.#settings.latencyMs ?? 20);
	}

	async #request(
		node: Node,
		lives: () => boolean,
		to: string,
		method: string,
		params: unknown,
		timeoutMs = 15_000,
	): Promise<unknown> {
		this.messages += 1;
		const target = this.nodes.find(({ peer }) => peer === to);
		const lost = () => this.random.fraction() < (this.#settings.loss ?? 0);
		const sent = structuredClone(params);
		return new Promise((resolve, reject) => {
			const give = this.clock.after(timeoutMs, () => {
				if (lives()) reject(new ShoalError("timeout", `${method} unanswered`));
			});
			if (target === undefined || lost()) return;
			this.clock.after(this.#delay(), () => {
				const answer = target.handlers.get(method);
				if (!this.#linked(node, target) || answer === undefined) return;
				let value: unknown;
				try {
					value = structuredClone(answer(sent, node.peer));
				} catch (error) {
					this.faults.push(`${method}: ${String(error)}`);
					return;
				}
				if (lost()) return;
				this.clock.after(this.#delay(), () => {
					if (!this.#linked(node, target) || !lives()) return;
					give();
					resolve(value);
				});
			});
		});
	}

	#commit(node: Node, space: string, key: string, value: unknown): void {
		const { peer, device } = node;
		const fact = { key, value: structuredClone(value), peer, device };
		this.#take(node, space, fact);
		for (const other of this.nodes)
			if (other !== node && this.#linked(node, other))
				this.clock.after(this.#delay(), () => {
					if (this.#linked(node, other)) this.#take(other, space, fact);
				});
	}

	#take(node: Node, space: string, fact: BoardFact): void {
		const facts = node.spaces.get(space) ?? new Map<string, BoardFact>();
		node.spaces.set(space, facts);
		const id = `${fact.peer} ${fact.key}`;
		if (facts.get(id) === fact) return;
		facts.set(id, fact);
		for (const listener of node.watchers) listener(space);
	}

	/** What the replica's digests do: linked peers end up with the same facts. */
	#syncLater(): void {
		this.clock.after(1_000, () => {
			for (const a of this.nodes)
				for (const b of this.nodes)
					if (a !== b && this.#linked(a, b))
						for (const [space, facts] of a.spaces)
							for (const [id, fact] of facts)
								if (!b.spaces.get(space)?.has(id)) this.#take(b, space, fact);
			this.#syncLater();
		});
	}

	/** Everybody notices who came or went: comers soon, goers after `goneMs`. */
	#presence(goneMs: number = SILENCE_MS): void {
		for (const a of this.nodes)
			for (const b of this.nodes) {
				const linked = this.#linked(a, b);
				if (linked === a.seen.has(b.peer)) continue;
				this.clock.after(linked ? this.#delay() : goneMs, () => {
					if (!a.alive || this.#linked(a, b) !== linked) return;
					if (linked) a.seen.add(b.peer);
					else if (a !== b) a.seen.delete(b.peer);
					for (const listener of a.awakeListeners) listener();
				});
			}
	}
}

/** The part of a job's status that all peers must agree on. */
export function verdict(engine: TaskEngine, job: string): string {
	const status = engine.status(job);
	if (status === undefined) return "unknown";
	return JSON.stringify({
		phase: status.phase,
		tasks: [...status.tasks.values()].map(({ task, state, accepted }) => [
			task,
			state,
			accepted?.attempt,
			accepted?.hash,
		]),
	});
}
