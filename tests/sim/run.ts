/** One run: the swarm, what was done to it so far, and which promises it broke. */
import type { Role } from "../../src/identity/acts.ts";
import { nobleSuite } from "../../src/identity/noble.ts";
import type { KeySuite } from "../../src/identity/signer.ts";
import type { Random } from "../../src/wire/clock.ts";
import type { DeviceId, SpaceId } from "../../src/wire/ids.ts";
import { watchQueues } from "./bounds.ts";
import { Exile } from "./exile.ts";
import { believeAll, type Guard, sabotage, weaken } from "./guards.ts";
import { Ledger } from "./ledger.ts";
import type { Liar } from "./lies.ts";
import { Trace } from "./trace.ts";
import { nativeSuite } from "./world/native-suite.ts";
import { stubSuite } from "./world/stub-suite.ts";
import {
	isLinked,
	type Profile,
	type SimPage,
	SwarmWorld,
} from "./world/swarm.ts";

/** The shared space that all write. */
export const SPACE = "notes";
export const SPACE_ID: SpaceId = `memory:${SPACE}`;

const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;
/** Share of seeds in which devices remove each other at the same time. */
const CONTESTED = 0.2;
/** One seed in so many runs on real signatures, and one in so many on the product's own JavaScript for them. */
const REAL_SIGNATURES = 25;
const OWN_SIGNATURES = 100;
/** Sync messages that are remembered, for who says them again. */
const MAX_HEARD = 40;
/** A message of the state class in one frame begins so (see framing.ts). */
const WHOLE = 3;

/** A device that came while the swarm ran, and is not inside yet. */
export interface Joiner {
	readonly profile: Profile;
	/** Who let it in. */
	readonly issuer: Profile;
	isIn: boolean;
}

export class Run {
	readonly world: SwarmWorld;
	readonly without: Guard | undefined;
	readonly ledger = new Ledger(SPACE_ID);
	readonly trace = new Trace();
	/** What was done, line by line. */
	readonly story: string[] = [];
	/** How often each fault struck. */
	readonly struck = new Map<string, number>();
	/** Pages of devices that belong to the swarm or are on their way in, asleep ones too. */
	pages: SimPage[] = [];
	/** Its slot has another owner by now. */
	frozen: SimPage | undefined;
	asleep: SimPage | undefined;
	joiners: Joiner[] = [];
	/** Pages of devices that were removed, and run on. */
	outcasts: SimPage[] = [];
	readonly exile = new Exile(SPACE_ID);
	/** Profiles that removed others: where such a disk forgets, nobody was removed. */
	readonly leads = new Set<Profile>();
	/** Devices that lied after they were removed: they do not come back. */
	readonly perjured = new Set<string>();
	/** Devices that may remove each other at once: who is out is what all agree on (M1). */
	readonly isContested: boolean;
	/** Sessions whose disk went back in time: they cannot know what they said (S8). */
	readonly forgetful = new Set<string>();
	/** Sessions of honest pages. */
	readonly sessions = new Set<string>();
	readonly devices = new Set<string>();
	readonly #problems = new Set<string>();
	readonly #heard: Uint8Array[] = [];
	readonly #restore: (() => void)[];
	swarm = "";
	#founder = "";
	isGathered = false;
	#names = 0;

	constructor(seed: number, without: Guard | undefined) {
		this.without = without;
		this.world = new SwarmWorld(seed, {
			verifier: without === "verify" ? believeAll : undefined,
			suite: without === "verify" ? nativeSuite : suiteOf(seed),
		});
		this.isContested = this.world.random.fraction() < CONTESTED;
		this.#restore = [watchQueues((what) => this.blame(what))];
		this.world.network.onFrame = (_from, _to, channel, frame) => {
			this.trace.frame(this.world.clock.now(), frame);
			if (channel !== "state" || frame[0] !== WHOLE) return;
			this.#heard.push(frame.slice(1));
			if (this.#heard.length > MAX_HEARD) this.#heard.shift();
		};
	}

	get problems(): readonly string[] {
		return [...this.#problems];
	}

	/** A promise was broken. */
	blame(what: string): void {
		this.#problems.add(what);
	}

	note(what: string): void {
		const line = `${Math.round(this.world.clock.now())} ${what}`;
		this.trace.note(line);
		this.story.push(line);
	}

	/** Gathers a few devices; from then on guards are missing and disks may forget. */
	async gather(): Promise<void> {
		const { random, clock } = this.world;
		const count = 3 + Math.floor(random.fraction() * 2);
		const first = await this.open(this.#newProfile());
		const made = await this.world.settle(first.node.createSwarm("sim"));
		this.swarm = made.swarm;
		this.#founder = first.node.me().device;
		for (let i = 1; i < count; i++) {
			const page = await this.open(this.#newProfile());
			await this.world.settle(page.node.join(made.invite));
		}
		await clock.until(() => isLinked(this.pages), 30_000);
		for (const { profile } of this.pages) profile.disk.keep();
		this.isGathered = true;
		this.#restore.push(sabotage(this.without, this.world));
		this.note(`${count} devices`);
	}

	/** Whatever was taken away from the product is given back. */
	end(): void {
		for (const restore of this.#restore.splice(0)) restore();
	}

	/** Opens a page of a device; what it began before, it goes on with. */
	async open(profile: Profile): Promise<SimPage> {
		const page = await this.world.open(profile);
		this.pages.push(page);
		this.devices.add(page.node.me().device);
		page.node.resumeJoin().catch(() => this.note("still waits"));
		return page;
	}

	/** A new device. */
	newcomer(): Promise<SimPage> {
		return this.open(this.#newProfile());
	}

	/** A page that was closed or taken over is opened anew. */
	async reopen(page: SimPage): Promise<SimPage> {
		this.forget(page);
		return this.open(page.profile);
	}

	forget(page: SimPage): void {
		this.pages = this.pages.filter((each) => each !== page);
	}

	isFounder({ node }: SimPage): boolean {
		return node.me().device === this.#founder;
	}

	/** All pages of a device that belong to the swarm or are on their way in. */
	tabsOf({ profile }: Pick<SimPage, "profile">): SimPage[] {
		// A weakened profile is a copy; its disk is its own.
		return this.pages.filter((page) => page.profile.disk === profile.disk);
	}

	/** How many devices belong to the swarm or are on their way in. */
	get size(): number {
		return new Set(this.pages.map(({ profile }) => profile.disk)).size;
	}

	/** A device was removed: nothing is owed to it, nor its copies to others. */
	banish(page: SimPage): void {
		const { device } = page.node.me();
		const tabs = this.tabsOf(page);
		for (const tab of tabs) this.forget(tab);
		this.outcasts.push(...tabs);
		this.release(device);
		this.recount();
	}

	/** What a device wrote is owed as far as its removals have seen it. */
	release(device: DeviceId): void {
		this.ledger.release(device, (fact) =>
			this.exile.mayShow(device, fact, false),
		);
	}

	/** Lets a device in by an invite of its own. */
	async letIn(page: SimPage, by: SimPage, role?: Role): Promise<void> {
		const made = by.node.swarm.admission.invite({
			...(role !== undefined && { role }),
			...(this.outcasts.includes(page) && { delegates: [] }),
		});
		const invite = await this.world
			.settle(made, 3_000)
			.catch((error: unknown) => this.note(`no invite: ${String(error)}`));
		if (invite === undefined) return;
		const { profile } = page;
		const joiner = { profile, issuer: by.profile, isIn: false };
		this.joiners.push(joiner);
		if (this.outcasts.includes(page)) {
			const isTab = (each: SimPage) => each.profile.disk === profile.disk;
			this.pages.push(...this.outcasts.filter(isTab));
			this.outcasts = this.outcasts.filter((each) => !isTab(each));
			this.exile.pardon(page.node.me().device);
		}
		page.node.join(invite).then(
			() => {
				joiner.isIn = true;
				for (const { disk } of [profile, by.profile]) disk.keep();
			},
			(error: unknown) => this.note(`not in: ${String(error)}`),
		);
	}

	/** Whether a page is in the swarm. */
	isInside = ({ node }: SimPage): boolean => node.me().swarm === this.swarm;

	/** Pages that are in the swarm and awake. */
	awake(): SimPage[] {
		return this.pages.filter(
			(page) => page !== this.asleep && this.isInside(page),
		);
	}

	/** Any of some pages. */
	pick(pages: readonly SimPage[]): SimPage | undefined {
		return pages[Math.floor(this.world.random.fraction() * pages.length)];
	}

	/** Disks of all devices that have not left for good. */
	disks(): Profile["disk"][] {
		return this.pages.map(({ profile }) => profile.disk);
	}

	/** Copies were taken away: what nobody holds any more is owed no longer. */
	recount(): void {
		this.ledger.recount(this.disks(), this.awake());
	}

	liar(page: SimPage, victim: SimPage): Liar {
		const { world } = this;
		return { page, victim, world, space: SPACE_ID, heard: this.#heard };
	}

	/** Lets a page write something that nobody wrote before. */
	write(page: SimPage): void {
		const { peer: session, device } = page.node.me();
		this.sessions.add(session);
		// Who was told that it is out, and has not come back yet, may keep nothing of what it writes.
		const isIn = page.node.swarm.departures.removedBy === undefined;
		this.#put(page, (key) => {
			if (isIn && !this.exile.isOut(device))
				this.ledger.acknowledge(key, { session, device });
		});
	}

	/** The same of a device that was removed: it may be lost. */
	writeUnowed(page: SimPage): void {
		this.#put(page, () => undefined);
	}

	#put(page: SimPage, onStored: (key: string) => void): void {
		const key = `write-${String(++this.#names).padStart(4, "0")}.`;
		this.note(`write ${key}`);
		page.node.swarm.state.put(SPACE, key, this.#names).then(
			() => onStored(key),
			// What was not acknowledged may be lost; the code is checked where a rule names one.
			(error: unknown) => this.note(`refused ${String(error)}`),
		);
	}

	#newProfile(): Profile {
		const { random } = this.world;
		const skew = Math.round((random.fraction() * 2 - 1) * TEN_YEARS_MS);
		const profile = this.world.profile(`device-${++this.#names}`, skew);
		return { ...profile, entries: weaken(this.without, profile, this) };
	}
}

function suiteOf(seed: number): (random: Random) => KeySuite {
	if (seed % OWN_SIGNATURES === 0) return nobleSuite;
	return seed % REAL_SIGNATURES === 0 ? nativeSuite : stubSuite;
}

/** Whether a key of the shared space is no lie in itself. Of what is too late, the exile tells (exile.ts). */
export const isHonest = (key: string): boolean =>
	/^write-\d{4}\.$/.test(key) || key.startsWith("late");
