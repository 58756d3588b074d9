/**
 * One run of a whole swarm under faults from a seed: lossy relay, cut cables, killed and reopened pages, a frozen page
 * that thaws, and a member that forges. At the end all is healed, and what the rules promise is checked.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Signer, Verifier } from "../../src/identity/signer.ts";
import { Corner } from "../../src/replica/corner.ts";
import { signEntry } from "../../src/replica/entry.ts";
import type { EntryStore } from "../../src/replica/store.ts";
import { encodeSync } from "../../src/replica/sync-messages.ts";
import { fromHex, toHex, utf8 } from "../../src/wire/bytes.ts";
import { codeOf } from "../../src/wire/error.ts";
import {
	isLinked,
	type Profile,
	type SimPage,
	SwarmWorld,
} from "./world/swarm.ts";

/** What a run can be without, to show that the checkers would see it missing. */
export const GUARDS = ["verify", "fence", "commit-first"] as const;
export type Guard = (typeof GUARDS)[number];

export interface Outcome {
	/** Empty: all promises were kept. */
	readonly problems: readonly string[];
	/** Hash of what happened: equal for equal seeds. */
	readonly trace: string;
}

const SPACE = "notes";
/** After healing everything must be the same everywhere within this time. */
const LIVENESS_MS = 60_000;

export async function runScenario(
	seed: number,
	without?: Guard,
): Promise<Outcome> {
	const run = new Run(seed, without);
	await run.begin();
	for (let step = 0; step < 12; step++) await run.step();
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
	#pages: SimPage[] = [];
	#frozen: SimPage | undefined;
	#writes = 0;

	constructor(seed: number, without: Guard | undefined) {
		this.#without = without;
		this.#world = new SwarmWorld(
			seed,
			without === "verify" ? believeAll : undefined,
		);
	}

	async begin(): Promise<void> {
		const count = 3 + Math.floor(this.#world.random.fraction() * 2);
		this.#pages = await this.#world.swarm(count, (profile) =>
			this.#weaken(profile),
		);
		await this.#world.clock.until(() => isLinked(this.#pages), 30_000);
		this.#world.network.faults.relayLoss = this.#world.random.fraction() * 0.3;
		this.#note(`${count} devices`);
	}

	async step(): Promise<void> {
		const { random, clock, network } = this.#world;
		const [a, b] = [this.#any(), this.#any()];
		const choice = random.fraction();
		if (choice < 0.45) this.#write(a);
		else if (choice < 0.6 && a !== b) {
			network.cut(a.host, b.host);
			this.#note("cut");
		} else if (choice < 0.7) network.setRelay(random.fraction() < 0.5);
		else if (choice < 0.8) await this.#kill(a);
		else if (choice < 0.9) await this.#forge(a, b);
		else await this.#freeze(a);
		await clock.run(random.fraction() * 4000);
	}

	/** The frozen page wakes up and writes, while another tab has its slot. */
	async thaw(): Promise<void> {
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
		network.setRelay(true);
		network.healAll();
		if (!(await clock.until(() => isLinked(this.#pages), LIVENESS_MS)))
			this.#problems.push("pages did not find each other again");
		if (!(await clock.until(() => this.#isSame(), LIVENESS_MS)))
			this.#problems.push("pages that are linked hold different state");
		for (const { node, host } of this.#pages) {
			const keys = new Set(node.swarm.state.entries(SPACE).map((e) => e.key));
			for (const key of this.#acknowledged)
				if (!keys.has(key)) this.#problems.push(`${host} lost ${key}`);
			if (node.swarm.state.entries("forged").length > 0)
				this.#problems.push(`${host} believes a forged author`);
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
		this.#replace(page, await this.#world.open(page.profile));
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

	/** A member sends an entry in the name of another. */
	async #forge(forger: SimPage, victim: SimPage): Promise<void> {
		const author: Signer = {
			publicKey: fromHex(victim.node.me().peer) ?? new Uint8Array(32),
			sign: async () => this.#world.random.bytes(64),
		};
		const entry = await signEntry(author, forger.node.swarm.row.swarm, {
			space: "memory:forged",
			seq: 0,
			prev: null,
			kind: "update",
			body: forgedFacts(),
			cert: victim.node.swarm.session.certificate,
		});
		const message = encodeSync({ kind: "entries", entries: [entry] });
		// The link may end over it, which is the point.
		for (const { peer } of forger.node.swarm.mesh.peers())
			forger.node.swarm.mesh.sendState(peer, message).catch(() => undefined);
		this.#note("forged");
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
		this.#replace(page, await this.#world.open(page.profile));
	}

	#replace(page: SimPage, by: SimPage): void {
		this.#pages = this.#pages.map((each) => (each === page ? by : each));
	}

	#isSame(): boolean {
		const digests = this.#pages.map(({ node }) =>
			node.swarm.state.digest(SPACE),
		);
		return new Set(digests).size === 1;
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

	/** Storage that lacks one of its promises. */
	#weaken(profile: Profile): EntryStore {
		const { entries } = profile;
		if (this.#without === "fence")
			return { ...entries, append: (_fence, rows) => entries.put(rows) };
		if (this.#without === "commit-first")
			return {
				...entries,
				append: async (fence, rows) => {
					if (this.#pages.length === 0) return entries.append(fence, rows);
					const nonce = profile.identity.nonces.get(fence.slot);
					this.#world.clock.after(400, () => {
						// Lost where the process died before.
						if (profile.identity.nonces.get(fence.slot) === nonce)
							entries.append(fence, rows).catch(() => undefined);
					});
				},
			};
		return entries;
	}
}

function forgedFacts(): Uint8Array {
	const corner = new Corner();
	corner.openForWriting();
	return corner.write(new Map([["forged", { v: 1, c: 1 }]]));
}

const believeAll: Verifier = { verify: async () => true };
