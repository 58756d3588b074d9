import { describe, expect, it } from "vitest";
import { isLinked, SwarmWorld } from "./world/swarm.ts";

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
});
