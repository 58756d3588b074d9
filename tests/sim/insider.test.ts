/**
 * A member that turned on its swarm, with whole nodes: it signs whatever it likes, and writes it by hand into the log that
 * everybody reads. Nothing that its role does not allow counts anywhere, and the others stay equal, linked and unharmed.
 */
import { beforeAll, describe, expect, it } from "vitest";
import {
	encodeAdmit,
	encodeDelegate,
	encodeInviteAct,
	type Role,
} from "../../src/identity/acts.ts";
import { checkOf, encodeEpoch } from "../../src/identity/epoch-act.ts";
import { proveJoin } from "../../src/identity/invite.ts";
import { encodeRemoval } from "../../src/identity/removal-act.ts";
import type { Signer } from "../../src/identity/signer.ts";
import { Mailbox, signNotice } from "../../src/mesh/mailbox.ts";
import { decodeEntry, signEntry } from "../../src/replica/entry.ts";
import { compareBytes, equalBytes } from "../../src/wire/bytes.ts";
import { codeOf } from "../../src/wire/error.ts";
import { SWARM_SPACE } from "../../src/wire/ids.ts";
import { isLinked, type SimPage, SwarmWorld } from "./world/swarm.ts";

type Act = Parameters<SimPage["node"]["swarm"]["replica"]["act"]>[0];

const replicaOf = ({ node }: SimPage) => node.swarm.replica;
const deviceOf = ({ node }: SimPage) => node.me().device;
const memberOf = (page: SimPage, of: SimPage) => {
	const member = replicaOf(page).membership().members.get(deviceOf(of));
	if (member === undefined) throw new Error("not a member");
	return member;
};

/** What pages must agree on. */
const viewOf = (page: SimPage): string => {
	const { members, epoch, needsEpoch } = replicaOf(page).membership();
	return JSON.stringify([
		[...members].map(([device, { role }]) => [device, role]),
		[epoch?.number ?? 0, needsEpoch, page.node.swarm.row.epoch],
		replicaOf(page).headsDigest(SWARM_SPACE),
	]);
};

interface Story {
	readonly world: SwarmWorld;
	readonly owner: SimPage;
	readonly rogue: SimPage;
	readonly honest: readonly SimPage[];
}

/** An owner, two honest members, and one more, in the role that it is to abuse. */
async function story(seed: number, role: Role = "member"): Promise<Story> {
	const world = new SwarmWorld(seed);
	const pages = await world.swarm(3);
	const [owner] = pages;
	if (owner === undefined) throw new Error("no owner");
	const rogue = await world.open(world.profile("rogue"));
	const invite = await world.settle(
		owner.node.swarm.admission.invite({ role, delegates: [] }),
	);
	await world.settle(rogue.node.join(invite));
	const all = [...pages, rogue];
	expect(await world.clock.until(() => isLinked(all), 20_000)).toBe(true);
	await world.clock.run(5_000);
	return { world, owner, rogue, honest: pages };
}

/** Writes acts as they are, without the checks of the page that writes them. */
async function write({ world, rogue }: Story, ...acts: Act[]): Promise<void> {
	for (const act of acts) await world.settle(replicaOf(rogue).act(act));
	await world.clock.run(10_000);
}

/** The honest pages see the same, still have each other, and go on writing. */
async function unharmed({ world, honest }: Story): Promise<void> {
	expect(new Set(honest.map(viewOf)).size).toBe(1);
	for (const page of honest)
		for (const other of honest)
			if (page !== other)
				expect(
					page.node.swarm.mesh.peers().map(({ device }) => device),
				).toContain(deviceOf(other));
	const [first] = honest;
	await world.settle(
		first?.node.swarm.state.put("notes", "still", honest.length) ??
			Promise.resolve(),
	);
	await world.clock.run(3_000);
	for (const page of honest)
		expect(
			page.node.swarm.state.entries("notes").map(({ key }) => key),
		).toEqual(["still"]);
}

/** A device that somebody wants to bring in. */
async function accomplice({ world, owner }: Story, invite: Signer) {
	const { random, suite } = world;
	const { publicKey } = await suite(random).generate();
	const { swarm } = owner.node.swarm.row;
	const proof = await proveJoin(invite, swarm, publicKey, random.bytes(32));
	return { key: publicKey, proof };
}

const inviteSigner = async ({ world }: Story): Promise<Signer> => {
	const keys = world.suite(world.random);
	return keys.open(await keys.generate());
};

const rolesIn = (page: SimPage): Role[] =>
	[...replicaOf(page).membership().members.values()].map(({ role }) => role);

const invitation = (
	key: Uint8Array,
	role: Role,
	uses = 1,
	expires?: number,
): Act => ({
	kind: "invite",
	body: encodeInviteAct({
		...{ key, role, uses, epoch: 0 },
		...(expires !== undefined && { expires }),
	}),
});
const admission = (
	proof: Uint8Array,
	role: Role,
	after?: readonly Uint8Array[],
): Act => ({
	kind: "admit",
	body: encodeAdmit({ proof, role, ...(after !== undefined && { after }) }),
});
const removal = (by: SimPage, whom: SimPage): Act => ({
	kind: "remove",
	body: encodeRemoval({
		device: memberOf(by, whom).key,
		cuts: replicaOf(by).heads(deviceOf(whom)),
	}),
});
const epoch = (number: number, secret: Uint8Array): Act => ({
	kind: "epoch",
	body: encodeEpoch({
		...{ number, covers: [], secrets: [] },
		check: checkOf(secret),
	}),
});

describe("a member that turned", () => {
	let told: Story;
	beforeAll(async () => {
		told = await story(71);
	});

	it("[M1] removes nobody", async () => {
		const { owner, rogue, honest } = told;
		const before = viewOf(owner);
		await write(told, ...honest.map((page) => removal(rogue, page)));
		for (const page of honest)
			expect(rolesIn(page).sort()).toEqual([
				...["member", "member", "member", "owner"],
			]);
		expect(JSON.parse(viewOf(owner)).slice(0, 2)).toEqual(
			JSON.parse(before).slice(0, 2),
		);
		await unharmed(told);
	});

	it("[M2] grants no role above its own, whatever its invite says", async () => {
		const signer = await inviteSigner(told);
		const { proof } = await accomplice(told, signer);
		await write(
			told,
			invitation(signer.publicKey, "owner"),
			admission(proof, "owner"),
		);
		for (const page of told.honest) {
			expect(rolesIn(page).filter((role) => role === "owner").length).toBe(1);
			expect(rolesIn(page).length).toBe(5);
		}
		await unharmed(told);
	});

	it("[M2] admits no second device by an invite for one", async () => {
		const signer = await inviteSigner(told);
		const [one, two] = [
			await accomplice(told, signer),
			await accomplice(told, signer),
		];
		await write(
			told,
			invitation(signer.publicKey, "member"),
			admission(one.proof, "member"),
			admission(two.proof, "member"),
		);
		for (const page of told.honest) {
			const { members } = replicaOf(page).membership();
			const has = (key: Uint8Array) =>
				[...members.values()].some((member) => equalBytes(member.key, key));
			expect([has(one.key), has(two.key)]).toEqual([true, false]);
		}
		await unharmed(told);
	});

	it("[M2] admits nobody by an invite of somebody who did not name it, and names nobody in another's place", async () => {
		const { world, owner, rogue, honest } = told;
		const [other, third] = [honest[1], honest[2]];
		if (other === undefined || third === undefined) throw new Error("missing");
		const signer = await inviteSigner(told);
		const key = signer.publicKey;
		const before = rolesIn(owner).length;
		await world.settle(replicaOf(owner).act(invitation(key, "member", 9)));
		const naming = (device: SimPage): Act => ({
			kind: "delegate",
			body: encodeDelegate({
				...{ key, device: memberOf(owner, device).key },
				seed: new Uint8Array(80),
			}),
		});
		const one = await accomplice(told, signer);
		await write(told, admission(one.proof, "member"));
		expect(rolesIn(owner).length).toBe(before);
		// Named by the owner it may admit; whom it names in turn may not.
		await world.settle(replicaOf(owner).act(naming(rogue)));
		await write(told, naming(third));
		const two = await accomplice(told, signer);
		await world.settle(replicaOf(third).act(admission(two.proof, "member")));
		await world.clock.run(5_000);
		for (const page of honest) {
			const { members } = replicaOf(page).membership();
			const has = (of: Uint8Array) =>
				[...members.values()].some((member) => equalBytes(member.key, of));
			// The first admission counts from when its author was named.
			expect([has(one.key), has(two.key)]).toEqual([true, false]);
		}
		await unharmed(told);
	});

	it("[M3] begins no epoch, while there is an owner", async () => {
		await write(
			told,
			epoch(1, new Uint8Array(32)),
			epoch(2 ** 52, new Uint8Array(32)),
		);
		for (const page of told.honest) expect(page.node.swarm.row.epoch).toBe(0);
		await unharmed(told);
	});

	it("[M3] takes nobody out by a letter, in its own name or another's", async () => {
		const { world, owner, rogue, honest } = told;
		const victim = honest[1];
		if (victim === undefined) throw new Error("missing");
		const { swarm } = owner.node.swarm.row;
		const { key, seal } = memberOf(owner, victim);
		const { session } = rogue.node.swarm;
		const box = new Mailbox({
			...{ swarm, random: world.random, verifier: world.suite(world.random) },
			signaling: world.network.signaling("letters"),
			...{ key: world.random.bytes(32), seal: session.deviceRow.seal },
			onEpoch: () => undefined,
			onRemoved: () => undefined,
			onEntries: () => undefined,
		});
		const notice = await signNotice(session.signer, swarm, key);
		const opened = victim.node.status().connections;
		for (let n = 0; n < 20; n++) {
			const { certificate } = n % 2 === 0 ? session : owner.node.swarm.session;
			box.post({ key, seal }, { kind: "removed", certificate, notice });
			const secret = world.random.bytes(32);
			box.post({ key, seal }, { kind: "epoch", number: 5 + n, secret });
			const entries = [world.random.bytes(200)];
			box.post({ key, seal }, { kind: "entries", entries });
			await world.clock.run(500);
		}
		box.stop();
		expect(victim.node.swarm.departures.removedBy).toBe(undefined);
		expect(victim.node.swarm.row.epoch).toBe(0);
		expect(victim.node.status().connections).toBe(opened);
		await unharmed(told);
	});
});

describe("an admin that turned, and was removed", () => {
	it("[M1][M3] brings nobody in and begins nothing afterwards, also not in what it signs as if it were before", async () => {
		const told = await story(72, "admin");
		const { world, owner, rogue, honest } = told;
		const signer = await inviteSigner(told);
		const { session } = rogue.node.swarm;
		await write(told, invitation(signer.publicKey, "admin", 9));
		await world.settle(owner.node.swarm.departures.remove(deviceOf(rogue)));
		await world.clock.run(5_000);
		const after = await accomplice(told, signer);
		const refused = await world.settle(
			replicaOf(rogue).act(admission(after.proof, "admin")).catch(codeOf),
		);
		expect(refused).toBe("not-a-member");

		// By hand: other entries in the places of those that everybody holds, and more behind them.
		const forged: Uint8Array[] = [];
		const { swarm } = owner.node.swarm.row;
		const acts = [
			admission(after.proof, "admin"),
			epoch(9, new Uint8Array(32)),
		];
		for (const from of [1, 2, 3]) {
			const before = replicaOf(owner).entry(
				SWARM_SPACE,
				session.peer,
				from - 1,
			);
			if (before === undefined) break;
			let prev = decodeEntry(before).hash;
			for (const [n, { kind, body }] of acts.entries()) {
				const bytes = await signEntry(session.signer, swarm, {
					...{ space: SWARM_SPACE, kind, body, seq: from + n, prev },
				});
				forged.push(bytes);
				prev = decodeEntry(bytes).hash;
			}
		}
		expect(forged.length).toBeGreaterThan(2);
		for (const [n, page] of honest.entries())
			await world.settle(
				replicaOf(page).take(n === 0 ? forged : forged.toReversed()),
			);
		await world.clock.run(20_000);
		for (const page of honest) {
			expect(rolesIn(page).sort()).toEqual(["member", "member", "owner"]);
			expect(page.node.swarm.row.epoch).toBe(1);
		}
		await unharmed(told);
	});

	it("[M1] is let in again by no member", async () => {
		const told = await story(73, "admin");
		const { world, owner, rogue, honest } = told;
		const member = honest[1];
		if (member === undefined) throw new Error("missing");
		await world.settle(owner.node.swarm.departures.remove(deviceOf(rogue)));
		await world.clock.run(5_000);
		const signer = await inviteSigner(told);
		const { deviceRow } = rogue.node.swarm.session;
		const proof = await proveJoin(
			signer,
			owner.node.swarm.row.swarm,
			deviceRow.key.publicKey,
			deviceRow.seal.publicKey,
		);
		const after = replicaOf(owner)
			.membership()
			.removalsOf(deviceOf(rogue))
			.map(({ hash }) => hash)
			.sort(compareBytes);
		for (const act of [
			invitation(signer.publicKey, "member"),
			admission(proof, "member", after),
		])
			await world.settle(replicaOf(member).act(act));
		await world.clock.run(10_000);
		for (const page of honest)
			expect(replicaOf(page).membership().isMember(deviceOf(rogue))).toBe(
				false,
			);
		await unharmed(told);
	});

	it("[M3] leaves no epoch behind that none can follow", async () => {
		const told = await story(74, "admin");
		const { world, owner, rogue, honest } = told;
		await write(told, epoch(Number.MAX_SAFE_INTEGER, new Uint8Array(32)));
		await world.settle(owner.node.swarm.departures.remove(deviceOf(rogue)));
		await world.clock.run(30_000);
		const length = () =>
			replicaOf(owner)
				.heads(deviceOf(owner))
				.map(({ next }) => next);
		const before = length();
		await world.clock.run(60_000);
		expect(length()).toEqual(before);
		const [row] = honest.map(({ node }) => node.swarm.row);
		for (const { node } of honest) {
			expect(node.swarm.replica.membership().needsEpoch).toBe(false);
			expect(
				equalBytes(node.swarm.row.secret, row?.secret ?? new Uint8Array()),
			).toBe(true);
		}
		expect(rogue.node.swarm.row.secret).not.toEqual(row?.secret);
		await unharmed(told);
	});
});

describe("an owner and an admin apart", () => {
	it("[M1][M3] come to one epoch where the owner removed the admin, and whom that one removed meanwhile is back", async () => {
		const told = await story(75, "admin");
		const { world, owner, rogue: admin, honest } = told;
		const [, near, far] = honest;
		if (near === undefined || far === undefined) throw new Error("missing");
		const gone = await world.open(world.profile("gone"));
		const invite = await world.settle(owner.node.swarm.admission.invite({}));
		await world.settle(gone.node.join(invite));
		const all = [...honest, admin, gone];
		expect(await world.clock.until(() => isLinked(all), 20_000)).toBe(true);
		await world.clock.run(5_000);
		const cut = (isCut: boolean): void => {
			for (const here of [owner, near])
				for (const there of [admin, far, gone])
					world.network.cut(here.host, there.host, isCut);
		};
		cut(true);
		await world.clock.run(20_000);
		for (const whom of [gone, far]) {
			await world.settle(admin.node.swarm.departures.remove(deviceOf(whom)));
			await world.clock.run(10_000);
		}
		// The admin's side is two epochs further, and the owner begins the first one.
		expect(admin.node.swarm.row.epoch).toBe(2);
		await world.settle(owner.node.swarm.departures.remove(deviceOf(admin)));
		await world.clock.run(10_000);
		cut(false);
		const rest = [...honest, gone];
		const settled = () =>
			isLinked(rest) && new Set(rest.map(viewOf)).size === 1;
		expect(await world.clock.until(settled, 120_000)).toBe(true);
		expect(rolesIn(owner).sort()).toEqual([
			...["member", "member", "member", "owner"],
		]);
	});
});
