/** Replicas joined by in-memory pipes on a virtual clock, so that tests of the replica read as scenarios. */

import { encodeAdmit, encodeInviteAct } from "../../src/identity/acts.ts";
import { generateSealKey } from "../../src/identity/agreement.ts";
import { issueCertificate } from "../../src/identity/certificate.ts";
import { deviceIdOf } from "../../src/identity/did.ts";
import { proveJoin } from "../../src/identity/invite.ts";
import { nobleSuite } from "../../src/identity/noble.ts";
import type { Signer } from "../../src/identity/signer.ts";
import { createGenesis } from "../../src/replica/genesis.ts";
import { createMemoryEntryStore } from "../../src/replica/memory-store.ts";
import { createReplica, type ReplicaDeps } from "../../src/replica/replica.ts";
import type { EntryStore } from "../../src/replica/store.ts";
import { decodeSync } from "../../src/replica/sync-messages.ts";
import type { Replica } from "../../src/replica/types.ts";
import { toHex } from "../../src/wire/bytes.ts";
import type { PeerId } from "../../src/wire/ids.ts";
import { VirtualClock } from "../sim/world/clock.ts";
import { seededRandom } from "../sim/world/random.ts";

/** One page: a session of a device, with its store, and what it reported. */
export interface Page {
	readonly peer: PeerId;
	readonly device: string;
	readonly signer: Signer;
	readonly certificate: Uint8Array;
	readonly deviceKey: Uint8Array;
	readonly seal: Uint8Array;
	readonly store: EntryStore;
	/** The nonces that own the slots of this page's browser. */
	readonly slots: Map<string, string>;
	readonly offences: { peer: PeerId; code: string }[];
	readonly notSaved: (string | null)[];
	readonly forks: string[];
	readonly damages: string[];
	ended: number;
	replica: Replica;
}

export interface Sent {
	readonly from: PeerId;
	readonly to: PeerId;
	readonly bytes: Uint8Array;
}

const LATENCY_MS = 5;

export async function replicaWorld(seed = 1) {
	const clock = new VirtualClock();
	const random = seededRandom(seed);
	const suite = nobleSuite(random.fork());
	const pages = new Map<PeerId, Page>();
	const links = new Set<string>();
	const sent: Sent[] = [];
	/** Decides which messages the pipes lose. */
	const pipes = { loses: (_: Sent): boolean => false };

	async function identity(deviceSigner?: Signer) {
		const device = deviceSigner ?? (await suite.open(await suite.generate()));
		const signer = await suite.open(await suite.generate());
		const seal = generateSealKey(random).publicKey;
		const certificate = await issueCertificate(device, signer.publicKey, seal);
		return {
			signer,
			certificate,
			seal,
			deviceSigner: device,
			deviceKey: device.publicKey,
			device: deviceIdOf(device.publicKey),
			peer: toHex(signer.publicKey),
		};
	}

	const founder = await identity();
	const founderSlots = new Map([[founder.peer, "nonce"]]);
	const founderStore = createMemoryEntryStore(founderSlots);
	const { swarm } = await createGenesis({
		signer: founder.signer,
		certificate: founder.certificate,
		store: founderStore,
		fence: { slot: founder.peer, nonce: "nonce" },
		random,
		name: "Test",
	});

	async function open(
		who: Awaited<ReturnType<typeof identity>>,
		slots: Map<string, string>,
		store: EntryStore,
		override: Partial<ReplicaDeps> = {},
	): Promise<Page> {
		const reports = {
			offences: [] as Page["offences"],
			notSaved: [] as Page["notSaved"],
			forks: [] as string[],
			damages: [] as string[],
		};
		const replica = createReplica({
			swarm,
			signer: who.signer,
			certificate: who.certificate,
			verifier: suite,
			store,
			fence: { slot: who.peer, nonce: slots.get(who.peer) ?? "" },
			clock,
			random,
			send: async (to, bytes) => deliver({ from: who.peer, to, bytes }),
			onOffence: (peer, code) => reports.offences.push({ peer, code }),
			onNotSaved: (reason) => reports.notSaved.push(reason),
			onOwnLogLonger: () => {
				page.ended++;
			},
			onFork: ({ space, session, seq }) =>
				reports.forks.push(`${space} ${session} ${seq}`),
			onDamage: ({ space, seq }) => reports.damages.push(`${space} ${seq}`),
			...override,
		});
		const page: Page = {
			...who,
			...reports,
			slots,
			store,
			replica,
			ended: 0,
		};
		pages.set(who.peer, page);
		await replica.start();
		return page;
	}

	async function deliver(message: Sent): Promise<void> {
		sent.push(message);
		if (!links.has(`${message.from} ${message.to}`))
			throw new Error("no such link");
		if (pipes.loses(message)) return;
		clock.after(LATENCY_MS, () => {
			if (links.has(`${message.from} ${message.to}`))
				void pages
					.get(message.to)
					?.replica.receive(message.from, Uint8Array.from(message.bytes));
		});
	}

	const first = await open(founder, founderSlots, founderStore);

	return {
		clock,
		random,
		suite,
		swarm,
		sent,
		pipes,
		founder: first,
		identity,

		/** A page of a device nobody admitted (yet). */
		async outsider(override: Partial<ReplicaDeps> = {}): Promise<Page> {
			const who = await identity();
			const slots = new Map([[who.peer, "nonce"]]);
			return open(who, slots, createMemoryEntryStore(slots), override);
		},

		/** A page of a new device that the founder admits. */
		async member(
			override: Partial<ReplicaDeps> = {},
			storeOf: (
				slots: Map<string, string>,
			) => EntryStore = createMemoryEntryStore,
		): Promise<Page> {
			const who = await identity();
			const slots = new Map([[who.peer, "nonce"]]);
			const page = await open(who, slots, storeOf(slots), override);
			await this.admit(page);
			return page;
		},

		async admit(page: Page): Promise<void> {
			const invite = await suite.open(await suite.generate());
			const acts = first.replica;
			const proof = await proveJoin(invite, swarm, page.deviceKey, page.seal);
			const done = Promise.all([
				acts.act({
					kind: "invite",
					body: encodeInviteAct({
						key: invite.publicKey,
						uses: 1,
						epoch: 0,
						role: "member",
					}),
				}),
				acts.act({
					kind: "admit",
					body: encodeAdmit({ proof, role: "member" }),
				}),
			]);
			await clock.run(100);
			await done;
		},

		/** Closes a page and opens it again from its store, as a reload does. */
		async reopen(
			page: Page,
			options: {
				store?: EntryStore;
				override?: Partial<ReplicaDeps>;
				crash?: boolean;
			} = {},
		): Promise<Page> {
			for (const other of pages.values()) this.unlink(page, other);
			if (options.crash !== true) await page.replica.stop();
			return open(
				{ ...page, deviceSigner: page.signer },
				page.slots,
				options.store ?? page.store,
				options.override,
			);
		},

		link(a: Page, b: Page): void {
			links.add(`${a.peer} ${b.peer}`).add(`${b.peer} ${a.peer}`);
			a.replica.linkUp(b.peer);
			b.replica.linkUp(a.peer);
		},

		unlink(a: Page, b: Page): void {
			if (!links.delete(`${a.peer} ${b.peer}`)) return;
			links.delete(`${b.peer} ${a.peer}`);
			a.replica.linkDown(b.peer);
			b.replica.linkDown(a.peer);
		},

		mesh(...members: Page[]): void {
			members.forEach((a, at) => {
				for (const b of members.slice(at + 1)) this.link(a, b);
			});
		},

		/** Messages of a kind since the count began. */
		count(kind: ReturnType<typeof decodeSync>["kind"], since = 0): number {
			return sent
				.slice(since)
				.filter(({ bytes }) => decodeSync(bytes).kind === kind).length;
		},
	};
}

export type World = Awaited<ReturnType<typeof replicaWorld>>;

/** Two members of one swarm, linked, with all of its membership. */
export async function twoReplicas(seed = 1) {
	const world = await replicaWorld(seed);
	const other = await world.member();
	world.link(world.founder, other);
	await world.clock.run(3_000);
	return { world, one: world.founder, other };
}

/** Writes and lets the commit and the sending happen. */
export async function put(
	world: World,
	page: Page,
	space: string,
	facts: Record<string, unknown>,
): Promise<void> {
	const done = page.replica.put(space, facts);
	await world.clock.run(60);
	await done;
}

/** The facts of a space as a plain record, for comparing. */
export function factsOf(page: Page, space: string): Record<string, unknown> {
	return Object.fromEntries(
		page.replica
			.facts(space)
			.map(({ peer, key, value }) => [`${peer.slice(0, 8)} ${key}`, value]),
	);
}
