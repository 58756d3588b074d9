/** Who belongs to a swarm, with whole nodes: removals, epochs, mailboxes, invites (M1, M2, M3). */
import { describe, expect, it } from "vitest";
import { encodeRemoval } from "../../src/identity/removal-act.ts";
import { encodeJoinMessage } from "../../src/node/join-messages.ts";
import { codeOf } from "../../src/wire/error.ts";
import type { DeviceId } from "../../src/wire/ids.ts";
import { meetBy } from "./world/meet.ts";
import { isLinked, type SimPage, SwarmWorld } from "./world/swarm.ts";

const deviceOf = ({ node }: SimPage): DeviceId => node.me().device;
const peersOf = ({ node }: SimPage) => node.swarm.mesh.peers();
const epochOf = ({ node }: SimPage): number => node.swarm.row.epoch;
const isIn = (page: SimPage, of: SimPage): boolean =>
	page.node.swarm.replica.membership().isMember(deviceOf(of));
const notes = ({ node }: SimPage): unknown[] =>
	node.swarm.state
		.entries("notes")
		.map(({ value }) => value)
		.sort();

const write = (world: SwarmWorld, page: SimPage, key: string, value: unknown) =>
	world.settle(page.node.swarm.state.put("notes", key, value));

const remove = (world: SwarmWorld, by: SimPage, whom: SimPage) =>
	world.settle(by.node.swarm.departures.remove(deviceOf(whom)));

async function swarm(devices: number, seed: number) {
	const world = new SwarmWorld(seed);
	const pages = await world.swarm(devices);
	expect(await world.clock.until(() => isLinked(pages), 20_000)).toBe(true);
	await world.clock.run(5_000);
	return { world, pages };
}

const [first, second, third] = [0, 1, 2];
const at = (pages: readonly SimPage[], n: number): SimPage => {
	const page = pages[n];
	if (page === undefined) throw new Error("no such page");
	return page;
};

describe("a removed device", () => {
	it("[M1][M3] loses its links, and nothing that it writes arrives; the others go on in a new epoch", async () => {
		const { world, pages } = await swarm(4, 31);
		const [owner, goes, ...others] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
			at(pages, 3),
		];
		await write(world, goes, "early", 1);
		await world.clock.run(3_000);
		await remove(world, owner, goes);
		await world.clock.run(2_000);
		expect(peersOf(goes)).toEqual([]);
		expect(goes.node.status().warnings.join()).toContain("removed this device");
		expect(goes.node.swarm.departures.removedBy).toBe(deviceOf(owner));
		for (const page of [owner, ...others]) {
			expect(isIn(page, goes)).toBe(false);
			expect(epochOf(page)).toBe(1);
			// No link had to be made anew.
			expect(peersOf(page).length).toBe(2);
		}
		const code = await write(world, goes, "late", 2).catch(codeOf);
		expect(code).toBe("not-a-member");
		await write(world, owner, "secret", 3);
		await world.clock.run(60_000);
		expect(peersOf(goes)).toEqual([]);
		for (const page of [owner, ...others]) expect(notes(page)).toEqual([1, 3]);
		expect(notes(goes)).toEqual([1]);
	});

	it("[M3] that slept through it learns of it when it wakes", async () => {
		const { world, pages } = await swarm(3, 32);
		const [owner, goes] = [at(pages, first), at(pages, second)];
		goes.kill();
		await world.clock.run(20_000);
		await remove(world, owner, goes);
		await world.clock.run(60_000);
		const again = await world.open(goes.profile);
		const told = () => again.node.swarm.departures.removedBy !== undefined;
		expect(await world.clock.until(told, 40_000)).toBe(true);
		expect(again.node.swarm.departures.removedBy).toBe(deviceOf(owner));
		expect(peersOf(again)).toEqual([]);
	});

	it("[M1] comes back by a new invite, with what it had", async () => {
		const { world, pages } = await swarm(3, 33);
		const [owner, goes, other] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
		];
		await write(world, goes, "mine", 1);
		await world.clock.run(3_000);
		await remove(world, owner, goes);
		await world.clock.run(3_000);
		// No member overrules an owner.
		const refused = await world.settle(
			other.node.swarm.admission.invite({ delegates: [] }),
		);
		expect(await world.settle(goes.node.join(refused).catch(codeOf))).toBe(
			"bad-invite",
		);
		const invite = await world.settle(owner.node.swarm.admission.invite({}));
		await world.settle(goes.node.join(invite));
		expect(await world.clock.until(() => isLinked(pages), 30_000)).toBe(true);
		await write(world, goes, "more", 2);
		await world.clock.run(5_000);
		for (const page of pages) {
			expect(isIn(page, goes)).toBe(true);
			expect(notes(page)).toEqual([1, 2]);
		}
		expect(goes.node.status().warnings).toEqual([]);
	});

	it("[M1] takes along whom it let in unseen; a new invite brings them back", async () => {
		const { world, pages } = await swarm(3, 36);
		const [owner, goes, other] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
		];
		const guest = await world.open(world.profile("guest"));
		for (const page of [goes, other, guest])
			world.network.cut(owner.host, page.host);
		const old = await world.settle(goes.node.swarm.admission.invite({}));
		await world.settle(guest.node.join(old));
		await remove(world, owner, goes);
		world.network.healAll();
		const isOut = () => !isIn(other, guest) && !isIn(guest, guest);
		expect(await world.clock.until(isOut, 60_000)).toBe(true);
		const invite = await world.settle(owner.node.swarm.admission.invite({}));
		await world.settle(guest.node.join(invite));
		const back = () => isLinked([owner, other, guest]) && isIn(other, guest);
		expect(await world.clock.until(back, 60_000)).toBe(true);
	});

	it("[M1] leaves by itself, and the others see it gone", async () => {
		const { world, pages } = await swarm(3, 34);
		const [owner, goes, other] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
		];
		await world.settle(goes.node.leave());
		const gone = () => [owner, other].every((page) => epochOf(page) === 1);
		expect(await world.clock.until(gone, 30_000)).toBe(true);
		for (const page of [owner, other])
			expect(page.node.swarm.presence.members().length).toBe(2);
		expect(isLinked([owner, other])).toBe(true);
	});

	it("[M1] is removed only by who may", async () => {
		const { world, pages } = await swarm(3, 35);
		const [owner, one, other] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
		];
		const tried = async (by: SimPage, device: string) =>
			world.settle(by.node.swarm.departures.remove(device).catch(codeOf));
		expect(await tried(one, deviceOf(other))).toBe("not-allowed");
		expect(await tried(one, deviceOf(owner))).toBe("not-allowed");
		expect(await tried(owner, deviceOf(owner))).toBe("bad-input");
		expect(await tried(owner, "did:key:z6Mknobody")).toBe("no-such-device");
		await world.clock.run(5_000);
		expect(isLinked(pages)).toBe(true);
		expect(epochOf(owner)).toBe(0);
	});
});

describe("a new epoch", () => {
	it("[M3] finds a member that slept through it, also where it began twice", async () => {
		const { world, pages } = await swarm(5, 41);
		const [owner, sleeper, awake] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
		];
		sleeper.kill();
		await world.clock.run(20_000);
		await remove(world, owner, at(pages, 3));
		await world.clock.run(60_000);
		await remove(world, owner, at(pages, 4));
		await world.clock.run(60_000);
		expect(epochOf(awake)).toBe(2);
		const again = await world.open(sleeper.profile);
		const back = () =>
			isLinked([owner, awake, again]) && epochOf(again) === epochOf(owner);
		expect(await world.clock.until(back, 40_000)).toBe(true);
		// Also where it closes again at once: its storage has the epoch.
		again.kill();
		await world.clock.run(20_000);
		const once = await world.open(sleeper.profile);
		expect(
			await world.clock.until(() => isLinked([owner, awake, once]), 15_000),
		).toBe(true);
	});

	it("[M3] is begun by another owner or admin where the remover closed before", async () => {
		const { world, pages } = await swarm(3, 42);
		const [owner, goes, other] = [
			at(pages, first),
			at(pages, second),
			at(pages, third),
		];
		const admins = await world.open(world.profile("admin"));
		const invite = await world.settle(
			owner.node.swarm.admission.invite({ role: "admin" }),
		);
		await world.settle(admins.node.join(invite));
		expect(
			await world.clock.until(() => isLinked([...pages, admins]), 20_000),
		).toBe(true);
		const { replica } = owner.node.swarm;
		const { key } = replica.membership().members.get(deviceOf(goes)) ?? {};
		await world.settle(
			replica.act({
				kind: "remove",
				body: encodeRemoval({
					device: key ?? new Uint8Array(32),
					cuts: replica.heads(deviceOf(goes)),
				}),
			}),
		);
		await world.clock.run(100);
		owner.kill();
		const begun = () => epochOf(admins) === 1 && epochOf(other) === 1;
		expect(await world.clock.until(begun, 40_000)).toBe(true);
		const again = await world.open(owner.profile);
		expect(
			await world.clock.until(
				() => isLinked([again, admins, other]) && epochOf(again) === 1,
				40_000,
			),
		).toBe(true);
	});

	it("[M1][M3] settles two owners who remove each other while they are apart", async () => {
		const { world, pages } = await swarm(2, 43);
		const [senior, other] = [at(pages, first), at(pages, second)];
		const junior = await world.open(world.profile("junior"));
		await world.settle(
			junior.node.join(
				await world.settle(
					senior.node.swarm.admission.invite({ role: "owner" }),
				),
			),
		);
		expect(
			await world.clock.until(() => isLinked([senior, other, junior]), 20_000),
		).toBe(true);
		await world.clock.run(3_000);
		world.network.cut(senior.host, junior.host);
		world.network.cut(senior.host, other.host);
		await Promise.all([
			world.settle(junior.node.swarm.departures.remove(deviceOf(senior))),
			world.settle(senior.node.swarm.departures.remove(deviceOf(junior))),
		]);
		await world.clock.run(1_000);
		expect(isIn(other, senior)).toBe(false);
		world.network.cut(senior.host, junior.host, false);
		world.network.cut(senior.host, other.host, false);
		const settled = () =>
			[senior, other].every(
				(page) =>
					isIn(page, senior) &&
					!isIn(page, junior) &&
					epochOf(page) === epochOf(senior),
			) && isLinked([senior, other]);
		const ok = await world.clock.until(settled, 120_000);
		expect(ok).toBe(true);
	});

	it("[M2] closes the invites of the one before", async () => {
		const { world, pages } = await swarm(3, 44);
		const [owner, goes] = [at(pages, first), at(pages, second)];
		const old = await world.settle(owner.node.swarm.admission.invite({}));
		await remove(world, owner, goes);
		await world.clock.run(3_000);
		const guest = await world.open(world.profile("guest"));
		expect(await world.settle(guest.node.join(old).catch(codeOf))).toBe(
			"nobody-awake",
		);
	});
});

describe("an invite", () => {
	it("[M2] admits one device unless it says otherwise", async () => {
		const { world, pages } = await swarm(1, 51);
		const owner = at(pages, first);
		const invite = await world.settle(owner.node.swarm.admission.invite({}));
		const one = await world.open(world.profile("one"));
		const two = await world.open(world.profile("two"));
		await world.settle(one.node.join(invite));
		expect(await world.settle(two.node.join(invite).catch(codeOf))).toBe(
			"bad-invite",
		);
		expect(owner.node.swarm.presence.members().length).toBe(2);
	});

	it("[M2] is answered by another member while its issuer sleeps, and by nobody whom it does not name", async () => {
		const { world, pages } = await swarm(2, 52);
		const [owner, other] = [at(pages, first), at(pages, second)];
		const [open, own] = [
			await world.settle(owner.node.swarm.admission.invite({})),
			await world.settle(owner.node.swarm.admission.invite({ delegates: [] })),
		];
		await world.clock.run(3_000);
		owner.kill();
		const one = await world.open(world.profile("one"));
		await world.settle(one.node.join(open));
		expect(isIn(other, one)).toBe(true);
		const two = await world.open(world.profile("two"));
		expect(await world.settle(two.node.join(own).catch(codeOf))).toBe(
			"nobody-awake",
		);
	});

	it("[M2] never expires where it is to last longer than clocks count", async () => {
		const { world, pages } = await swarm(1, 57);
		const { admission, replica } = at(pages, first).node.swarm;
		for (const expiresInMs of [Number.MAX_SAFE_INTEGER, 1e300]) {
			await world.settle(admission.invite({ expiresInMs }));
			const last = replica.membership().invites.at(-1);
			expect(last?.expires).toBe(Number.MAX_SAFE_INTEGER);
		}
	});

	it("[L8] costs those who wait to answer it no connections", async () => {
		const { world, pages } = await swarm(3, 55);
		const opened = () => pages.map(({ node }) => node.status().connections);
		await world.settle(at(pages, second).node.swarm.admission.invite({}));
		await world.clock.run(1_000);
		const before = opened();
		await world.clock.run(120_000);
		expect(opened()).toEqual(before);
	});

	it("[L8] goes on waiting for a joiner that is gone, and dials it no more", async () => {
		const { world, pages } = await swarm(2, 56);
		const [owner, gone] = [at(pages, first), at(pages, second)];
		gone.kill();
		await world.clock.run(150_000);
		const before = owner.node.status().connections;
		await world.clock.run(300_000);
		expect(owner.node.status().connections).toBe(before);
		const again = await world.open(gone.profile);
		expect(await world.clock.until(() => isLinked([owner, again]), 5_000)).toBe(
			true,
		);
	});

	it("[M2] gives the role that it names, and none above its issuer's", async () => {
		const { world, pages } = await swarm(2, 53);
		const [owner, member] = [at(pages, first), at(pages, second)];
		const asked = async (by: SimPage, role: "owner" | "admin" | "guest") =>
			world.settle(by.node.swarm.admission.invite({ role }));
		await expect(asked(member, "admin")).rejects.toMatchObject({
			code: "not-allowed",
		});
		const guest = await world.open(world.profile("guest"));
		await world.settle(guest.node.join(await asked(owner, "guest")));
		const roles = owner.node.swarm.presence.members().map(({ role }) => role);
		expect(roles.sort()).toEqual(["guest", "member", "owner"]);
		await expect(asked(guest, "guest")).rejects.toMatchObject({
			code: "not-allowed",
		});
	});

	it("[M2] is not taken for answered by somebody who found the link", async () => {
		const { world, pages } = await swarm(1, 54);
		const owner = at(pages, first);
		const url = await world.settle(owner.node.swarm.admission.invite({}));
		owner.kill();
		const liar = await world.open(world.profile("liar"));
		const meeting = meetBy(world, liar, url, {
			onMessage: ({ say }) =>
				void say(
					encodeJoinMessage({
						kind: "admitted",
						epoch: 0,
						secret: new Uint8Array(32),
						name: "Trap",
					}),
				),
		});
		const guest = await world.open(world.profile("guest"));
		const before = guest.node.me().swarm;
		guest.node.join(url).catch(() => undefined);
		await world.clock.run(60_000);
		expect(guest.node.me().swarm).toBe(before);
		meeting.stop();
		const again = await world.open(owner.profile);
		expect(
			await world.clock.until(() => isLinked([again, guest]), 40_000),
		).toBe(true);
	});
});
