/** What replicas do with the logs of devices that were removed (M1, S7, S10). */
import { describe, expect, it } from "vitest";
import { encodeAdmit, encodeInviteAct } from "../../../src/identity/acts.ts";
import { proveJoin } from "../../../src/identity/invite.ts";
import { encodeRemoval } from "../../../src/identity/removal-act.ts";
import { fromHex } from "../../../src/wire/bytes.ts";
import { SWARM_SPACE } from "../../../src/wire/ids.ts";
import {
	factsOf,
	type Page,
	put,
	replicaWorld,
	type World,
} from "../../helpers/replica-world.ts";

const SPACE = "memory:notes";

async function run<T>(world: World, work: Promise<T>, ms = 200): Promise<T> {
	// Whoever awaits it below hears of a failure.
	work.catch(() => undefined);
	await world.clock.run(ms);
	return work;
}

/** Removes a device, as far as `by` has seen it. */
const remove = (world: World, by: Page, whom: Page): Promise<Uint8Array> =>
	run(
		world,
		by.replica.act({
			kind: "remove",
			body: encodeRemoval({
				device: whom.deviceKey,
				cuts: by.replica.heads(whom.device),
			}),
		}),
	);

/** A swarm of four that hold the same: the founder, who goes, and two more. */
async function swarm(seed = 1) {
	const world = await replicaWorld(seed);
	const [goes, near, far] = [
		await world.member(),
		await world.member(),
		await world.member(),
	];
	const founder = world.founder;
	world.mesh(founder, goes, near, far);
	await world.clock.run(3_000);
	await put(world, goes, SPACE, { early: 1 });
	await world.clock.run(3_000);
	return { world, founder, goes, near, far };
}

const facts = (page: Page) => Object.values(factsOf(page, SPACE)).sort();
const digests = (space: string, ...pages: Page[]) =>
	new Set(pages.map(({ replica }) => replica.headsDigest(space))).size;

/** Admits a device again that was removed. */
async function bringBack(
	world: World,
	by: Page,
	whom: Page,
	removal: Uint8Array,
): Promise<void> {
	const invite = await world.suite.open(await world.suite.generate());
	const proof = await proveJoin(invite, world.swarm, whom.deviceKey, whom.seal);
	const { publicKey: key } = invite;
	await run(
		world,
		Promise.all([
			by.replica.act({
				kind: "invite",
				body: encodeInviteAct({ key, uses: 1, epoch: 0, role: "member" }),
			}),
			by.replica.act({
				kind: "admit",
				body: encodeAdmit({ proof, role: "member", after: [removal] }),
			}),
		]),
	);
}

describe("a removal", () => {
	it("[M1] keeps what was seen, and takes back on every device what was not", async () => {
		const { world, founder, goes, near, far } = await swarm();
		// Only one of them hears what the device says next.
		for (const other of [founder, far]) world.unlink(goes, other);
		world.unlink(near, founder);
		world.unlink(near, far);
		await put(world, goes, SPACE, { late: 2 });
		await world.clock.run(1_000);
		expect(facts(near)).toEqual([1, 2]);
		await remove(world, founder, goes);
		world.link(near, far);
		world.link(near, founder);
		await world.clock.run(5_000);
		for (const page of [founder, near, far]) expect(facts(page)).toEqual([1]);
		expect(digests(SPACE, founder, near, far)).toBe(1);
		expect(digests(SWARM_SPACE, founder, near, far)).toBe(1);
		for (const page of [founder, near, far])
			expect(page.replica.membership().isMember(goes.device)).toBe(false);
	});

	it("[M1] lets nothing in that the device writes afterwards, whoever passes it on", async () => {
		const { world, founder, goes, near, far } = await swarm();
		// It hears of nothing, and goes on as if nothing were.
		world.pipes.loses = ({ to }) => to === goes.peer;
		await remove(world, founder, goes);
		await world.clock.run(1_000);
		await put(world, goes, SPACE, { late: 2 });
		await world.clock.run(5_000);
		for (const page of [founder, near, far]) expect(facts(page)).toEqual([1]);
		expect([...founder.offences, ...near.offences, ...far.offences]).toEqual(
			[],
		);
	});

	it("[M1] deletes what it takes back from storage, also where the page closed in between", async () => {
		const { world, founder, goes, near, far } = await swarm();
		for (const other of [founder, far]) world.unlink(goes, other);
		for (const other of [founder, far]) world.unlink(near, other);
		await put(world, goes, SPACE, { late: 2 });
		await world.clock.run(1_000);
		await remove(world, founder, goes);
		world.link(near, founder);
		await world.clock.run(3_000);
		const rows = await near.store.load(world.swarm, SPACE);
		expect(rows.filter(({ session }) => session === goes.peer).length).toBe(1);
		const again = await world.reopen(near);
		expect(facts(again)).toEqual([1]);
		expect(again.damages).toEqual([]);
	});

	it("[M1] leaves the device what it had, and lets it write no more", async () => {
		const { world, founder, goes, far } = await swarm();
		for (const other of [founder, far]) world.unlink(goes, other);
		await put(world, goes, SPACE, { mine: 2 });
		await remove(world, founder, goes);
		world.link(goes, founder);
		await world.clock.run(3_000);
		expect(goes.replica.membership().isMember(goes.device)).toBe(false);
		expect(facts(goes)).toEqual([1, 2]);
		await expect(goes.replica.put(SPACE, { more: 3 })).rejects.toMatchObject({
			code: "not-a-member",
		});
		await expect(
			goes.replica.act({
				kind: "remove",
				body: encodeRemoval({ device: founder.deviceKey, cuts: [] }),
			}),
		).rejects.toMatchObject({ code: "not-a-member" });
		const again = await world.reopen(goes);
		expect(facts(again)).toEqual([1, 2]);
	});

	it("[M1][S8] of a device that comes back leaves its old log, and counts its new one", async () => {
		const { world, founder, goes, near, far } = await swarm();
		const removal = await remove(world, founder, goes);
		await world.clock.run(1_000);
		await bringBack(world, founder, goes, removal);
		await world.clock.run(3_000);
		expect(goes.replica.membership().isMember(goes.device)).toBe(true);
		// Its session was cut: it must take another.
		expect(goes.ended).toBe(1);
		await expect(goes.replica.put(SPACE, { old: 1 })).rejects.toMatchObject({
			code: "slot-lost",
		});
		for (const page of [founder, near, far]) expect(facts(page)).toEqual([1]);
		expect(digests(SWARM_SPACE, founder, goes, near, far)).toBe(1);
	});

	it("[M1] that falls itself gives back what it took", async () => {
		const { world, founder, goes, near, far } = await swarm();
		// An owner by the founder's word removes the founder; the founder removes it at the same time.
		const junior = await world.outsider();
		const invite = await world.suite.open(await world.suite.generate());
		const proof = await proveJoin(
			invite,
			world.swarm,
			junior.deviceKey,
			junior.seal,
		);
		await run(
			world,
			Promise.all([
				founder.replica.act({
					kind: "invite",
					body: encodeInviteAct({
						key: invite.publicKey,
						uses: 1,
						epoch: 0,
						role: "owner",
					}),
				}),
				founder.replica.act({
					kind: "admit",
					body: encodeAdmit({ proof, role: "owner" }),
				}),
			]),
		);
		world.link(junior, near);
		await world.clock.run(3_000);
		await put(world, founder, SPACE, { of: "founder" });
		for (const other of [goes, near, far]) world.unlink(founder, other);
		await put(world, founder, SPACE, { unseen: "by junior" });
		await put(world, founder, SWARM_SPACE, { fact: "of the founder" });
		await remove(world, junior, founder);
		await remove(world, founder, junior);
		await world.clock.run(3_000);
		expect(near.replica.membership().isMember(founder.device)).toBe(false);
		world.link(founder, near);
		await world.clock.run(8_000);
		for (const page of [founder, goes, near, far]) {
			expect(page.replica.membership().isMember(founder.device)).toBe(true);
			expect(page.replica.membership().isMember(junior.device)).toBe(false);
			expect(facts(page)).toEqual([1, "by junior", "founder"]);
			expect(Object.values(factsOf(page, SWARM_SPACE))).toContain(
				"of the founder",
			);
		}
		expect(digests(SWARM_SPACE, founder, goes, near, far)).toBe(1);
		expect(digests(SPACE, founder, goes, near, far)).toBe(1);
	});

	it("[M1] lets what an owner wrote on in the swarm's space show nothing", async () => {
		const { world, founder, goes, near, far } = await swarm();
		void goes;
		// Nobody has heard the founder's last words, and it cannot take back its removal.
		const owner = await world.outsider();
		const invite = await world.suite.open(await world.suite.generate());
		const proof = await proveJoin(
			invite,
			world.swarm,
			owner.deviceKey,
			owner.seal,
		);
		await run(
			world,
			Promise.all([
				founder.replica.act({
					kind: "invite",
					body: encodeInviteAct({
						key: invite.publicKey,
						uses: 1,
						epoch: 0,
						role: "owner",
					}),
				}),
				founder.replica.act({
					kind: "admit",
					body: encodeAdmit({ proof, role: "owner" }),
				}),
			]),
		);
		world.link(owner, near);
		await world.clock.run(3_000);
		world.unlink(founder, near);
		world.unlink(founder, far);
		await put(world, founder, SWARM_SPACE, { late: "words" });
		await remove(world, owner, founder);
		await world.clock.run(1_000);
		world.link(founder, far);
		await world.clock.run(5_000);
		for (const page of [near, far, owner]) {
			expect(Object.values(factsOf(page, SWARM_SPACE))).not.toContain("words");
			expect(page.replica.membership().isMember(founder.device)).toBe(false);
		}
		expect(digests(SWARM_SPACE, near, far, owner)).toBe(1);
	});

	it("[S7] leaves a space closed that its device had sealed before", async () => {
		const { world, founder, near, far } = await swarm();
		const seals = founder;
		await run(world, seals.replica.seal(SPACE), 1_000);
		const cuts = near.replica.heads(founder.device);
		expect(cuts.some(({ space }) => space === SWARM_SPACE)).toBe(true);
		// The founder goes by itself.
		await run(
			world,
			founder.replica.act({
				kind: "remove",
				body: encodeRemoval({ device: founder.deviceKey, cuts }),
			}),
			2_000,
		);
		for (const page of [near, far]) {
			expect(page.replica.membership().isMember(founder.device)).toBe(false);
			await expect(page.replica.put(SPACE, { a: 1 })).rejects.toMatchObject({
				code: "closed",
			});
		}
	});

	it("[M1] names every log of the device, with the hash that it ends in", async () => {
		const { founder, goes, near } = await swarm();
		const cuts = founder.replica.heads(goes.device);
		expect(cuts).toEqual(near.replica.heads(goes.device));
		expect(cuts.map(({ space, next }) => [space, next])).toEqual([[SPACE, 1]]);
		expect(cuts[0]?.session).toEqual(fromHex(goes.peer));
		expect(founder.replica.heads("did:key:nobody")).toEqual([]);
	});
});
