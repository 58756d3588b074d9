/** Honest peers end with the same whatever a hostile author tells each of them, and in whatever order (S5, S7, S11). */
import { describe, expect, it } from "vitest";
import { Corner } from "../../../src/replica/corner.ts";
import { decodeEntry, signEntry } from "../../../src/replica/entry.ts";
import { encodeSync } from "../../../src/replica/sync-messages.ts";
import {
	type Page,
	put,
	replicaWorld,
	type World,
} from "../../helpers/replica-world.ts";

const SPACE = "memory:test";

interface Branch {
	readonly bytes: Uint8Array;
	readonly hash: Uint8Array;
	/** All updates since the last checkpoint, this one included. */
	readonly updates: readonly Uint8Array[];
}

/** A tree of entries: each continues a random earlier one, some as checkpoints, some with a body nobody takes. */
async function tree(
	world: World,
	author: Page,
	size: number,
): Promise<Uint8Array[]> {
	const made: { readonly seq: number; readonly branch: Branch }[] = [];
	for (let n = 0; n < size; n++) {
		const isFork = world.random.fraction() < 0.15;
		const parent = isFork
			? made[Math.floor(world.random.fraction() * made.length)]
			: made.at(-1);
		const seq = parent === undefined ? 0 : parent.seq + 1;
		const corner = Corner.replay(parent?.branch.updates ?? [], false);
		corner.openForWriting();
		const isCheckpoint = seq > 0 && world.random.fraction() < 0.12;
		const isBad = world.random.fraction() < 0.04;
		const update = isCheckpoint
			? corner.snapshot()
			: corner.write(new Map([[`k${n % 4}`, n]]));
		const bytes = await signEntry(author.signer, world.swarm, {
			space: SPACE,
			seq,
			prev: parent?.branch.hash ?? null,
			kind: isCheckpoint ? "checkpoint" : "update",
			body: isBad ? Uint8Array.of(1, 2, 3) : update,
			...((seq === 0 || isCheckpoint) && { cert: author.certificate }),
		});
		made.push({
			seq,
			branch: {
				bytes,
				hash: decodeEntry(bytes).hash,
				updates: isCheckpoint
					? [update]
					: [...(parent?.branch.updates ?? []), update],
			},
		});
	}
	return made.map(({ branch }) => branch.bytes);
}

describe("[S5] [S7] honest peers", () => {
	it.each(Array.from({ length: 40 }, (_, seed) => seed))(
		"end equal after forks, checkpoints and partitions, seed %i",
		async (seed) => {
			const world = await replicaWorld(1_000 + seed);
			const honest = [world.founder];
			for (let n = 1; n < 4; n++) honest.push(await world.member());
			const mallory = await world.member();
			world.mesh(...honest);
			await world.clock.run(4_000);
			const pick = <T>(items: readonly T[]): T => {
				const item = items[Math.floor(world.random.fraction() * items.length)];
				if (item === undefined) throw new Error("nothing to pick");
				return item;
			};
			const entries = await tree(world, mallory, 30);
			for (let step = 0; step < 25; step++) {
				const page = pick(honest);
				const chance = world.random.fraction();
				if (chance < 0.35) {
					const from = Math.floor(world.random.fraction() * entries.length);
					const some = entries
						.slice(from, from + 1 + Math.floor(world.random.fraction() * 8))
						.filter(() => world.random.fraction() < 0.9);
					await page.replica.receive(
						mallory.peer,
						encodeSync({ kind: "entries", entries: some }),
					);
				} else if (chance < 0.55) {
					const other = pick(honest);
					if (other !== page) world.unlink(page, other);
				} else if (chance < 0.7) {
					const other = pick(honest);
					if (other !== page) world.link(page, other);
				} else if (chance < 0.85)
					await put(world, page, SPACE, { [`h${step % 3}`]: step });
				else {
					const done = page.replica.compact(SPACE);
					await world.clock.run(60);
					await done;
				}
				await world.clock.run(world.random.fraction() * 2_000);
			}
			world.mesh(...honest);
			await world.clock.run(300_000);
			const [first] = honest;
			for (const page of honest) {
				expect(page.replica.headsDigest(SPACE)).toBe(
					first?.replica.headsDigest(SPACE),
				);
				expect(page.replica.facts(SPACE)).toEqual(first?.replica.facts(SPACE));
				// Whoever forwards has verified: no honest peer is blamed by another.
				expect(
					page.offences.filter(({ peer }) => peer !== mallory.peer),
				).toEqual([]);
				expect(page.ended).toBe(0);
			}
			const quiet = world.sent.length;
			await world.clock.run(600_000);
			expect(world.sent.length).toBe(quiet);
			// And all of them say so again when they start from what they stored.
			const before = first?.replica.facts(SPACE);
			for (const page of honest)
				expect((await world.reopen(page)).replica.facts(SPACE)).toEqual(before);
		},
	);
});
