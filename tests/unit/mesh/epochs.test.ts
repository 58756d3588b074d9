import { describe, expect, it } from "vitest";
import { openMessages, sealMessages } from "../../../src/mesh/messages.ts";
import {
	EPOCH_GRACE_MS,
	EXPULSION_FLUSH_MS,
	REQUEST_TIMEOUT_MS,
} from "../../../src/wire/constants.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { isFullMesh, meshWorld, SWARM } from "../../helpers/mesh-world.ts";

const next = {
	swarm: SWARM,
	number: 1,
	secret: new Uint8Array(32).fill(9),
};

describe("a new epoch", () => {
	it("[M3] keeps the links there are, and what is said early waits for those who learn late", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		a.mesh.rekey(next);
		let answer: unknown;
		void a.mesh.messenger.request(b.peer, "ping").then((pong) => {
			answer = pong;
		});
		await world.clock.run(1000);
		expect(answer).toBeUndefined();
		b.mesh.rekey(next);
		await world.clock.run(1000);
		expect(answer).toBe("pong");
		expect(a.log.filter((line) => line.startsWith("down"))).toEqual([]);
	});

	it("[M3] understands the epoch before for a while, and then no more", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		a.mesh.rekey(next);
		const heard: unknown[] = [];
		a.mesh.messenger.subscribe("late", ({ data }) => heard.push(data));
		b.mesh.messenger.publish("late", 1);
		await world.clock.run(1000);
		expect(heard).toEqual([1]);
		await world.clock.run(EPOCH_GRACE_MS);
		b.mesh.messenger.publish("late", 2);
		await world.clock.run(1000);
		expect(heard).toEqual([1]);
	});

	it("[M3] is asked for by who missed it for long, and answered", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		for (const { mesh } of [a, b]) {
			mesh.messenger.handle("old", () => "told");
			mesh.messenger.handle("ageless", () => "told", true);
		}
		a.mesh.rekey(next);
		await world.clock.run(EPOCH_GRACE_MS + 1000);
		const answers: unknown[] = [];
		for (const method of ["old", "ageless"])
			b.mesh.messenger.request(a.peer, method).then(
				(answer) => answers.push(answer),
				(error: unknown) => answers.push(codeOf(error)),
			);
		await world.clock.run(REQUEST_TIMEOUT_MS + 1000);
		expect(answers).toEqual(["told", "timeout"]);
	});

	it("[M3] is where pages of it meet; who knows the old secret only meets nobody", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		a.mesh.rekey(next);
		b.mesh.rekey(next);
		await world.clock.run(EPOCH_GRACE_MS + 1000);
		const outsider = await world.open("outsider");
		const member = await world.open("member", "member", { epoch: next });
		expect(
			await world.clock.until(() => isFullMesh([a, b, member]), 15_000),
		).toBe(true);
		expect(outsider.mesh.peers()).toEqual([]);
	});

	it("[M3] a page that is told of it looks there too, and still speaks its own", async () => {
		const world = await meshWorld();
		const a = await world.open("a", "a", { epoch: next });
		const sleeper = await world.open("sleeper");
		await world.clock.run(15_000);
		expect(sleeper.mesh.peers()).toEqual([]);
		sleeper.mesh.meetAlso(next);
		expect(
			await world.clock.until(() => isFullMesh([a, sleeper]), 15_000),
		).toBe(true);
	});

	it("[M1] devices that do not belong to it any more are not heard, and lose their links", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5000);
		const [linked] = a.mesh.peers();
		// What was said before still gets there.
		void a.mesh.sendState(b.peer, new Uint8Array(100_000));
		a.mesh.expel(linked?.device ?? "");
		expect(a.mesh.peers()).toEqual([]);
		void b.mesh.sendState(a.peer, new Uint8Array(10));
		await world.clock.run(EXPULSION_FLUSH_MS / 2);
		expect(b.state.length).toBe(1);
		expect(a.state.length).toBe(0);
		expect(b.mesh.peers().length).toBe(1);
		await world.clock.run(EXPULSION_FLUSH_MS);
		expect(b.log.at(1)).toMatch(/^down/);
	});

	it("[M3] hears who comes where it met before, and does not answer there", async () => {
		const world = await meshWorld();
		const a = await world.open("a");
		a.mesh.rekey(next);
		const again = await world.open("again", "again", {
			epoch: next,
			past: [{ ...next, number: 0, secret: new Uint8Array(32).fill(7) }],
		});
		await world.clock.run(EPOCH_GRACE_MS + 1000);
		const sleeper = await world.open("sleeper");
		await world.clock.run(15_000);
		for (const { log } of [a, again])
			expect(log.some((line) => line.startsWith("behind did:key:"))).toBe(true);
		expect(sleeper.mesh.peers()).toEqual([]);
		expect(sleeper.log).toEqual([]);
	});

	it("[M1] who was removed itself meets nobody any more", async () => {
		const world = await meshWorld();
		const pages = [await world.open("a"), await world.open("b")];
		await world.clock.until(() => isFullMesh(pages), 5000);
		pages[0]?.mesh.withdraw();
		await world.clock.run(60_000);
		for (const { mesh } of pages) expect(mesh.peers()).toEqual([]);
	});

	it("[E2] is bound by the signature of each message", async () => {
		const { suite } = await meshWorld();
		const signer = await suite.open(await suite.generate());
		const message = { id: "1", result: 1, trace: "t" };
		const scope = { swarm: SWARM, epoch: 3 };
		const bytes = await sealMessages(signer, scope, "p", [message]);
		const opened = await openMessages(suite, SWARM, "p", bytes);
		expect(opened.epoch).toBe(3);
		const at = bytes.findIndex(
			(byte, i) =>
				byte === 3 &&
				String.fromCharCode(...bytes.subarray(i - 5, i)) === "epoch",
		);
		expect(at).toBeGreaterThan(0);
		const forged = bytes.with(at, 4);
		await expect(openMessages(suite, SWARM, "p", forged)).rejects.toMatchObject(
			{ code: "bad-signature" },
		);
	});
});
