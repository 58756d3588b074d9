/** Spaces closed for good: what they took is reclaimed, and nothing brings them back (S7). */
import { describe, expect, it } from "vitest";
import { decodeSeal, encodeSeal } from "../../../src/replica/seal.ts";
import { encodeSync } from "../../../src/replica/sync-messages.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { put, replicaWorld, twoReplicas } from "../../helpers/replica-world.ts";

const SPACE = "job:done";

describe("[S7] a sealed space", () => {
	it("is reclaimed on every device, and refuses what comes later", async () => {
		const world = await replicaWorld();
		const owner = world.founder;
		const [two, away] = [await world.member(), await world.member()];
		world.mesh(owner, two, away);
		await world.clock.run(4_000);
		for (const page of [owner, two, away])
			await put(world, page, SPACE, { mine: page.peer });
		await world.clock.run(4_000);
		world.unlink(owner, away);
		world.unlink(two, away);
		const kept = await two.store.load(world.swarm, SPACE);
		const heard: string[] = [];
		two.replica.watch((space) => heard.push(space));
		const sealing = owner.replica.seal(SPACE);
		await world.clock.run(60);
		await sealing;
		await world.clock.run(3_000);
		expect(heard).toContain(SPACE);
		await expect(two.replica.put(SPACE, { more: 1 })).rejects.toMatchObject({
			code: "closed",
		});
		// Who was away wrote on, and tells the others all it has.
		await put(world, away, SPACE, { late: 1 });
		world.mesh(owner, two, away);
		await world.clock.run(30_000);
		await two.replica.receive(
			away.peer,
			encodeSync({ kind: "entries", entries: kept.map(({ bytes }) => bytes) }),
		);
		await world.clock.run(3_000);
		for (const page of [owner, two, away]) {
			expect(page.replica.facts(SPACE)).toEqual([]);
			expect(page.replica.spaces()).toEqual(["swarm"]);
			expect(await page.store.load(world.swarm, SPACE)).toEqual([]);
			expect(page.offences).toEqual([]);
			expect(page.ended).toBe(0);
		}
		const quiet = world.sent.length;
		await world.clock.run(600_000);
		expect(world.sent.length).toBe(quiet);
	});

	it("stays sealed after a reload, with rows left in the store", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1 });
		await world.clock.run(3_000);
		const rows = await other.store.load(world.swarm, SPACE);
		const sealing = one.replica.seal(SPACE);
		await world.clock.run(3_000);
		await sealing;
		await other.store.put(rows);
		const again = await world.reopen(other);
		await world.clock.run(10);
		expect(again.replica.facts(SPACE)).toEqual([]);
		expect(await again.store.load(world.swarm, SPACE)).toEqual([]);
		world.link(again, one);
		await world.clock.run(5_000);
		expect(again.replica.spaces()).toEqual(["swarm"]);
	});

	it("takes no write that was under way when it was sealed", async () => {
		const { world, one } = await twoReplicas();
		const write = one.replica.put(SPACE, { a: 1 }).catch(codeOf);
		const sealing = one.replica.seal(SPACE);
		await world.clock.run(200);
		await sealing;
		await world.clock.run(200);
		// It was said before the seal or refused by it; either way nothing of it is left.
		expect([undefined, "closed"]).toContain(await write);
		expect(await one.store.load(world.swarm, SPACE)).toEqual([]);
		expect(one.replica.facts(SPACE)).toEqual([]);
	});

	it("is sealed by owners and admins alone, and is never the swarm's own", async () => {
		const { world, one, other } = await twoReplicas();
		await put(world, one, SPACE, { a: 1 });
		await expect(other.replica.seal(SPACE)).rejects.toMatchObject({
			code: "not-a-member",
		});
		await expect(one.replica.seal("swarm")).rejects.toMatchObject({
			code: "bad-input",
		});
		// One who writes the act nevertheless changes nothing.
		const act = other.replica.act({ kind: "seal", body: encodeSeal(SPACE) });
		await world.clock.run(5_000);
		await act;
		for (const page of [one, other])
			expect(page.replica.facts(SPACE)).toHaveLength(1);
	});

	it("is named by a seal that is read strictly", () => {
		expect(decodeSeal(encodeSeal("job:x"))).toBe("job:x");
		for (const body of [
			encodeSeal("swarm"),
			encodeCbor({ space: "" }),
			encodeCbor({ space: "x".repeat(201) }),
			encodeCbor({ space: "x", more: 1 }),
			encodeCbor(["x"]),
			Uint8Array.of(0xa1),
			new Uint8Array(),
		])
			expect(() => decodeSeal(body)).toThrow(
				expect.objectContaining({ code: "malformed" }),
			);
	});
});
