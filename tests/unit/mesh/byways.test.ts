import { describe, expect, it } from "vitest";
import { BYE_FRAME } from "../../../src/mesh/link.ts";
import { equalBytes, toHex, utf8 } from "../../../src/wire/bytes.ts";
import {
	isFullMesh,
	meshWorld,
	type TestPage,
} from "../../helpers/mesh-world.ts";

type World = Awaited<ReturnType<typeof meshWorld>>;

const viaTo = (page: TestPage, other: TestPage): string | undefined =>
	page.mesh.peers().find(({ peer }) => peer === other.peer)?.via;

const areVia = (via: string, a: TestPage, b: TestPage): boolean =>
	viaTo(a, b) === via && viaTo(b, a) === via;

/** Pages in a row: only neighbours can connect. */
async function row(world: World, hosts: readonly string[]) {
	for (const [i, a] of hosts.entries())
		for (const b of hosts.slice(i + 2)) world.network.cut(a, b);
	return Promise.all(hosts.map((host) => world.open(host)));
}

const three = async (world: World) => {
	const [a, x, b] = await row(world, ["a", "x", "b"]);
	if (a === undefined || x === undefined || b === undefined) throw new Error();
	expect(await world.clock.until(() => areVia("forwarded", a, b), 15_000)).toBe(
		true,
	);
	return { a, x, b };
};

describe("pages reached through other pages", () => {
	it("[L3] link directly through them when the relay is gone", async () => {
		const world = await meshWorld();
		const { a, x, b } = await three(world);
		world.network.relay.set(false);
		world.network.healAll();
		expect(await world.clock.until(() => areVia("rtc", a, b), 60_000)).toBe(
			true,
		);
		expect(isFullMesh([a, x, b])).toBe(true);
	});

	it("[L7] a new tab of a linked device is back with every device, the relay being dead", async () => {
		const world = await meshWorld();
		const laptop = await world.open("laptop");
		const phone = await world.open("phone");
		const tablet = await world.open("tablet");
		await world.clock.until(() => isFullMesh([laptop, phone, tablet]), 5000);
		world.network.relay.set(false);
		const tab = await world.open("laptop-2", "laptop");
		const all = [laptop, phone, tablet, tab];
		expect(await world.clock.until(() => isFullMesh(all), 6000)).toBe(true);
		expect(
			await world.clock.until(
				() => areVia("rtc", tab, phone) && areVia("rtc", tab, tablet),
				6000,
			),
		).toBe(true);
	});

	it("[L6] are linked through them for as long as no direct link is possible", async () => {
		const world = await meshWorld();
		const { a, b } = await three(world);
		await world.clock.run(120_000);
		expect(areVia("forwarded", a, b)).toBe(true);
		const pong = a.mesh.messenger.request(b.peer, "ping");
		await world.clock.run(500);
		expect(await pong).toBe("pong");
		const big = world.random.bytes(1_500_000);
		const sending = Promise.all([
			a.mesh.sendState(b.peer, big),
			a.mesh.sendState(b.peer, Uint8Array.of(1)),
			a.mesh.sendBulk(b.peer, big),
		]);
		await world.clock.run(10_000);
		await sending;
		expect(b.state.map(({ bytes }) => bytes.length)).toEqual([big.length, 1]);
		for (const { bytes } of [b.state[0], b.bulk[0]].filter(
			(m) => m !== undefined,
		))
			expect(equalBytes(bytes, big)).toBe(true);
		expect(b.bulk).toHaveLength(1);
	});

	it("[L6] say nothing that those who carry it can read", async () => {
		const world = await meshWorld();
		const { a, b } = await three(world);
		const secret = "what only the two of them know";
		let carried = 0;
		world.network.onFrame = (_from, to, _channel, frame) => {
			if (to !== "x") return;
			carried += frame.length;
			expect(toHex(frame)).not.toContain(toHex(utf8(secret)));
		};
		b.mesh.messenger.handle("echo", (params) => params);
		const echo = a.mesh.messenger.request(b.peer, "echo", secret);
		const sent = a.mesh.sendState(b.peer, utf8(secret.repeat(1000)));
		await world.clock.run(2000);
		expect(await echo).toBe(secret);
		await sent;
		expect(b.state).toHaveLength(1);
		expect(carried).toBeGreaterThan(secret.length * 1000);
	});

	it("[L6] may be so many pages away, and no more", async () => {
		const world = await meshWorld();
		const pages = await row(world, ["a", "b", "c", "d", "e", "f"]);
		const [a, , , , e, f] = pages;
		if (a === undefined || e === undefined || f === undefined)
			throw new Error();
		expect(
			await world.clock.until(() => areVia("forwarded", a, e), 30_000),
		).toBe(true);
		await world.clock.run(30_000);
		expect(viaTo(a, f)).toBeUndefined();
		const pong = a.mesh.messenger.request(e.peer, "ping");
		await world.clock.run(1000);
		expect(await pong).toBe("pong");
	});

	it.each(["x", "y"])(
		"[L6] go by another page when %s is gone; a request under way is answered once",
		async (lost) => {
			const world = await meshWorld();
			world.network.cut("a", "b");
			const hosts = ["a", "b", "x", "y"];
			const pages = await Promise.all(hosts.map((host) => world.open(host)));
			const [a, b] = pages;
			if (a === undefined || b === undefined) throw new Error();
			await world.clock.until(() => isFullMesh(pages), 15_000);
			let calls = 0;
			b.mesh.messenger.handle("count", () => ++calls);
			world.network.crash(lost);
			let answer: unknown;
			void a.mesh.messenger
				.request(b.peer, "count", null, { timeoutMs: 60_000 })
				.then((count) => {
					answer = count;
				});
			expect(await world.clock.until(() => answer === 1, 10_000)).toBe(true);
			await world.clock.run(10_000);
			expect(areVia("forwarded", a, b)).toBe(true);
			expect(calls).toBe(1);
		},
	);

	it("[L5] keep their messages over the change to a direct link and back", async () => {
		const world = await meshWorld();
		const { a, b } = await three(world);
		let calls = 0;
		b.mesh.messenger.handle("count", () => ++calls);
		const answers: Promise<unknown>[] = [];
		const steps = [
			() => world.network.cut("a", "b", false),
			() => world.network.cut("a", "b"),
		];
		for (const step of steps) {
			step();
			for (let i = 0; i < 100; i++) {
				answers.push(
					a.mesh.messenger.request(b.peer, "count", null, {
						timeoutMs: 60_000,
					}),
				);
				await world.clock.run(400);
				expect(viaTo(a, b)).toBeDefined();
			}
			if (step === steps[0]) expect(areVia("rtc", a, b)).toBe(true);
		}
		expect(areVia("forwarded", a, b)).toBe(true);
		await Promise.all(answers);
		expect(calls).toBe(200);
	});

	it("[L5] are heard to leave at once, though who goes can only tell the page that carries for it", async () => {
		const world = await meshWorld();
		const { a, b } = await three(world);
		for (const transport of world.network.live)
			if (transport.host === "b") transport.send("control", BYE_FRAME);
		world.network.crash("b");
		await world.clock.run(200);
		expect(a.log).toContain(`left ${b.peer.slice(0, 4)}`);
		expect(viaTo(a, b)).toBeUndefined();
	});

	it("[M1] are not carried for when they were removed, nor linked to through pages that do not know yet", async () => {
		const world = await meshWorld();
		const { a, x, b } = await three(world);
		const deviceOf = (page: TestPage): string =>
			x.mesh.peers().find(({ peer }) => peer === page.peer)?.device ?? "";
		const removed = deviceOf(a);
		x.mesh.expel(removed);
		await world.clock.run(500);
		expect(viaTo(b, a)).toBeUndefined();
		const second = await meshWorld(2);
		const again = await three(second);
		again.b.mesh.expel(
			again.x.mesh.peers().find(({ peer }) => peer === again.a.peer)?.device ??
				"",
		);
		expect(viaTo(again.b, again.a)).toBeUndefined();
	});
});
