import { describe, expect, it } from "vitest";
import { ownLinks } from "../../../src/mesh/uplink.ts";
import {
	UPLINK_PATIENCE_MS,
	UPLINK_STEAL_MS,
} from "../../../src/wire/constants.ts";
import {
	isFullMesh,
	meshWorld,
	type TestPage,
} from "../../helpers/mesh-world.ts";
import { PageClock } from "../../sim/world/clock.ts";
import { Locks } from "../../sim/world/locks.ts";

/** A laptop with tabs that were opened one after the other, a phone and a tablet. */
async function devices(tabs: number) {
	const world = await meshWorld();
	const locks = new Locks(world.clock, (host, task) =>
		world.network.arrive(host, task),
	);
	const phone = await world.open("phone");
	const tablet = await world.open("tablet");
	const laptop: (TestPage & { clock: PageClock })[] = [];
	const all = (): TestPage[] => [phone, tablet, ...laptop];
	let opened = 0;
	const open = async (isVisible: boolean): Promise<void> => {
		const host = `laptop-${opened++}`;
		const clock = new PageClock(world.clock);
		const page = await world.open(host, "laptop", {
			clock,
			uplink: locks.port(host, () => isVisible),
		});
		laptop.push({ ...page, clock });
		expect(await world.clock.until(() => isFullMesh(all()), 6000)).toBe(true);
	};
	for (let i = 0; i < tabs; i++) await open(i === 0 || i === tabs - 1);
	/** The laptop's direct links to other devices, by tab. */
	const direct = (): number[] =>
		laptop.map(
			({ mesh }) => mesh.peers().filter(({ via }) => via === "rtc").length,
		);
	const close = (page: TestPage): void => {
		page.mesh.stop();
		world.network.crash(page.host);
		locks.release(page.host);
		laptop.splice(
			laptop.findIndex(({ peer }) => peer === page.peer),
			1,
		);
	};
	/** Its timers stop, it hears nothing, and it holds its locks. */
	const freeze = (page: TestPage & { clock: PageClock }): void => {
		page.clock.freeze();
		world.network.sleep(page.host);
	};
	const thaw = (page: TestPage & { clock: PageClock }): void => {
		page.clock.thaw();
		world.network.wake(page.host);
	};
	const first = (): TestPage & { clock: PageClock } => {
		const [page] = laptop;
		if (page === undefined) throw new Error("no tab");
		return page;
	};
	/** Every page left answers every tab left. */
	const allAnswer = async (limitMs: number): Promise<boolean> => {
		const missing = new Set<string>();
		for (const from of laptop)
			for (const to of all()) {
				if (from.peer === to.peer) continue;
				const name = `${from.host} ${to.host}`;
				missing.add(name);
				void from.mesh.messenger
					.request(to.peer, "ping", null, { timeoutMs: limitMs })
					.then(() => missing.delete(name))
					.catch(() => undefined);
			}
		return world.clock.until(() => missing.size === 0, limitMs);
	};
	return {
		...{ world, laptop, phone, tablet, direct, close, freeze, thaw },
		...{ first, allAnswer, open },
	};
}

describe("one uplink a profile", () => {
	it("[L7] links with all devices, a standby with one, the others through them", async () => {
		const { world, direct, allAnswer } = await devices(4);
		await world.clock.run(20_000);
		expect(direct()).toEqual([2, 1, 0, 0]);
		expect(await allAnswer(1000)).toBe(true);
		// Nothing is dialled over and over.
		const before = world.network.connections;
		await world.clock.run(120_000);
		expect(world.network.connections).toBe(before);
	});

	it.each([true, false])(
		"[L7] its siblings are back with every device within 6 s when it is closed, the relay there: %s",
		async (isRelayUp) => {
			const { world, close, first, allAnswer, direct } = await devices(3);
			await world.clock.run(20_000);
			world.network.relay.set(isRelayUp);
			close(first());
			expect(await allAnswer(6000)).toBe(true);
			await world.clock.run(20_000);
			expect(direct()).toEqual([2, 1]);
		},
	);

	it.each([true, false])(
		"[L7] its siblings are back with every device within 6 s when it is frozen, the relay there: %s",
		async (isRelayUp) => {
			const { world, laptop, freeze, thaw, first, allAnswer, ...rest } =
				await devices(3);
			await world.clock.run(20_000);
			world.network.relay.set(isRelayUp);
			const frozen = first();
			freeze(frozen);
			laptop.shift();
			expect(await allAnswer(6000)).toBe(true);
			await world.clock.run(20_000);
			expect(rest.direct()).toContain(2);
			// Thawed, it takes its place among the others.
			laptop.push(frozen);
			thaw(frozen);
			await world.clock.run(30_000);
			expect(await allAnswer(2000)).toBe(true);
			expect(rest.direct().toSorted()).toEqual([0, 1, 2]);
		},
	);

	it("[L7] a tab that opens beside a frozen one takes its place", async () => {
		const { world, freeze, first, laptop, open, direct, allAnswer } =
			await devices(1);
		freeze(first());
		await world.clock.run(10_000);
		laptop.shift();
		await open(true);
		expect(await allAnswer(1000)).toBe(true);
		expect(direct()).toEqual([2]);
	});
});

describe("the links of a tab's own", () => {
	it("[L7] are all while it is the uplink, or none answers for a while", () => {
		expect(ownLinks("uplink", false, undefined)).toBe("all");
		expect(ownLinks("standby", true, undefined)).toBe("one");
		expect(ownLinks("nothing", true, undefined)).toBe("none");
		expect(ownLinks("nothing", true, UPLINK_PATIENCE_MS)).toBe("all");
		expect(ownLinks("standby", true, UPLINK_PATIENCE_MS - 1)).toBe("one");
		expect(ownLinks("nothing", false, UPLINK_PATIENCE_MS)).toBe("none");
		expect(
			ownLinks("nothing", false, UPLINK_PATIENCE_MS + UPLINK_STEAL_MS),
		).toBe("all");
	});
});
