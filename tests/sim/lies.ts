/** What a member may do that breaks the rules, made with the real wire code (S3-S5, M1, Y7-Y11). */
import { generateSealKey } from "../../src/identity/agreement.ts";
import { issueCertificate } from "../../src/identity/certificate.ts";
import { encodeRemoval } from "../../src/identity/removal-act.ts";
import type { Signer } from "../../src/identity/signer.ts";
import { Corner } from "../../src/replica/corner.ts";
import {
	decodeEntry,
	type EntryFields,
	type EntryKind,
	signEntry,
} from "../../src/replica/entry.ts";
import { encodeSeal } from "../../src/replica/seal.ts";
import { encodeSync } from "../../src/replica/sync-messages.ts";
import { fromHex, toHex } from "../../src/wire/bytes.ts";
import { SWARM_SPACE } from "../../src/wire/ids.ts";
import { HOSTILE_UPDATES } from "../helpers/hostile-updates.ts";
import type { SimPage, SwarmWorld } from "./world/swarm.ts";

/** Where nobody may believe anything. */
const FORGED = "memory:forged";
/** How the keys begin that the two histories of one log set; the log's session follows. */
const HISTORIES = ["one", "other"] as const;
const FLOOD = 2_100;

export interface Liar {
	readonly page: SimPage;
	/** Whose name is used. */
	readonly victim: SimPage;
	readonly world: SwarmWorld;
	/** The space that honest pages write, too. */
	readonly space: string;
	/** Sync messages of anybody that went over a link. */
	readonly heard: readonly Uint8Array[];
}

/** A session that was certified for nothing but lies. */
interface Puppet {
	readonly session: Signer;
	readonly name: string;
	readonly cert: Uint8Array;
}

export const LIES = {
	forge,
	equivocate,
	equivocateLate,
	poison,
	poisonSome,
	skip,
	flood,
	intrude,
	usurp,
	babble,
	echo,
	replay,
} as const satisfies Record<string, (liar: Liar) => Promise<void>>;

/** What of a lie a page shows, if anything. @param honest whether an honest page may have written a key */
export function believed(
	page: SimPage,
	space: string,
	honest: (key: string) => boolean,
): string | undefined {
	const { replica } = page.node.swarm;
	const keys = new Set<string>();
	for (const { key, value } of replica.facts(space)) {
		keys.add(key);
		const [history = "", session] = key.split(" ");
		const isHistory = HISTORIES.some((name) => name === history);
		if (!honest(key) && !isHistory && !(key === "first" && value === 1))
			return `a lie: ${key.slice(0, 20)}`;
		if (isHistory && HISTORIES.every((name) => keys.has(`${name} ${session}`)))
			return "two histories";
	}
	return replica.facts(FORGED).length > 0 ? "a forged author" : undefined;
}

/** An entry in the name of another, with no signature of its. */
async function forge(liar: Liar): Promise<void> {
	const { victim, world } = liar;
	const author: Signer = {
		publicKey: fromHex(victim.node.me().peer) ?? new Uint8Array(32),
		sign: async () => world.random.bytes(64),
	};
	const { certificate } = victim.node.swarm.session;
	const puppet = { session: author, name: "", cert: certificate };
	const forged = await entry(liar, puppet, 0, null, factsOf("forged"), {
		space: FORGED,
	});
	sayToAll(liar, forged);
}

/** Two histories of one log, each to other peers (S5). */
async function equivocate(liar: Liar): Promise<void> {
	const puppet = await puppetOf(liar);
	const [one, other] = await Promise.all(
		HISTORIES.map((history) =>
			entry(liar, puppet, 0, null, factsOf(`${history} ${puppet.name}`)),
		),
	);
	sayToHalves(liar, [one], [other]);
}

/** Two histories that begin alike. */
async function equivocateLate(liar: Liar): Promise<void> {
	const puppet = await puppetOf(liar);
	const first = await firstOf(liar, puppet);
	const { body } = decodeEntry(first);
	const [one, other] = await Promise.all(
		HISTORIES.map((history) =>
			entry(liar, puppet, 1, first, goOn(body, `${history} ${puppet.name}`)),
		),
	);
	sayToHalves(liar, [first, one], [first, other]);
}

/** An update that no honest corner makes, and a good one after it. */
async function poison(liar: Liar): Promise<void> {
	const puppet = await puppetOf(liar);
	const first = await firstOf(liar, puppet);
	const bad = await entry(liar, puppet, 1, first, poisonFor(liar, first));
	const after = await entry(liar, puppet, 2, bad, factsOf("x"));
	sayToAll(liar, first, bad, after);
}

/** The same, and to others a good update in its place: of what is refused, too, there is one history only (S5). */
async function poisonSome(liar: Liar): Promise<void> {
	const puppet = await puppetOf(liar);
	const first = await firstOf(liar, puppet);
	const { body } = decodeEntry(first);
	const bad = await entry(liar, puppet, 1, first, poisonFor(liar, first));
	const good = goOn(body, `${HISTORIES[0]} ${puppet.name}`);
	const other = await entry(liar, puppet, 1, first, good);
	sayToHalves(liar, [first, bad], [first, other]);
}

/** An entry whose predecessors nobody ever sees. */
async function skip(liar: Liar): Promise<void> {
	const puppet = await puppetOf(liar);
	const first = await firstOf(liar, puppet);
	sayToAll(liar, await entry(liar, puppet, 3, first, factsOf("x")));
}

/** So many of them that they would fill a peer. */
async function flood(liar: Liar): Promise<void> {
	const puppet = await puppetOf(liar);
	const first = await firstOf(liar, puppet);
	const body = factsOf("x");
	const entries: Uint8Array[] = [];
	for (let seq = 2; seq < FLOOD; seq++)
		entries.push(await entry(liar, puppet, seq, first, body));
	const [peer] = peersOf(liar.page);
	if (peer !== undefined) say(liar.page, peer, entries);
}

/** Entries of a device that nobody let in. */
async function intrude(liar: Liar): Promise<void> {
	const { world } = liar;
	const suite = world.suite(world.random.fork());
	const device = await suite.open(await suite.generate());
	const seal = generateSealKey(world.random).publicKey;
	const puppet = await certified(liar, device, seal);
	const intruding = await entry(liar, puppet, 0, null, factsOf("x"));
	const swarm = { space: SWARM_SPACE };
	const introduced = await entry(liar, puppet, 0, null, factsOf("x"), swarm);
	sayToAll(liar, intruding, introduced);
}

/** Acts that the liar has no right to: closes the space that all use, and throws another device out. */
async function usurp(liar: Liar): Promise<void> {
	const { page, victim, space, world } = liar;
	const own = page.node.me().device;
	const role = page.node.swarm.replica
		.members()
		.find(({ device }) => device === own)?.role;
	// A device may well remove itself, from any of its tabs.
	if (role !== "member" || own === victim.node.me().device) return;
	const isSeal = world.random.fraction() < 0.5;
	const { publicKey } = victim.node.swarm.session.deviceSigner;
	const kind: EntryKind = isSeal ? "seal" : "remove";
	const body = isSeal
		? encodeSeal(space)
		: encodeRemoval({ device: publicKey, cuts: [] });
	const puppet = await puppetOf(liar);
	const act = { space: SWARM_SPACE, kind };
	sayToAll(liar, await entry(liar, puppet, 0, null, body, act));
}

/** Bytes that are nothing. */
async function babble({ page, world }: Liar): Promise<void> {
	const { random } = world;
	const [peer] = peersOf(page);
	if (peer === undefined) return;
	const bytes = random.bytes(1 + Math.floor(random.fraction() * 200));
	const { mesh } = page.node.swarm;
	const sent =
		random.fraction() < 0.5
			? mesh.sendState(peer, bytes)
			: mesh.sendBulk(peer, bytes);
	// The link may end over it, which is the point.
	sent.catch(() => undefined);
}

/** What somebody said to somebody, said again to others: old digests, heads, wants and entries. */
async function echo({ page, world, heard }: Liar): Promise<void> {
	for (const peer of peersOf(page)) {
		const message = heard[Math.floor(world.random.fraction() * heard.length)];
		if (message !== undefined)
			page.node.swarm.mesh.sendState(peer, message).catch(() => undefined);
	}
}

/** What passed the relay, once more: anybody can. */
async function replay({ world }: Liar): Promise<void> {
	const { relay } = world.network;
	for (let n = 0; n < 5; n++) {
		const { passed } = relay;
		const old = passed[Math.floor(world.random.fraction() * passed.length)];
		if (old !== undefined) relay.publish(old.topic, old.from, old.sealed);
	}
}

export function puppetOf(liar: Liar): Promise<Puppet> {
	const { deviceSigner, deviceRow } = liar.page.node.swarm.session;
	return certified(liar, deviceSigner, deviceRow.seal.publicKey);
}

async function certified(
	{ world }: Liar,
	device: Signer,
	seal: Uint8Array,
): Promise<Puppet> {
	const suite = world.suite(world.random.fork());
	const session = await suite.open(await suite.generate());
	const cert = await issueCertificate(device, session.publicKey, seal);
	return { session, name: toHex(session.publicKey), cert };
}

/** The beginning of a puppet's log, which is as it should be. */
const firstOf = (liar: Liar, puppet: Puppet): Promise<Uint8Array> =>
	entry(liar, puppet, 0, null, factsOf("first"));

function poisonFor({ world }: Liar, first: Uint8Array): Uint8Array {
	const { random } = world;
	const which = Math.floor(random.fraction() * HOSTILE_UPDATES.length);
	const make = HOSTILE_UPDATES[which]?.[1];
	return make?.(decodeEntry(first).body, random) ?? new Uint8Array();
}

export function entry(
	{ page, space }: Liar,
	{ session, cert }: Puppet,
	seq: number,
	before: Uint8Array | null,
	body: Uint8Array,
	override: Partial<EntryFields> = {},
): Promise<Uint8Array> {
	return signEntry(session, page.node.swarm.row.swarm, {
		space,
		seq,
		prev: before === null ? null : decodeEntry(before).hash,
		kind: "update",
		body,
		...(seq === 0 && { cert }),
		...override,
	});
}

/** An update of a new corner that sets one key. */
export function factsOf(key: string): Uint8Array {
	const corner = new Corner();
	corner.openForWriting();
	return corner.write(new Map([[key, 1]]));
}

/** A good update that goes on from another. */
function goOn(before: Uint8Array, key: string): Uint8Array {
	const corner = Corner.replay([before], false);
	corner.openForWriting();
	return corner.write(new Map([[key, 1]]));
}

const peersOf = (page: SimPage): string[] =>
	page.node.swarm.mesh.peers().map(({ peer }) => peer);

export function sayToAll({ page }: Liar, ...entries: Uint8Array[]): void {
	for (const peer of peersOf(page)) say(page, peer, entries);
}

function sayToHalves(
	{ page }: Liar,
	...versions: (readonly (Uint8Array | undefined)[])[]
): void {
	for (const [index, peer] of peersOf(page).entries()) {
		const version = versions[index % versions.length] ?? [];
		say(
			page,
			peer,
			version.filter((bytes) => bytes !== undefined),
		);
	}
}

function say(page: SimPage, to: string, entries: Uint8Array[]): void {
	const message = encodeSync({ kind: "entries", entries });
	page.node.swarm.mesh.sendState(to, message).catch(() => undefined);
}
