/**
 * One run of a whole swarm under faults from a seed: a relay that loses and repeats, cut and mute cables, killed, frozen
 * and leaving pages, full disks, wrong clocks, and members that break the rules. At the end all is healed, and what the
 * rules promise is checked.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, utf8 } from "../../src/wire/bytes.ts";
import { codeOf } from "../../src/wire/error.ts";
import { babble, equivocate, forge, hasBothHistories } from "./byzantine.ts";
import { believeAll, breakNetwork, type Guard, weaken } from "./guards.ts";
import { type Disk, diskOf } from "./world/disk.ts";
import { stubSuite } from "./world/stub-suite.ts";
import {
	isLinked,
	type Profile,
	type SimPage,
	SwarmWorld,
} from "./world/swarm.ts";

export interface Outcome {
	/** Empty: all promises were kept. */
	readonly problems: readonly string[];
	/** Hash of what happened: equal for equal seeds. */
	readonly trace: string;
}

const SPACE = "notes";
/** After healing everything must be the same everywhere within this time. */
const LIVENESS_MS = 60_000;
const STEPS = 14;
const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;
/** One seed in so many runs on real signatures. */
const REAL_SIGNATURES = 16;

export async function runScenario(
	seed: number,
	without?: Guard,
): Promise<Outcome> {
	const run = new Run(seed, without);
	await run.begin();
	for (let step = 0; step < STEPS; step++) await run.step();
	await run.thaw();
	await run.heal();
	return run.outcome();
}

class Run {
	readonly #world: SwarmWorld;
	readonly #without: Guard | undefined;
	readonly #problems: string[] = [];
	readonly #trace: string[] = [];
	/** Writes that were acknowledged: they may never be lost. */
	readonly #acknowledged = new Set<string>();
	readonly #disks = new Map<string, Disk>();
	#pages: SimPage[] = [];
	#frozen: SimPage | undefined;
	#writes = 0;

	constructor(seed: number, without: Guard | undefined) {
		this.#without = without;
		const isReal = without === "verify" || seed % REAL_SIGNATURES === 0;
		this.#world = new SwarmWorld(seed, {
			verifier: without === "verify" ? believeAll : undefined,
			...(!isReal && { suite: stubSuite }),
		});
	}

	async begin(): Promise<void> {
		const { random, clock, network } = this.#world;
		const count = 3 + Math.floor(random.fraction() * 2);
		this.#pages = await this.#world.swarm(
			count,
			(profile) => this.#storeOf(profile),
			() => Math.round((random.fraction() * 2 - 1) * TEN_YEARS_MS),
		);
		await clock.until(() => isLinked(this.#pages), 30_000);
		network.faults.relayLoss = random.fraction() * 0.3;
		network.faults.relayRepeats = random.fraction() * 0.3;
		breakNetwork(this.#without, this.#world);
		this.#note(`${count} devices`);
	}

	async step(): Promise<void> {
		const { random, clock, network } = this.#world;
		const [a, b] = [this.#any(), this.#any()];
		const choice = random.fraction();
		if (choice < 0.35) this.#write(a);
		else if (choice < 0.45) this.#breakLink(a, b);
		else if (choice < 0.54) network.relay.set(random.fraction() < 0.5);
		else if (choice < 0.64) await this.#kill(a);
		else if (choice < 0.7) await this.#leave(a);
		else if (choice < 0.78) this.#fill(a);
		else if (choice < 0.92) await this.#misbehave(a, b);
		else await this.#freeze(a);
		await clock.run(random.fraction() * 4000);
	}

	/** The frozen page wakes up and writes, while another tab has its slot. */
	async thaw(): Promise<void> {
		for (const disk of this.#disks.values()) disk.isFull = false;
		const page = this.#frozen ?? this.#any();
		if (this.#frozen === undefined) await this.#takeOver(page);
		page.thaw();
		const written = page.node.swarm.state.put(SPACE, "thawed", "late");
		const code = await this.#world.settle(
			written.then(() => "acknowledged", codeOf),
			30_000,
		);
		if (code !== "slot-lost")
			this.#problems.push(`a thawed page wrote behind the new owner: ${code}`);
		await page.node.close();
	}

	async heal(): Promise<void> {
		const { network, clock } = this.#world;
		network.faults.relayLoss = 0;
		network.relay.set(true);
		network.healAll();
		if (!(await clock.until(() => isLinked(this.#pages), LIVENESS_MS)))
			this.#problems.push("pages did not find each other again");
		if (!(await clock.until(() => this.#isSame(), LIVENESS_MS)))
			this.#problems.push("pages that are linked hold different state");
		if (!(await clock.until(() => this.#isTold(), LIVENESS_MS)))
			this.#problems.push("some know of a fork that others do not know of");
		for (const { node, host } of this.#pages) {
			const keys = new Set(node.swarm.state.entries(SPACE).map((e) => e.key));
			for (const key of this.#acknowledged)
				if (!keys.has(key)) this.#problems.push(`${host} lost ${key}`);
			if (node.swarm.state.entries("forged").length > 0)
				this.#problems.push(`${host} believes a forged author`);
			if (hasBothHistories(keys))
				this.#problems.push(`${host} believes two histories`);
		}
		this.#note(this.#pages[0]?.node.swarm.state.digest(SPACE) ?? "");
	}

	outcome(): Outcome {
		return {
			problems: this.#problems,
			trace: toHex(sha256(utf8(this.#trace.join("\n")))).slice(0, 16),
		};
	}

	#write({ node }: SimPage): void {
		const key = `k${++this.#writes}`;
		this.#note(`write ${key}`);
		node.swarm.state.put(SPACE, key, this.#writes).then(
			() => this.#acknowledged.add(key),
			// What was not acknowledged may be lost; the code is checked where a rule names one.
			(error: unknown) => this.#note(`refused ${codeOf(error)}`),
		);
	}

	#breakLink(a: SimPage, b: SimPage): void {
		if (a === b) return;
		const { network, random } = this.#world;
		const kind = Math.floor(random.fraction() * 3);
		if (kind === 0) network.cut(a.host, b.host);
		else if (kind === 1) network.cutOneWay(a.host, b.host);
		else network.mute(a.host, b.host);
		this.#note(`broken ${kind}`);
	}

	/** A process dies in the middle of writing; nobody may then hold more of its log than its own store (S2). */
	async #kill(page: SimPage): Promise<void> {
		this.#write(page);
		await this.#world.clock.run(this.#world.random.fraction() * 120);
		page.kill();
		const { peer } = page.node.me();
		const held = await this.#logLength(page.profile, page, peer);
		await this.#world.clock.run(200);
		for (const other of this.#pages) {
			const theirs = await this.#logLength(other.profile, page, peer);
			if (other !== page && theirs > held)
				this.#problems.push("a write was sent before it was stored");
		}
		await this.#reopen(page);
		this.#note("killed");
	}

	async #logLength(
		profile: Profile,
		{ node }: SimPage,
		peer: string,
	): Promise<number> {
		const swarm = node.swarm.row.swarm;
		const rows = await profile.entries.load(swarm, `memory:${SPACE}`);
		return rows.filter((row) => row.session === peer).length;
	}

	/** A person closes the page and opens it again. */
	async #leave(page: SimPage): Promise<void> {
		const closed = page.node.close();
		await this.#world.settle(closed);
		page.kill();
		await this.#world.clock.run(this.#world.random.fraction() * 3000);
		await this.#reopen(page);
		this.#note("left and came back");
	}

	/** A disk is full for a while: what is written meanwhile waits (S9). */
	#fill(page: SimPage): void {
		const disk = this.#disks.get(page.profile.name);
		if (disk === undefined) return;
		disk.isFull = true;
		this.#write(page);
		this.#world.clock.after(this.#world.random.fraction() * 8000, () => {
			disk.isFull = false;
		});
		this.#note("full");
	}

	async #misbehave(a: SimPage, b: SimPage): Promise<void> {
		const { random } = this.#world;
		const kind = Math.floor(random.fraction() * 3);
		if (kind === 0) await forge(a, b, random);
		else if (kind === 1) await equivocate(a, this.#world, `memory:${SPACE}`);
		else babble(a, random);
		this.#note(`misbehaved ${kind}`);
	}

	async #freeze(page: SimPage): Promise<void> {
		if (this.#frozen !== undefined) return;
		this.#frozen = page;
		this.#note("frozen");
		await this.#takeOver(page);
	}

	/** Another tab of the same profile takes the slot over. */
	async #takeOver(page: SimPage): Promise<void> {
		page.freeze();
		await this.#reopen(page);
	}

	async #reopen(page: SimPage): Promise<void> {
		const by = await this.#world.open(page.profile);
		this.#pages = this.#pages.map((each) => (each === page ? by : each));
	}

	#isSame(): boolean {
		const digests = this.#pages.map(({ node }) =>
			node.swarm.state.digest(SPACE),
		);
		return new Set(digests).size === 1;
	}

	/** Whether all know of the forks that any knows of. */
	#isTold(): boolean {
		const told = this.#pages.map(
			({ node }) => node.status().warnings.length > 0,
		);
		return new Set(told).size === 1;
	}

	#any(): SimPage {
		const index = Math.floor(
			this.#world.random.fraction() * this.#pages.length,
		);
		const page = this.#pages[index];
		if (page === undefined) throw new Error("there are no pages");
		return page;
	}

	#note(what: string): void {
		this.#trace.push(`${Math.round(this.#world.clock.now())} ${what}`);
	}

	#storeOf(profile: Profile): Disk["store"] {
		const disk = diskOf(profile.entries);
		this.#disks.set(profile.name, disk);
		return weaken(
			this.#without,
			{ ...profile, entries: disk.store },
			this.#world,
			() => this.#pages.length > 0,
		);
	}
}
