/** A session that tells two histories of one log: the log ends at the fork on every peer, whichever it saw (S5). */
import { describe, expect, it } from "vitest";
import { Corner } from "../../../src/replica/corner.ts";
import {
	decodeEntry,
	type EntryFields,
	signEntry,
} from "../../../src/replica/entry.ts";
import { encodeProof, verifyProof } from "../../../src/replica/fork-proof.ts";
import { createGenesis } from "../../../src/replica/genesis.ts";
import { createMemoryEntryStore } from "../../../src/replica/memory-store.ts";
import { PROOF_SEQ } from "../../../src/replica/store.ts";
import { encodeSync } from "../../../src/replica/sync-messages.ts";
import { EntryVerifier } from "../../../src/replica/verify.ts";
import { codeOf } from "../../../src/wire/error.ts";
import {
	factsOf,
	type Page,
	put,
	replicaWorld,
	type World,
} from "../../helpers/replica-world.ts";
import { flipped } from "../identity/fixtures.ts";

const SPACE = "memory:test";

/** A log of one session with `values.length` entries, each setting `k` to the next value. */
async function history(
	world: World,
	author: Page,
	values: readonly unknown[],
	space = SPACE,
): Promise<Uint8Array[]> {
	const corner = new Corner();
	corner.openForWriting();
	const entries: Uint8Array[] = [];
	let before: EntryFields["prev"] = null;
	for (const [seq, value] of values.entries()) {
		const bytes = await signEntry(author.signer, world.swarm, {
			space,
			seq,
			prev: before,
			kind: "update",
			body: corner.write(new Map([["k", value]])),
			...(seq === 0 && { cert: author.certificate }),
		});
		before = decodeEntry(bytes).hash;
		entries.push(bytes);
	}
	return entries;
}

/** Two histories that are the same up to `shared`. */
async function branches(
	world: World,
	author: Page,
	shared: number,
	lengths: readonly [number, number],
): Promise<[Uint8Array[], Uint8Array[]]> {
	const values = (length: number, name: string): unknown[] =>
		Array.from({ length }, (_, n) => (n < shared ? n : `${name}${n}`));
	return [
		await history(world, author, values(lengths[0], "left")),
		await history(world, author, values(lengths[1], "right")),
	];
}

async function give(
	page: Page,
	from: Page,
	...entries: Uint8Array[]
): Promise<void> {
	await page.replica.receive(
		from.peer,
		encodeSync({ kind: "entries", entries }),
	);
}

/** Three honest members, not linked yet, and one that is not honest. */
async function court(seed = 1) {
	const world = await replicaWorld(seed);
	const honest = [world.founder, await world.member(), await world.member()];
	const mallory = await world.member();
	world.mesh(...honest);
	await world.clock.run(4_000);
	const [one, two, three] = honest;
	if (one === undefined || two === undefined || three === undefined)
		throw new Error("three pages");
	const part = (): void => {
		world.unlink(one, two);
		world.unlink(two, three);
		world.unlink(one, three);
	};
	return { world, honest, one, two, three, mallory, part };
}

function expectSame(honest: readonly Page[], session: Page, seq: number): void {
	const [first] = honest;
	if (first === undefined) throw new Error("no page");
	for (const page of honest) {
		expect(page.forks.at(-1)).toBe(`${SPACE} ${session.peer} ${seq}`);
		expect(page.offences).toEqual([]);
		expect(factsOf(page, SPACE)).toEqual(factsOf(first, SPACE));
		expect(page.replica.headsDigest(SPACE)).toBe(
			first.replica.headsDigest(SPACE),
		);
	}
	expect(Object.values(factsOf(first, SPACE))).toEqual(
		seq === 0 ? [] : [seq - 1],
	);
}

describe("[S5] two histories of one log", () => {
	it.each([
		[0, 1, 1],
		[0, 4, 2],
		[2, 3, 3],
		[2, 9, 3],
		[3, 5, 12],
		[5, 6, 6],
	])(
		"that part at seq %i, of %i and %i entries, end there on all peers",
		async (shared, left, right) => {
			const { world, honest, one, two, mallory, part } = await court();
			part();
			const [a, b] = await branches(world, mallory, shared, [left, right]);
			await give(one, mallory, ...a);
			await give(two, mallory, ...b);
			expect(one.forks).toEqual([]);
			world.mesh(...honest);
			await world.clock.run(60_000);
			expectSame(honest, mallory, shared);
			const quiet = world.sent.length;
			await world.clock.run(600_000);
			expect(world.sent.length).toBe(quiet);
		},
	);

	it("are seen by who has one and hears of the other live, and told to all", async () => {
		const { world, honest, one, mallory } = await court();
		const [a, b] = await branches(world, mallory, 1, [3, 3]);
		await give(one, mallory, ...a);
		await world.clock.run(4_000);
		const since = world.sent.length;
		await give(one, mallory, ...b);
		await world.clock.run(20);
		expectSame(honest, mallory, 1);
		// Each peer passes a proof on once.
		expect(world.count("proof", since)).toBeLessThanOrEqual(6);
	});

	it("grow no more, and a late joiner ends with the same", async () => {
		const { world, honest, one, mallory } = await court();
		const [a, b] = await branches(world, mallory, 2, [4, 3]);
		await give(one, mallory, ...a);
		await give(one, mallory, ...b);
		await world.clock.run(4_000);
		const late = await world.member();
		world.mesh(late, ...honest);
		await give(late, mallory, ...a);
		await world.clock.run(20_000);
		expectSame([...honest, late], mallory, 2);
	});

	it("stay ended after a reload, with the proof in the store", async () => {
		const { world, one, two, three, mallory } = await court();
		const [a, b] = await branches(world, mallory, 2, [4, 3]);
		await give(one, mallory, ...a);
		await give(one, mallory, ...b);
		await world.clock.run(4_000);
		const rows = await two.store.load(world.swarm, SPACE);
		expect(rows.map(({ seq }) => seq)).toEqual([PROOF_SEQ, 0, 1]);
		const again = await world.reopen(two);
		expect(again.damages).toEqual([]);
		await give(again, mallory, ...a);
		expectSame([again, one, three], mallory, 2);
		const late = await world.member();
		world.link(late, again);
		await world.clock.run(20_000);
		expectSame([again, late], mallory, 2);
	});

	it("end at the earliest fork, also where several are found", async () => {
		const { world, honest, one, two, three, mallory, part } = await court();
		part();
		const [a, b] = await branches(world, mallory, 6, [9, 8]);
		const [, c] = await branches(world, mallory, 1, [9, 8]);
		await give(one, mallory, ...a);
		await give(one, mallory, ...b);
		await give(two, mallory, ...a);
		await give(three, mallory, ...c);
		expect(one.forks).toEqual([`${SPACE} ${mallory.peer} 6`]);
		world.mesh(...honest);
		await world.clock.run(60_000);
		expectSame(honest, mallory, 1);
	});

	it("also where one of the two is an entry that nobody accepts", async () => {
		const { world, honest, one, two, mallory, part } = await court();
		part();
		const [a] = await branches(world, mallory, 3, [3, 3]);
		const last = decodeEntry(a.at(-1) ?? new Uint8Array());
		const bad = await signEntry(mallory.signer, world.swarm, {
			space: SPACE,
			seq: 3,
			prev: last.hash,
			kind: "update",
			body: Uint8Array.of(9, 9, 9),
		});
		const [good] = await branches(world, mallory, 5, [5, 5]);
		await give(one, mallory, ...a, bad);
		await give(two, mallory, ...good);
		expect(one.offences.splice(0)).toHaveLength(1);
		world.mesh(...honest);
		await world.clock.run(60_000);
		expectSame(honest, mallory, 3);
	});

	it("cost the own session: it is never written again", async () => {
		const { world, one, two } = await court();
		await put(world, two, SPACE, { a: 1 });
		await world.clock.run(100);
		const twin = await history(world, two, ["another"]);
		await give(one, two, ...twin);
		await world.clock.run(100);
		expect(two.ended).toBe(1);
		expect(one.forks).toEqual([`${SPACE} ${two.peer} 0`]);
		await expect(two.replica.put(SPACE, { b: 1 })).rejects.toMatchObject({
			code: "slot-lost",
		});
	});
});

describe("[S5] a proof", () => {
	const tell = (page: Page, from: Page, ...proofs: Uint8Array[]) =>
		page.replica.receive(from.peer, encodeSync({ kind: "proof", proofs }));

	it("that proves nothing is an offence, and changes nothing", async () => {
		const { world, one, two, mallory } = await court();
		await put(world, two, SPACE, { a: 1 });
		await put(world, two, SPACE, { a: 2 });
		await world.clock.run(3_000);
		const [first, second] = (await two.store.load(world.swarm, SPACE)).map(
			({ bytes }) => decodeEntry(bytes),
		);
		if (first === undefined || second === undefined) throw new Error("rows");
		const cert = two.certificate;
		const [other] = await history(world, two, ["x"], "memory:other");
		const [foreign] = await history(world, mallory, ["x"]);
		const forged = Uint8Array.from(first.bytes);
		forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
		for (const [proof, code] of [
			[encodeProof(cert, first, second), "malformed"],
			[encodeProof(cert, first, first), "malformed"],
			[encodeProof(cert, first, decodeEntry(other ?? forged)), "malformed"],
			[encodeProof(cert, first, decodeEntry(foreign ?? forged)), "malformed"],
			[encodeProof(cert, first, decodeEntry(forged)), "bad-signature"],
			[new Uint8Array(5), "malformed"],
		] as const) {
			await tell(one, mallory, proof);
			expect(one.offences.splice(0)).toEqual([{ peer: mallory.peer, code }]);
		}
		expect(one.forks).toEqual([]);
		expect(Object.values(factsOf(one, SPACE))).toEqual([2]);
	});

	it("is not made of the first entries of two swarms that one session began", async () => {
		const { world, one, two, mallory } = await court();
		const slots = new Map([[one.peer, "nonce"]]);
		const { row } = await createGenesis({
			signer: one.signer,
			certificate: one.certificate,
			store: createMemoryEntryStore(slots),
			fence: { slot: one.peer, nonce: "nonce" },
			random: world.random,
			name: "Another",
		});
		const [genesis] = (await one.store.load(world.swarm, "swarm")).map(
			({ bytes }) => decodeEntry(bytes),
		);
		if (genesis === undefined) throw new Error("no genesis");
		const another = decodeEntry(row.bytes);
		await tell(two, mallory, encodeProof(one.certificate, genesis, another));
		expect(two.offences.map(({ code }) => code)).toEqual(["malformed"]);
		expect(two.forks).toEqual([]);
	});

	it("[M1] of the founder's log leaves the swarm founded, also after a reload", async () => {
		const { world, two, mallory } = await court();
		const founder = world.founder;
		const [genesis] = (await founder.store.load(world.swarm, "swarm")).map(
			({ bytes }) => decodeEntry(bytes),
		);
		const [other] = await history(world, founder, [1], "swarm");
		if (genesis === undefined || other === undefined) throw new Error("entry");
		const proof = encodeProof(founder.certificate, genesis, decodeEntry(other));
		await tell(two, mallory, proof);
		expect(two.forks.length).toBe(1);
		const isFounder = (page: Page) =>
			page.replica.membership().members.get(founder.device)?.role === "owner";
		expect(isFounder(two)).toBe(true);
		const again = await world.reopen(two);
		expect(isFounder(again)).toBe(true);
		expect(again.damages).toEqual([]);
	});

	it("is not made by playing a member's genesis of another swarm back here", async () => {
		const { world, one, two, mallory } = await court();
		const { row } = await createGenesis({
			signer: two.signer,
			certificate: two.certificate,
			store: createMemoryEntryStore(two.slots),
			fence: { slot: two.peer, nonce: "nonce" },
			random: world.random,
			name: "Another",
		});
		await give(one, mallory, row.bytes);
		expect(one.offences.map(({ code }) => code)).toEqual(["malformed"]);
		await put(world, two, "swarm", { hello: 1 });
		await world.clock.run(3_000);
		expect(one.forks).toEqual([]);
		expect(two.ended).toBe(0);
		expect(one.replica.facts("swarm").map(({ value }) => value)).toEqual([1]);
	});

	it("[E3] that was changed anywhere gives a code", async () => {
		const { world, mallory } = await court();
		const [a, b] = await branches(world, mallory, 0, [1, 1]);
		const [left, right] = [...a, ...b].map(decodeEntry);
		if (left === undefined || right === undefined) throw new Error("entries");
		const proof = encodeProof(mallory.certificate, right, left);
		const verifier = new EntryVerifier(world.suite, world.swarm);
		const fork = await verifyProof(proof, world.swarm, verifier);
		expect(fork).toMatchObject({ session: mallory.peer, space: SPACE, seq: 0 });
		for (let bit = 0; bit < proof.length * 8; bit += 7) {
			const bytes = flipped(proof, bit);
			const code = await verifyProof(bytes, world.swarm, verifier).catch(
				codeOf,
			);
			expect(["malformed", "too-large", "bad-signature"]).toContain(code);
		}
		for (let length = 0; length < proof.length; length += 3)
			await expect(
				verifyProof(proof.slice(0, length), world.swarm, verifier),
			).rejects.toMatchObject({ code: "malformed" });
	});

	it("of somebody nobody knows is not kept", async () => {
		const { world, one, mallory } = await court();
		const stranger = await world.outsider();
		const [a, b] = await branches(world, stranger, 0, [1, 1]);
		const [left, right] = [...a, ...b].map(decodeEntry);
		if (left === undefined || right === undefined) throw new Error("entries");
		await tell(one, mallory, encodeProof(stranger.certificate, left, right));
		expect(one.forks).toEqual([]);
		expect(one.offences).toEqual([]);
		expect(one.replica.spaces()).toEqual(["swarm"]);
	});
});

describe("[S8] a longer own log", () => {
	it("that shows while a write is being stored leaves no trace of the write", async () => {
		const { world, one, two } = await court();
		await put(world, two, SPACE, { a: 1 });
		const early = createMemoryEntryStore(two.slots);
		for (const space of await two.store.spaces(world.swarm))
			await early.put(await two.store.load(world.swarm, space));
		await put(world, two, SPACE, { b: 2 });
		await put(world, two, SPACE, { b: 3 });
		await world.clock.run(3_000);
		let release = (): void => undefined;
		const slow = {
			...early,
			append: async (...args: Parameters<typeof early.append>) => {
				await new Promise<void>((resolve) => {
					release = resolve;
				});
				await early.append(...args);
			},
		};
		const again = await world.reopen(two, { store: slow, crash: true });
		const write = again.replica.put(SPACE, { c: 3 }).catch(codeOf);
		await world.clock.run(60);
		// Only the last entry: the one in the write's place is not among what came.
		const [last] = (await one.store.load(world.swarm, SPACE)).slice(-1);
		await give(again, one, last?.bytes ?? new Uint8Array());
		expect(again.ended).toBe(1);
		expect(await write).toBe("slot-lost");
		release();
		await world.clock.run(100);
		expect(await early.load(world.swarm, SPACE)).toHaveLength(1);
		const later = await world.reopen(again, { store: early });
		world.link(later, one);
		await world.clock.run(5_000);
		expect(one.forks).toEqual([]);
		expect(factsOf(later, SPACE)).toEqual(factsOf(one, SPACE));
	});
});
