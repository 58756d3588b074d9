/** Entries that a member forges: honest peers stay equal and unharmed (S3, S4, Y7-Y11). */
import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import {
	decodeEntry,
	type EntryFields,
	signEntry,
} from "../../../src/replica/entry.ts";
import { encodeSync } from "../../../src/replica/sync-messages.ts";
import { SWARM_SPACE } from "../../../src/wire/ids.ts";
import {
	HOSTILE_UPDATES,
	oneSet,
	update,
} from "../../helpers/hostile-updates.ts";
import {
	factsOf,
	type Page,
	put,
	replicaWorld,
	type World,
} from "../../helpers/replica-world.ts";
import { flipped } from "../identity/fixtures.ts";

const SPACE = "memory:test";

let world: World;
let one: Page;
let two: Page;
/** A member with a key of its own, that says what it likes. */
let mallory: Page;

beforeEach(async () => {
	world = await replicaWorld();
	one = world.founder;
	two = await world.member();
	mallory = await world.member();
	world.mesh(one, two, mallory);
	await world.clock.run(4_000);
	await put(world, one, SPACE, { mine: 1 });
	await put(world, mallory, SPACE, { first: 1 });
	await world.clock.run(4_000);
});

/** The signed bytes of the last entry of Mallory's log. */
async function lastOf(space: string): Promise<Uint8Array | undefined> {
	const rows = await mallory.store.load(world.swarm, space);
	return rows.filter(({ session }) => session === mallory.peer).at(-1)?.bytes;
}

/** Signs an entry that continues Mallory's log. */
async function forge(
	body: Uint8Array,
	override: Partial<EntryFields> = {},
): Promise<Uint8Array> {
	const space = override.space ?? SPACE;
	const last = await lastOf(space);
	const before = last === undefined ? undefined : decodeEntry(last);
	return signEntry(mallory.signer, world.swarm, {
		space,
		seq: before === undefined ? 0 : before.seq + 1,
		prev: before?.hash ?? null,
		kind: "update",
		body,
		...(before === undefined && { cert: mallory.certificate }),
		...override,
	});
}

/** Sends bytes to both honest peers, as Mallory's link would. */
async function send(...entries: Uint8Array[]): Promise<void> {
	const message = encodeSync({ kind: "entries", entries });
	await Promise.all(
		[one, two].map(({ replica }) => replica.receive(mallory.peer, message)),
	);
	await world.clock.run(3_000);
}

async function corner(): Promise<Uint8Array> {
	const bytes = await lastOf(SPACE);
	if (bytes === undefined) throw new Error("no entry");
	return decodeEntry(bytes).body;
}

function expectUnharmed(): void {
	for (const page of [one, two]) {
		expect(factsOf(page, SPACE)).toEqual({
			[`${one.peer.slice(0, 8)} mine`]: 1,
			[`${mallory.peer.slice(0, 8)} first`]: 1,
		});
		expect(page.replica.headsDigest(SPACE)).toBe(
			one.replica.headsDigest(SPACE),
		);
	}
}

/** Everybody else goes on working with each other. */
async function expectWorking(): Promise<void> {
	await put(world, two, SPACE, { after: 2 });
	await world.clock.run(3_000);
	expect(factsOf(one, SPACE)).toEqual(factsOf(two, SPACE));
	expect(Object.keys(factsOf(one, SPACE))).toHaveLength(3);
	const again = await world.reopen(one);
	expect(factsOf(again, SPACE)).toEqual(factsOf(two, SPACE));
}

describe("forged updates", () => {
	it.each(HOSTILE_UPDATES)(
		"[S3] refuses %s without a trace",
		async (_, make) => {
			await send(await forge(make(await corner(), world.random)));
			expectUnharmed();
			for (const { offences } of [one, two])
				expect(offences).toEqual([{ peer: mallory.peer, code: "malformed" }]);
			await expectWorking();
		},
	);

	it("[T1] refuses to overwrite a record of a job", async () => {
		await put(world, mallory, "job:j", { "result/1": "good" });
		await world.clock.run(3_000);
		const row = await lastOf("job:j");
		if (row === undefined) throw new Error("no entry");
		const overwrite = update(
			(map) => map().set("result/1", "evil"),
			1,
			decodeEntry(row).body,
		);
		await send(await forge(overwrite, { space: "job:j" }));
		for (const { replica } of [one, two])
			expect(replica.facts("job:j").map(({ value }) => value)).toEqual([
				"good",
			]);
	});

	it("takes a well-made update of the same member", async () => {
		await send(
			await forge(update((map) => map().set("first", 2), 1, await corner())),
		);
		for (const page of [one, two])
			expect(Object.values(factsOf(page, SPACE)).sort()).toEqual([1, 2]);
	});
});

describe("forged entries", () => {
	const good = async (): Promise<Uint8Array> => oneSet(await corner());

	it("[E2] refuses an entry with any byte flipped, everywhere", async () => {
		const bytes = await forge(await good());
		for (let bit = 0; bit < bytes.length * 8; bit += 11) {
			const message = encodeSync({
				kind: "entries",
				entries: [flipped(bytes, bit)],
			});
			await one.replica.receive(mallory.peer, message);
			await two.replica.receive(mallory.peer, message);
			expect(one.offences.length).toBeGreaterThan(0);
			expect(two.offences.length).toBe(one.offences.length);
			one.offences.splice(0);
			two.offences.splice(0);
		}
		expectUnharmed();
		await send(bytes);
		expect(Object.keys(factsOf(one, SPACE))).toHaveLength(3);
	}, 20_000);

	it("[E3] works in what stands before a bad signature, and nothing after it", async () => {
		const doc = new Y.Doc();
		doc.clientID = 1;
		const updates: Uint8Array[] = [];
		doc.on("update", (bytes: Uint8Array) => updates.push(bytes));
		for (let n = 0; n < 150; n++) doc.getMap("facts").set(`${n}`, n);
		const entries: Uint8Array[] = [];
		for (const [seq, body] of updates.entries()) {
			const before = entries.at(-1);
			entries.push(
				await signEntry(mallory.signer, world.swarm, {
					space: "memory:long",
					seq,
					prev: before === undefined ? null : decodeEntry(before).hash,
					kind: "update",
					body,
					...(seq === 0 && { cert: mallory.certificate }),
				}),
			);
		}
		const bad = entries.map((bytes, n) =>
			n === 100 ? flipped(bytes, bytes.length * 8 - 1) : bytes,
		);
		await send(...bad);
		for (const { replica, offences } of [one, two]) {
			expect(replica.facts("memory:long")).toHaveLength(100);
			expect(offences).toEqual([{ peer: mallory.peer, code: "bad-signature" }]);
		}
		await send(...entries);
		for (const { replica } of [one, two])
			expect(replica.facts("memory:long")).toHaveLength(150);
	});

	/** Of a log that forks at its first entry nothing is left, on any peer. */
	async function expectFrozen(): Promise<void> {
		for (const page of [one, two]) {
			expect(page.forks).toEqual([`${SPACE} ${mallory.peer} 0`]);
			expect(page.offences).toEqual([]);
			expect(Object.values(factsOf(page, SPACE))).toEqual([1]);
		}
		await put(world, two, SPACE, { after: 2 });
		await world.clock.run(3_000);
		expect(factsOf(one, SPACE)).toEqual(factsOf(two, SPACE));
		expect(Object.keys(factsOf(one, SPACE))).toHaveLength(2);
		expect(one.replica.headsDigest(SPACE)).toBe(two.replica.headsDigest(SPACE));
	}

	it("[S5] takes neither of two entries at one seq, and reports the fork", async () => {
		const doc = new Y.Doc();
		doc.clientID = 1;
		doc.getMap("facts").set("first", "another");
		const fork = await forge(Y.encodeStateAsUpdate(doc), {
			seq: 0,
			prev: null,
			cert: mallory.certificate,
		});
		await send(fork);
		await expectFrozen();
	});

	it("[S5] does not continue a log on a branch that was not seen", async () => {
		await send(await forge(await good(), { prev: new Uint8Array(32) }));
		await expectFrozen();
	});

	it("[S3] refuses a certificate of another session", async () => {
		const fields = { space: "memory:other", seq: 0, prev: null } as const;
		await send(
			await forge(
				update((map) => map().set("x", 1)),
				{
					...fields,
					cert: two.certificate,
				},
			),
		);
		expect(one.replica.facts("memory:other")).toEqual([]);
		expect(one.offences).toEqual([{ peer: mallory.peer, code: "malformed" }]);
	});

	it("[M1] refuses another genesis, and acts outside of the swarm's space", async () => {
		const genesis = await forge(new Uint8Array(3), {
			space: SWARM_SPACE,
			kind: "genesis",
			seq: 0,
			prev: null,
			cert: mallory.certificate,
		});
		await send(genesis);
		await send(await forge(new Uint8Array(3), { kind: "invite" }));
		await send(await forge(new Uint8Array(3), { kind: "admit" }));
		expectUnharmed();
		expect(one.replica.members()).toHaveLength(3);
		expect(one.offences.length).toBe(3);
	});

	it("[E3] answers nonsense on the channel with an offence, never with an exception", async () => {
		for (const bytes of [
			new Uint8Array(),
			world.random.bytes(100),
			Uint8Array.of(0x81, 0x61, 0x64),
			encodeSync({ kind: "entries", entries: [new Uint8Array(5)] }),
		])
			await one.replica.receive(mallory.peer, bytes);
		expect(one.offences.length).toBe(4);
		expectUnharmed();
	});
});
