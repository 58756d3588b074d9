import { describe, expect, it } from "vitest";
import { isLinked, SwarmWorld } from "./world/swarm.ts";

/** A frame of the control channel that asks to be greeted anew. */
const isAnew = (channel: string, frame: Uint8Array): boolean =>
	channel === "control" && frame.length === 18 && frame[1] === 8;

describe("handing a connection over", () => {
	it("[L3.1] dials who comes again by the invite that it was handed over by", async () => {
		const world = new SwarmWorld(65);
		const host = await world.open(world.profile("host"));
		const { invite } = await world.settle(host.node.createSwarm());
		// Who is no admin begins no epoch: its invite holds on when somebody leaves.
		const member = await world.open(world.profile("member"), invite);
		const pages = [host, member];
		expect(await world.clock.until(() => isLinked(pages), 5_000)).toBe(true);
		await world.clock.run(3_000);
		host.kill();
		const { admission } = member.node.swarm;
		const link = await world.settle(admission.invite({ uses: 5 }));
		const guest = await world.open(world.profile("guest"), link);
		expect(member.node.me().peer < guest.node.me().peer).toBe(true);
		const isIn = () => isLinked([member, guest]);
		expect(await world.clock.until(isIn, 30_000)).toBe(true);
		await world.clock.run(3_000);
		await world.settle(guest.node.leave());
		world.network.canDial = false;
		guest.node.join(link).catch(() => undefined);
		// A dial takes 10 s to fail.
		await world.clock.run(13_000);
		world.network.canDial = true;
		expect(await world.clock.until(isIn, 20_000)).toBe(true);
	});

	it("[L3.1] joins where the connection falls mute while it is handed over, and says no longer that it joins", async () => {
		const world = new SwarmWorld(43);
		const host = await world.open(world.profile("host"));
		const { invite } = await world.settle(host.node.createSwarm());
		let asked = 0;
		world.network.carries = (channel, frame) => {
			if (!isAnew(channel, frame) || ++asked !== 2) return true;
			for (const transport of world.network.live) transport.isMute = true;
			return false;
		};
		const guest = await world.open(world.profile("guest"), invite);
		const pages = [host, guest];
		expect(await world.clock.until(() => isLinked(pages), 20_000)).toBe(true);
		const isIn = () => guest.node.swarm.isMember;
		expect(await world.clock.until(isIn, 5_000)).toBe(true);
		await world.clock.run(1_000);
		expect(guest.node.status().joining).toBe(null);
	});
});
