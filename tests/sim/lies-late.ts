/** What a removed device may try, with the help of a member: it still has its keys (M1). */
import { encodeRemoval } from "../../src/identity/removal-act.ts";
import { Corner } from "../../src/replica/corner.ts";
import { decodeEntry, signEntry } from "../../src/replica/entry.ts";
import { toHex } from "../../src/wire/bytes.ts";
import { SWARM_SPACE } from "../../src/wire/ids.ts";
import { entry, factsOf, type Liar, puppetOf, sayToAll } from "./lies.ts";

/** In all of them `victim` is the removed device, and `page` the member that passes on what it says. */
export const LATE_LIES = {
	backdate,
	reappear,
	takeRevenge,
} as const satisfies Record<string, (liar: Liar) => Promise<void>>;

/** Its log goes on as if nothing had happened: entries have no times. */
async function backdate(liar: Liar): Promise<void> {
	const { page, victim, space, world } = liar;
	const { session } = victim.node.swarm;
	const { swarm } = page.node.swarm.row;
	const log = logOf(liar, space);
	const corner = Corner.replay(
		log.map((bytes) => decodeEntry(bytes).body),
		false,
	);
	corner.openForWriting();
	const last = log.at(-1);
	const [seq, prev] =
		last === undefined
			? [0, null]
			: [decodeEntry(last).seq + 1, decodeEntry(last).hash];
	const late = `late ${world.random.fraction()}`;
	const backdated = await signEntry(session.signer, swarm, {
		space,
		seq,
		prev,
		kind: "update",
		body: corner.write(new Map([[late, 1]])),
		...(seq === 0 && { cert: session.certificate }),
	});
	sayToAll(liar, ...log.slice(-3), backdated);
}

/** The entries of the removed session that are held where it runs, from the last checkpoint on. */
function logOf({ victim }: Liar, space: string): Uint8Array[] {
	const { replica } = victim.node.swarm;
	const { peer } = victim.node.me();
	const log: Uint8Array[] = [];
	const head = replica
		.heads(victim.node.me().device)
		.find((cut) => cut.space === space && toHex(cut.session) === peer);
	for (let seq = (head?.next ?? 0) - 1; seq >= 0; seq--) {
		const bytes = replica.entry(space, peer, seq);
		if (bytes === undefined) break;
		log.unshift(bytes);
	}
	return log;
}

/** A session that nobody heard of before. */
async function reappear(liar: Liar): Promise<void> {
	const puppet = await puppetOf({ ...liar, page: liar.victim });
	sayToAll(liar, await entry(liar, puppet, 0, null, factsOf("late")));
}

/** It throws out who threw it out. */
async function takeRevenge(liar: Liar): Promise<void> {
	const { page, victim } = liar;
	const puppet = await puppetOf({ ...liar, page: victim });
	const [removal] = page.node.swarm.replica
		.membership()
		.removalsOf(victim.node.me().device);
	const target = page.node.swarm.replica
		.membership()
		.keysOf(removal?.author ?? "");
	if (target === undefined) return;
	const body = encodeRemoval({ device: target.key, cuts: [] });
	const act = { space: SWARM_SPACE, kind: "remove" } as const;
	sayToAll(liar, await entry(liar, puppet, 0, null, body, act));
}
