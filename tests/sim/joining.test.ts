import { describe, expect, it } from "vitest";
import { FIRST_SWARM_WAIT_MS } from "../../src/wire/constants.ts";
import { codeOf } from "../../src/wire/error.ts";
import { meetBy } from "./world/meet.ts";
import { isLinked, SwarmWorld, textFile } from "./world/swarm.ts";

const note = textFile("note.txt", "The key of the shed hangs behind the door.");

describe("joining", () => {
	it("takes the documents of the earlier swarm along when asked to", async () => {
		const world = new SwarmWorld(11);
		const host = await world.open(world.profile("host"));
		const { invite } = await world.settle(host.node.createSwarm());
		const guest = await world.open(world.profile("guest"));
		await world.settle(guest.node.swarm.documents.addEach([note]));
		const before = guest.node.swarm.row.swarm;
		await world.settle(guest.node.join(invite));
		expect(guest.node.swarm.documents.list()).toEqual([]);
		expect(guest.node.status().cameFrom).toEqual({
			swarm: before,
			documents: 1,
		});
		await world.settle(guest.node.bringDocuments(before));
		expect(guest.node.status().cameFrom).toBe(null);
		const arrived = () => host.node.swarm.documents.list().length === 1;
		expect(await world.clock.until(arrived, 5000)).toBe(true);
		const [document] = host.node.swarm.documents.list();
		const text = host.node.swarm.documents.text(document?.id ?? "");
		expect(await world.settle(text)).toContain("behind the door");
	});

	it("takes a device's new name into the swarms it enters later", async () => {
		const world = new SwarmWorld(10);
		const { node } = await world.open(world.profile("host"));
		await world.settle(node.rename("Kitchen laptop"));
		await world.settle(node.createSwarm());
		const named = () => node.me().name === "Kitchen laptop";
		expect(await world.clock.until(named, 2000)).toBe(true);
	});

	it("[M2] says after 30 s that nobody is awake, and gets in when somebody wakes up", async () => {
		const world = new SwarmWorld(12);
		const profile = world.profile("host");
		const host = await world.open(profile);
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		host.kill();
		const guest = await world.open(world.profile("guest"));
		const code = await world.settle(guest.node.join(invite).catch(codeOf));
		expect(code).toBe("nobody-awake");
		expect(guest.node.status().joining?.state).toBe("waiting");
		const again = await world.open(profile);
		const inside = () =>
			guest.node.me().swarm === swarm && isLinked([again, guest]);
		expect(await world.clock.until(inside, 30_000)).toBe(true);
	});

	it("[L3.1] makes one connection: the one that the invite's ends met on", async () => {
		const world = new SwarmWorld(18);
		const host = await world.open(world.profile("host"));
		const { invite } = await world.settle(host.node.createSwarm());
		const guest = await world.open(world.profile("guest"));
		await world.settle(guest.node.join(invite));
		const pages = [host, guest];
		expect(await world.clock.until(() => isLinked(pages), 5_000)).toBe(true);
		await world.clock.run(15_000);
		const made = () => pages.map(({ node }) => node.status().connections);
		expect(made()).toEqual([1, 1]);
		// It is a link like any other: where it dies, another one is dialled.
		world.network.mute(host.host, guest.host);
		const isAnother = () => made().every((n) => n > 1) && isLinked(pages);
		expect(await world.clock.until(isAnother, 20_000)).toBe(true);
	});

	it("[L3.1] hands no connection over to who was not admitted on it", async () => {
		const world = new SwarmWorld(19);
		const host = await world.open(world.profile("host"));
		const { invite: url } = await world.settle(host.node.createSwarm());
		const stranger = await world.open(world.profile("stranger"));
		const told: string[] = [];
		const meeting = meetBy(world, stranger, url, {
			onUp: ({ handOver }) => {
				told.push("up");
				handOver({
					self: stranger.node.me().peer,
					boot: "ab".repeat(16),
					isLinked: () => false,
					expect: () => undefined,
					adopt: () => {
						told.push("adopted");
						throw new Error("adopted");
					},
				});
			},
		});
		await world.clock.run(20_000);
		expect(told).toContain("up");
		expect(told).not.toContain("adopted");
		expect(host.node.swarm.mesh.peers()).toEqual([]);
		meeting.stop();
	});

	it("[M2] opens a first visit by a link with the link's swarm, and makes no other", async () => {
		const world = new SwarmWorld(17);
		const host = await world.open(world.profile("host"));
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		const profile = world.profile("guest");
		const guest = await world.open(profile, invite);
		expect(guest.node.me().swarm).toBe(swarm);
		expect(await world.clock.until(() => isLinked([host, guest]), 5000)).toBe(
			true,
		);
		await world.clock.run(2000);
		expect(guest.node.status().joining).toBe(null);
		expect(guest.node.status().cameFrom).toBe(null);
		expect(await guest.node.swarms()).toMatchObject([{ swarm, active: true }]);
		guest.kill();
		const again = await world.open(profile);
		expect(again.node.me().swarm).toBe(swarm);
	});

	it("[M2] makes a swarm of its own where nobody answers a first visit", async () => {
		const world = new SwarmWorld(18);
		const profile = world.profile("host");
		const host = await world.open(profile);
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		host.kill();
		const guest = await world.open(world.profile("guest"), invite);
		const own = guest.node.me().swarm;
		expect(own).not.toBe(swarm);
		expect(guest.node.status().joining?.state).toBe("waiting");
		const again = await world.open(profile);
		const inside = () =>
			guest.node.me().swarm === swarm && isLinked([again, guest]);
		expect(await world.clock.until(inside, 30_000)).toBe(true);
		expect(await guest.node.swarms()).toMatchObject([
			{ swarm: own, active: false },
			{ swarm, active: true },
		]);
	});

	it.each([
		["is no invite", async () => "http://shoal.test/#join=nothing"],
		[
			"is refused",
			async (world: SwarmWorld) => {
				const host = await world.open(world.profile("host"));
				const { admission } = host.node.swarm;
				const link = await world.settle(admission.invite({ expiresInMs: 1 }));
				await world.clock.run(2000);
				return link;
			},
		],
	])("[M2] does not wait with a first visit whose link %s", async (_, make) => {
		const world = new SwarmWorld(20);
		const link = await make(world);
		const before = world.clock.now();
		const guest = await world.open(world.profile("guest"), link);
		expect(world.clock.now() - before).toBeLessThan(FIRST_SWARM_WAIT_MS);
		expect(await guest.node.swarms()).toHaveLength(1);
	});

	it("[M2] lets a device that others delegated to open a first visit", async () => {
		const world = new SwarmWorld(19);
		const host = await world.open(world.profile("host"));
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		const other = await world.open(world.profile("other"), invite);
		expect(await world.clock.until(() => isLinked([host, other]), 5000)).toBe(
			true,
		);
		const { admission } = host.node.swarm;
		const link = await world.settle(admission.invite({}));
		await world.clock.run(3000);
		host.kill();
		const guest = await world.open(world.profile("guest"), link);
		const inside = () =>
			guest.node.me().swarm === swarm && guest.node.status().joining === null;
		expect(await world.clock.until(inside, 30_000)).toBe(true);
	});

	it("[M2] goes on waiting after a reload", async () => {
		const world = new SwarmWorld(13);
		const profile = world.profile("host");
		const host = await world.open(profile);
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		host.kill();
		const late = world.profile("guest");
		const guest = await world.open(late);
		guest.node.join(invite).catch(() => undefined);
		await world.clock.run(2000);
		guest.kill();
		const reloaded = await world.open(late);
		const joined = reloaded.node.resumeJoin();
		await world.clock.run(1000);
		await world.open(profile);
		await world.settle(joined);
		expect(reloaded.node.me().swarm).toBe(swarm);
	});

	it("[M2] goes where the last of two invites leads, which comes while the page enters by the first", async () => {
		const world = new SwarmWorld(680);
		const first = await world.open(world.profile("first"));
		const one = await world.settle(first.node.createSwarm());
		const second = await world.open(world.profile("second"));
		const two = await world.settle(second.node.createSwarm());
		const guest = await world.open(world.profile("guest"));
		const joins = [guest.node.join(one.invite)];
		const enters = () => guest.node.me().swarm === one.swarm;
		expect(await world.clock.until(enters, 5_000)).toBe(true);
		await world.clock.run(40);
		expect(guest.node.swarm.isMember).toBe(false);
		joins.push(guest.node.takeInvite(two.invite).joined.then(() => two));
		await world.settle(Promise.all(joins));
		expect(guest.node.me().swarm).toBe(two.swarm);
		expect(guest.node.status().joining).toBe(null);
	});

	it("[M2] refuses an invite that has expired by the issuer's clock, or is used up", async () => {
		const world = new SwarmWorld(14);
		const host = await world.open(world.profile("host"));
		const { admission } = host.node.swarm;
		const short = await world.settle(admission.invite({ expiresInMs: 1000 }));
		const once = await world.settle(admission.invite({ uses: 1 }));
		await world.clock.run(2000);
		const guest = await world.open(world.profile("guest"));
		expect(await world.settle(guest.node.join(short).catch(codeOf))).toBe(
			"bad-invite",
		);
		await world.settle(guest.node.join(once));
		const second = await world.open(world.profile("second"));
		expect(await world.settle(second.node.join(once).catch(codeOf))).toBe(
			"bad-invite",
		);
	});

	it("[M2] asks who made the link first, whoever else has come by it", async () => {
		const world = new SwarmWorld(4000);
		const host = await world.open(world.profile("host"));
		const { invite } = await world.settle(host.node.createSwarm());
		const guests = await Promise.all(
			["a", "b", "c", "d", "e"].map((name) =>
				world.open(world.profile(name), invite),
			),
		);
		const all = () => isLinked([host, ...guests]);
		expect(await world.clock.until(all, 3_000)).toBe(true);
	});

	it("tells devices of one make apart by a number", async () => {
		const world = new SwarmWorld(16);
		const host = await world.open(world.profile("Laptop"));
		const { invite } = await world.settle(host.node.createSwarm());
		const guest = await world.open(world.profile("Laptop"));
		await world.settle(guest.node.join(invite));
		const told = () =>
			host.node
				.status()
				.members.map(({ name }) => name)
				.sort()
				.join() === "Laptop,Laptop 2";
		expect(await world.clock.until(told, 5000)).toBe(true);
	});

	it("[E3] links with a device that was let in while this one was away", async () => {
		const world = new SwarmWorld(17);
		const host = await world.open(world.profile("host"));
		const { invite } = await world.settle(host.node.createSwarm());
		const early = world.profile("early");
		const before = await world.open(early);
		await world.settle(before.node.join(invite));
		before.kill();
		const late = await world.open(world.profile("late"));
		await world.settle(late.node.join(invite));
		host.kill();
		const after = await world.open(early);
		expect(await world.clock.until(() => isLinked([late, after]), 20_000)).toBe(
			true,
		);
		const isKnown = () => after.node.status().members.length === 3;
		expect(await world.clock.until(isKnown, 5_000)).toBe(true);
	});

	it("[S9] gets in although the page was killed before the swarm's log arrived", async () => {
		const world = new SwarmWorld(18);
		const host = await world.open(world.profile("host"));
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		const guest = world.profile("guest");
		const before = await world.open(guest);
		before.node.join(invite).catch(() => undefined);
		const isTold = () => before.node.me().swarm === swarm;
		expect(await world.clock.until(isTold, 20_000)).toBe(true);
		expect(before.node.swarm.isMember).toBe(false);
		before.kill();
		const again = await world.open(guest);
		const isIn = () => again.node.swarm.isMember && isLinked([host, again]);
		expect(await world.clock.until(isIn, 20_000)).toBe(true);
	});

	it("takes the other tabs of the device along", async () => {
		const world = new SwarmWorld(15);
		const host = await world.open(world.profile("host"));
		const { invite, swarm } = await world.settle(host.node.createSwarm());
		const profile = world.profile("guest");
		const tab = await world.open(profile);
		const sibling = await world.open(profile);
		await world.settle(tab.node.join(invite));
		const all = () =>
			sibling.node.me().swarm === swarm && isLinked([host, tab, sibling]);
		expect(await world.clock.until(all, 20_000)).toBe(true);
	});

	it("is in one swarm at a time, however fast it changes", async () => {
		const world = new SwarmWorld(19);
		const host = await world.open(world.profile("host"));
		const one = await world.settle(host.node.createSwarm());
		const guest = await world.open(world.profile("guest"));
		await world.settle(guest.node.join(one.invite));
		const two = await world.settle(host.node.createSwarm());
		await world.settle(
			Promise.all([host.node.use(one.swarm), host.node.use(two.swarm)]),
		);
		expect(host.node.me().swarm).toBe(two.swarm);
		await world.clock.run(20_000);
		expect(guest.node.swarm.mesh.peers()).toEqual([]);
	});
});
