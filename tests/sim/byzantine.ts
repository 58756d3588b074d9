/** What a member may do that breaks the rules, made with the real wire code. */
import { issueCertificate } from "../../src/identity/certificate.ts";
import type { Signer } from "../../src/identity/signer.ts";
import { Corner } from "../../src/replica/corner.ts";
import { signEntry } from "../../src/replica/entry.ts";
import { encodeSync } from "../../src/replica/sync-messages.ts";
import { fromHex, toHex } from "../../src/wire/bytes.ts";
import type { Random } from "../../src/wire/clock.ts";
import type { SimPage, SwarmWorld } from "./world/swarm.ts";

/** Sends an entry in the name of another. */
export async function forge(
	forger: SimPage,
	victim: SimPage,
	random: Random,
): Promise<void> {
	const author: Signer = {
		publicKey: fromHex(victim.node.me().peer) ?? new Uint8Array(32),
		sign: async () => random.bytes(64),
	};
	const entry = await signEntry(author, forger.node.swarm.row.swarm, {
		space: "memory:forged",
		seq: 0,
		prev: null,
		kind: "update",
		body: factsOf("forged"),
		cert: victim.node.swarm.session.certificate,
	});
	for (const peer of peersOf(forger)) say(forger, peer, [entry]);
}

/** How the keys begin that the two histories of one log set; the log's session follows. */
const HISTORIES = ["one", "other"] as const;

/** Whether these are keys of both histories of one log. */
export function hasBothHistories(keys: ReadonlySet<string>): boolean {
	return [...keys].some((key) => {
		const [history, session] = key.split(" ");
		return history === HISTORIES[0] && keys.has(`${HISTORIES[1]} ${session}`);
	});
}

/**
 * Tells two histories of one log, each to other peers (S5). The log is that of a session which the member's device
 * certified for nothing else.
 *
 * @returns whether anybody was told
 */
export async function equivocate(
	member: SimPage,
	world: SwarmWorld,
	space: string,
): Promise<boolean> {
	const { deviceSigner, deviceRow } = member.node.swarm.session;
	const suite = world.suite(world.random.fork());
	const session = await suite.open(await suite.generate());
	const cert = await issueCertificate(
		deviceSigner,
		session.publicKey,
		deviceRow.seal.publicKey,
	);
	const [one, other] = await Promise.all(
		HISTORIES.map((history) =>
			signEntry(session, member.node.swarm.row.swarm, {
				space,
				seq: 0,
				prev: null,
				kind: "update",
				body: factsOf(`${history} ${toHex(session.publicKey)}`),
				cert,
			}),
		),
	);
	const peers = peersOf(member);
	if (one === undefined || other === undefined || peers.length < 2)
		return false;
	for (const [index, peer] of peers.entries())
		say(member, peer, [index % 2 === 0 ? one : other]);
	return true;
}

/** Sends bytes that are nothing. */
export function babble(page: SimPage, random: Random): void {
	const [peer] = peersOf(page);
	if (peer === undefined) return;
	const bytes = random.bytes(1 + Math.floor(random.fraction() * 200));
	const { mesh } = page.node.swarm;
	const channel = random.fraction() < 0.5 ? "state" : "bulk";
	// The link may end over it, which is the point.
	(channel === "state"
		? mesh.sendState(peer, bytes)
		: mesh.sendBulk(peer, bytes)
	).catch(() => undefined);
}

const peersOf = (page: SimPage): string[] =>
	page.node.swarm.mesh.peers().map(({ peer }) => peer);

function say(page: SimPage, to: string, entries: Uint8Array[]): void {
	const message = encodeSync({ kind: "entries", entries });
	page.node.swarm.mesh.sendState(to, message).catch(() => undefined);
}

function factsOf(key: string): Uint8Array {
	const corner = new Corner();
	corner.openForWriting();
	return corner.write(new Map([[key, { v: 1, c: 1 }]]));
}
