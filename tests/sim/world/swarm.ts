/** A world of whole nodes: real identity, mesh, replica, tasks and agents on a virtual clock, from one seed. */
import { builtinAgents } from "../../../src/agents/builtin.ts";
import { createInProcessPort } from "../../../src/agents/in-process.ts";
import { parseDocument } from "../../../src/documents/parse.ts";
import { passagesOf } from "../../../src/documents/passages.ts";
import { generateSealKey } from "../../../src/identity/agreement.ts";
import { nobleSuite } from "../../../src/identity/noble.ts";
import type { KeySuite, Verifier } from "../../../src/identity/signer.ts";
import { swarmCode } from "../../../src/node/late.ts";
import { Node } from "../../../src/node/node.ts";
import type { DeviceNote, NodePorts } from "../../../src/node/ports.ts";
import { createMemoryBlobStore } from "../../../src/replica/memory-store.ts";
import type { BlobStore, EntryStore } from "../../../src/replica/store.ts";
import { utf8 } from "../../../src/wire/bytes.ts";
import type { Random } from "../../../src/wire/clock.ts";
import { codeOf, messageOf } from "../../../src/wire/error.ts";
import { PageClock, VirtualClock } from "./clock.ts";
import { Disk } from "./disk.ts";
import { type ProfileIdentity, profileIdentity } from "./identity.ts";
import { Locks } from "./locks.ts";
import { Network } from "./network.ts";
import { seededRandom } from "./random.ts";

/**
 * Code that the product loads when it is first needed. Loading takes real time, which the virtual clock knows nothing
 * of, so a simulation begins with everything loaded.
 */
await Promise.all([
	swarmCode(),
	import("../../../src/agents/research/ingest.ts"),
	import("../../../src/agents/research/plan.ts"),
	import("../../../src/agents/research/review.ts"),
	import("../../../src/agents/research/search.ts"),
	import("../../../src/agents/research/write.ts"),
	import("../../../src/documents/extracted-text.ts"),
	parseDocument({ name: "a.md", bytes: utf8("# A\n\nText.") }),
	parseDocument({ name: "a.txt", bytes: utf8("Text.") }),
]);

/** A browser profile: what outlives its pages. */
export interface Profile {
	readonly name: string;
	/** By how much its device's wall clock is wrong. */
	readonly skewMs: number;
	readonly identity: ProfileIdentity;
	readonly disk: Disk;
	/** What its pages use: the disk, or something in between. */
	readonly entries: EntryStore;
	readonly blobs: BlobStore;
	readonly locks: Locks;
	readonly listeners: Set<(note: DeviceNote) => void>;
}

export interface SimPage {
	readonly node: Node;
	readonly profile: Profile;
	readonly host: string;
	/** Its clock, which can be set wrong. */
	readonly clock: PageClock;
	/** Ends the page as a killed process does: no bye, nothing flushed, its slot free. */
	kill(): void;
	/** Stops the page as a browser does in the background; its slot may be taken over meanwhile. */
	freeze(): void;
	thaw(): void;
	/** Sleeps and wakes with all it had: a tab that nobody takes over from. */
	sleep(): void;
	wake(): void;
	/** Its computer is suspended: its timers stand still, and its connections die unnoticed. */
	suspend(): void;
	resume(): void;
}

export class SwarmWorld {
	readonly clock = new VirtualClock();
	readonly random: ReturnType<typeof seededRandom>;
	readonly network: Network;
	#pages = 0;

	readonly #verifier: Verifier | undefined;

	/** Makes and checks keys and signatures: real ones, unless told otherwise. */
	readonly suite: (random: Random) => KeySuite;

	/** @param verifier in place of the suite's own */
	constructor(
		seed: number,
		options: {
			readonly verifier?: Verifier | undefined;
			readonly suite?: (random: Random) => KeySuite;
		} = {},
	) {
		this.#verifier = options.verifier;
		this.suite = options.suite ?? nobleSuite;
		this.random = seededRandom(seed);
		this.network = new Network(this.clock, this.random.fork());
	}

	profile(name: string, skewMs = 0): Profile {
		const identity = profileIdentity(this.random.fork());
		const disk = new Disk(identity);
		return {
			name,
			skewMs,
			identity,
			disk,
			entries: disk.store,
			blobs: createMemoryBlobStore(),
			locks: new Locks(this.clock, (host, task) =>
				this.network.arrive(host, task),
			),
			listeners: new Set(),
		};
	}

	/** @param invite the link that the page is opened by */
	async open(profile: Profile, invite?: string): Promise<SimPage> {
		const host = `${profile.name}-${++this.#pages}`;
		const { network } = this;
		const clock = new PageClock(this.clock, profile.skewMs);
		const random = this.random.fork();
		const suite = this.suite(this.random.fork());
		/** Who hears what the profile's other pages say. */
		const own = new Set<(note: DeviceNote) => void>();
		const ports: NodePorts = {
			clock,
			random,
			suite: { ...suite, ...this.#verifier },
			newSealKey: async () => generateSealKey(random),
			identity: profile.identity.store,
			entries: profile.entries,
			blobs: profile.blobs,
			signaling: network.signaling(host),
			connector: network.connector(host),
			uplink: profile.locks.port(host),
			tabs: (name) => network.tabs(profile.name, host, name),
			farewell: () => undefined,
			device: {
				tell: (note) => {
					for (const hear of profile.listeners) if (!own.has(hear)) hear(note);
				},
				listen: (listener) => {
					const hear = (note: DeviceNote): void => {
						clock.after(0.2, () => listener(note));
					};
					own.add(hear);
					profile.listeners.add(hear);
				},
			},
			agents: createInProcessPort(builtinAgents),
			capacity: 2,
			parser: {
				async parse(name, bytes, type) {
					try {
						const text = await parseDocument({ name, bytes, type });
						return { ok: true, text, passages: passagesOf(text).length };
					} catch (error) {
						return {
							ok: false,
							code: codeOf(error) ?? "document-unreadable",
							message: messageOf(error),
						};
					}
				},
			},
			defaultName: profile.name,
			inviteBase: async () => "http://shoal.test/",
		};
		const opening = Node.load(ports).then(async (node) => {
			// The status tells how it goes, as in a page.
			if (invite !== undefined) node.join(invite).catch(() => undefined);
			await node.start(invite !== undefined);
			return node;
		});
		await this.settle(opening);
		const node = await opening;
		const leave = (): void => {
			network.crash(host);
			profile.identity.release(node.me().peer);
		};
		return {
			node,
			profile,
			host,
			clock,
			kill: () => {
				clock.kill();
				leave();
				profile.locks.release(host);
			},
			freeze: () => {
				clock.freeze();
				leave();
			},
			thaw: () => clock.thaw(),
			sleep: () => {
				clock.freeze();
				network.sleep(host);
			},
			wake: () => {
				clock.thaw();
				network.wake(host);
			},
			suspend: () => {
				network.suspend(host, true);
				clock.freeze();
			},
			resume: () => {
				network.suspend(host, false);
				clock.thaw();
			},
		};
	}

	/** Lets time pass until a promise settles; rejections are the caller's. */
	async settle<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
		let isSettled = false;
		promise.then(
			() => {
				isSettled = true;
			},
			() => {
				isSettled = true;
			},
		);
		if (!(await this.clock.until(() => isSettled, limitMs)))
			throw new Error(`nothing came of it within ${limitMs} ms`);
		return promise;
	}

	/**
	 * A swarm of `devices` profiles with one page each, joined through one invite.
	 *
	 * @param storage what each profile's pages use in place of its own entry store
	 * @param skew by how much each one's wall clock is wrong
	 */
	async swarm(
		devices: number,
		storage: (profile: Profile) => EntryStore = ({ entries }) => entries,
		skew: () => number = () => 0,
	): Promise<SimPage[]> {
		const made = (name: string): Profile => {
			const profile = this.profile(name, skew());
			return { ...profile, entries: storage(profile) };
		};
		const first = await this.open(made("device-0"));
		const { invite } = await this.settle(first.node.createSwarm("sim"));
		const pages = [first];
		for (let i = 1; i < devices; i++) {
			const page = await this.open(made(`device-${i}`));
			await this.settle(page.node.join(invite));
			pages.push(page);
		}
		return pages;
	}
}

/** A text file as the page hands it over. */
export function textFile(name: string, text: string) {
	const bytes = utf8(text);
	return {
		name,
		file: {
			size: bytes.length,
			type: "",
			arrayBuffer: async () => bytes.slice().buffer as ArrayBuffer,
		},
	};
}

/** Whether each page is linked to all others, and to nobody else. */
export function isLinked(pages: readonly SimPage[]): boolean {
	const peers = new Set(pages.map(({ node }) => node.me().peer));
	return pages.every(({ node }) => {
		if (node.me().swarm === null) return false;
		const linked = node.swarm.mesh.peers();
		const isEach = linked.every(({ peer }) => peers.has(peer));
		return isEach && linked.length === peers.size - 1;
	});
}
