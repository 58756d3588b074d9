import { describe, expect, it } from "vitest";
import { relayKeys } from "../../../src/identity/epoch.ts";
import { openRelay, sealRelay } from "../../../src/identity/seal.ts";
import {
	decodeRelayMessage,
	encodeRelayMessage,
} from "../../../src/mesh/relay-messages.ts";
import { equalBytes } from "../../../src/wire/bytes.ts";
import { isFullMesh, meshWorld, SWARM } from "../../helpers/mesh-world.ts";

describe("mesh", () => {
	it("[L6] links every page with every other, tabs over the tab channel and devices over WebRTC", async () => {
		const world = await meshWorld();
		const laptop = await world.open("laptop");
		const second = await world.open("laptop-2", "laptop");
		const phone = await world.open("phone");
		const tablet = await world.open("tablet");
		const pages = [laptop, second, phone, tablet];
		expect(await world.clock.until(() => isFullMesh(pages), 5000)).toBe(true);
		const via = new Map(laptop.mesh.peers().map((p) => [p.peer, p.via]));
		expect(via.get(second.peer)).toBe("tab");
		expect(via.get(phone.peer)).toBe("rtc");
	});

	it("answers a ping with pong, and gives errors of the other end their code", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const pong = a.mesh.messenger.request(b.peer, "ping");
		await world.clock.run(200);
		expect(await pong).toBe("pong");
		const nothing = a.mesh.messenger.request(b.peer, "nothing");
		const caught = nothing.catch((error: unknown) => error);
		await world.clock.run(200);
		expect(await caught).toMatchObject({ code: "no-such-method" });
		await expect(
			a.mesh.messenger.request("0".repeat(64), "ping"),
		).rejects.toMatchObject({ code: "no-such-peer" });
	});

	it("[E5] shares one envelope among all messages of a turn", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const before = world.network.sent.control;
		const answers = Promise.all(
			Array.from({ length: 50 }, () =>
				a.mesh.messenger.request(b.peer, "ping"),
			),
		);
		await world.clock.run(150);
		expect(await answers).toEqual(Array(50).fill("pong"));
		expect(world.network.sent.control - before).toBeLessThan(10);
	});

	it("[A4] delivers events by topic pattern, with a W3C trace context", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const heard: unknown[] = [];
		b.mesh.messenger.subscribe("research_*", (event) => heard.push(event));
		a.mesh.messenger.publish("research_plan", { n: 1 });
		a.mesh.messenger.publish("draft.new", { n: 2 });
		await world.clock.run(200);
		expect(heard).toEqual([
			expect.objectContaining({
				topic: "research_plan",
				data: { n: 1 },
				from: a.peer,
				traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
			}),
		]);
	});

	it("[L5] takes silence for death, links again after healing, and answers a waiting request once", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		let calls = 0;
		b.mesh.messenger.handle("count", () => ++calls);
		world.network.cut("a", "b");
		const counted = a.mesh.messenger.request(b.peer, "count", null, {
			timeoutMs: 60_000,
		});
		await world.clock.run(9000);
		expect(a.mesh.peers()).toEqual([]);
		expect(b.mesh.peers()).toEqual([]);
		world.network.cut("a", "b", false);
		await world.clock.run(30_000);
		expect(await counted).toBe(1);
		expect(calls).toBe(1);
	});

	it("[L5] replaces a link that falls silent before it is given up", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		let calls = 0;
		b.mesh.messenger.handle("count", () => ++calls);
		world.network.mute("a", "b");
		const counted = a.mesh.messenger.request(b.peer, "count");
		// Twice the silence that is allowed would be too late: nobody was ever without the other.
		await world.clock.run(4500);
		expect(await counted).toBe(1);
		expect(calls).toBe(1);
		expect(isFullMesh([a, b])).toBe(true);
	});

	it("[L5] dials anew at once after a sleep, and harms no link where it was none", async () => {
		const world = await meshWorld();
		const pages = [await world.open("a"), await world.open("b")];
		// The one that dials: the other one could only ask for it, and not be believed while a link seems to live.
		const [a, b] = pages.sort((x, y) => (x.peer < y.peer ? -1 : 1));
		if (a === undefined || b === undefined) throw new Error("no pages");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const answers: unknown[] = [];
		const ask = (timeoutMs: number): void => {
			a.mesh.messenger
				.request(b.peer, "ping", null, { timeoutMs })
				.then((pong) => answers.push(pong))
				.catch((error: unknown) => answers.push(error));
		};
		world.network.mute("a", "b");
		a.mesh.slept();
		ask(1000);
		await world.clock.run(1000);
		expect(answers).toEqual(["pong"]);
		await world.clock.run(5000);
		a.mesh.slept();
		b.mesh.slept();
		for (let i = 0; i < 100; i++) {
			ask(1000);
			await world.clock.run(100);
			expect(isFullMesh([a, b])).toBe(true);
		}
		await world.clock.run(1000);
		expect(answers).toEqual(Array(101).fill("pong"));
	});

	it("[L7] tabs whose link was closed are linked again at once", async () => {
		const world = await meshWorld();
		const a = await world.open("a-1", "a");
		const b = await world.open("a-2", "a");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		a.mesh.offend(b.peer, "malformed");
		await world.clock.run(10);
		expect(b.mesh.peers()).toEqual([]);
		expect(await world.clock.until(() => isFullMesh([a, b]), 1000)).toBe(true);
	});

	it("[L5] hears a bye at once", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		b.mesh.stop();
		await world.clock.run(100);
		expect(a.log).toContain(`left ${b.peer.slice(0, 4)}`);
	});

	it("[L4] carries messages of many frames whole, in order and once", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const big = world.random.bytes(1_500_000);
		const sending = Promise.all([
			a.mesh.sendState(b.peer, big),
			a.mesh.sendState(b.peer, new Uint8Array([1, 2, 3])),
		]);
		await world.clock.run(3000);
		await sending;
		expect(b.state.map(({ bytes }) => bytes.length)).toEqual([big.length, 3]);
		expect(equalBytes(b.state[0]?.bytes ?? new Uint8Array(), big)).toBe(true);
	});

	it("keeps linked pages together with the relay gone, and lets them meet after it is back", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		world.network.relay.set(false);
		const c = await world.open("c");
		await world.clock.run(60_000);
		expect(isFullMesh([a, b])).toBe(true);
		expect(c.mesh.peers()).toEqual([]);
		world.network.relay.set(true);
		expect(await world.clock.until(() => isFullMesh([a, b, c]), 15_000)).toBe(
			true,
		);
	});

	it("[L3] gives no link to who is not admitted, and sends it nothing but the hello", async () => {
		const world = await meshWorld();
		const a = await world.open("a", "a", { admit: async () => false });
		const b = await world.open("b");
		await world.clock.run(3000);
		expect(a.mesh.peers()).toEqual([]);
		expect(b.mesh.peers()).toEqual([]);
		expect(b.state).toEqual([]);
	});

	it("[L3] gives a relay that holds the secret and rewrites signals no link", async () => {
		const world = await meshWorld();
		const keys = relayKeys({
			swarm: SWARM,
			number: 0,
			secret: new Uint8Array(32).fill(7),
		});
		let rewritten = 0;
		world.network.relay.tamper = (topic, from, sealed) => {
			const plain = openRelay(keys.key, topic, from, topic, sealed);
			const message = plain && decodeRelayMessage(plain);
			if (message?.kind !== "signal") return sealed;
			rewritten++;
			const data = message.data.replace(/print-of-/, "print-of-the-middle-");
			return sealRelay(
				keys.key,
				topic,
				from,
				topic,
				encodeRelayMessage({ ...message, data }),
				world.random,
			);
		};
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.run(20_000);
		expect(rewritten).toBeGreaterThan(0);
		expect(a.mesh.peers()).toEqual([]);
		expect(b.mesh.peers()).toEqual([]);
	});

	it("[L3] loses no link over what a relay says in a page's name", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const keys = relayKeys({
			swarm: SWARM,
			number: 0,
			secret: new Uint8Array(32).fill(7),
		});
		for (const [from, to] of [
			[a, b],
			[b, a],
		] as const) {
			const topic = keys.peerTopic(to.peer);
			const address = keys.peerTopic(from.peer);
			const message = encodeRelayMessage({
				kind: "here",
				from: from.peer,
				device: "did:key:zReplayed",
				boot: "another life",
				direct: true,
			});
			world.network.relay.publish(
				topic,
				address,
				sealRelay(keys.key, topic, address, topic, message, world.random),
			);
		}
		for (let i = 0; i < 100; i++) {
			await world.clock.run(50);
			expect(isFullMesh([a, b])).toBe(true);
		}
	});

	it("[L3] shows the relay no name, no device and no signal in clear", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		expect(world.network.relay.passed.length).toBeGreaterThan(3);
		for (const { topic, from, sealed } of world.network.relay.passed) {
			const all = `${topic} ${from} ${new TextDecoder("latin1").decode(sealed)}`;
			expect(all).not.toMatch(/offer|answer|did:key|print-of/);
			for (const { peer } of [a, b]) expect(all).not.toContain(peer);
		}
	});

	it.each(["offer", "answer"])(
		"[L5] says a lost %s again before the attempt fails, and what comes late of it begins nothing",
		async (lost) => {
			const world = await meshWorld();
			const keys = relayKeys({
				swarm: SWARM,
				number: 0,
				secret: new Uint8Array(32).fill(7),
			});
			const { relay } = world.network;
			const attempts = new Set<string>();
			let kept: (() => void) | undefined;
			relay.tamper = (topic, from, sealed) => {
				const plain = openRelay(keys.key, topic, from, topic, sealed);
				const message = plain && decodeRelayMessage(plain);
				if (message?.kind !== "signal") return sealed;
				attempts.add(message.attempt);
				if (kept !== undefined || !message.data.startsWith(lost)) return sealed;
				kept = () => relay.publish(topic, from, sealed);
				return undefined;
			};
			const a = await world.open("a");
			const b = await world.open("b");
			expect(await world.clock.until(() => isFullMesh([a, b]), 3000)).toBe(
				true,
			);
			const count = world.network.connections;
			kept?.();
			await world.clock.run(1000);
			expect(attempts.size).toBe(1);
			expect(world.network.connections).toBe(count);
		},
	);

	it("survives the loss of a third of all relay messages", async () => {
		const world = await meshWorld(5);
		world.network.faults.relayLoss = 0.3;
		const pages = await Promise.all(
			["a", "b", "c", "d", "e"].map((host) => world.open(host)),
		);
		expect(await world.clock.until(() => isFullMesh(pages), 120_000)).toBe(
			true,
		);
	});
});
