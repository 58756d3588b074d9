/** Membership as a function of the acts (M1, M2). */
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MembershipAct } from "../../../src/identity/act-book.ts";
import {
	decodeAdmit,
	decodeGenesis,
	decodeInviteAct,
	encodeAdmit,
	encodeGenesis,
	encodeInviteAct,
	type Role,
} from "../../../src/identity/acts.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import {
	evaluateMembership,
	type MembershipView,
	swarmIdOf,
} from "../../../src/identity/membership.ts";
import { concatBytes, toHex, utf8 } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import { flipped } from "./fixtures.ts";

/** Device n of the story, with keys that are only names here: signatures were verified before. */
const keyOf = (n: number) => new Uint8Array(32).fill(n + 1);
const sealOf = (n: number) => new Uint8Array(32).fill(100 + n);
const device = (n: number) => deviceIdOf(keyOf(n));

function act(
	author: number,
	kind: MembershipAct["kind"],
	body: Uint8Array,
	rest: Partial<MembershipAct> = {},
): MembershipAct {
	return {
		kind,
		author: device(author),
		authorKey: keyOf(author),
		authorSeal: sealOf(author),
		session: `s${author}`,
		seq: 0,
		hash: sha256(concatBytes(utf8(`${author} ${kind}`), body)),
		body,
		...rest,
	};
}

const nonce = new Uint8Array(16);
const genesis = (author: number) =>
	act(author, "genesis", encodeGenesis({ name: "home", nonce }));
const inviteKey = (n: number) => new Uint8Array(32).fill(200 + n);
const invite = (author: number, key: number, role: Role = "member") =>
	act(
		author,
		"invite",
		encodeInviteAct({
			key: inviteKey(key),
			uses: 1_000_000,
			role,
			epoch: 0,
		}),
	);
const admit = (
	author: number,
	key: number,
	who: number,
	role: Role = "member",
	seal = sealOf(who),
) =>
	act(
		author,
		"admit",
		encodeAdmit({ proof: concatBytes(inviteKey(key), keyOf(who), seal), role }),
		{ proof: { invite: inviteKey(key), deviceKey: keyOf(who), seal } },
	);

const rolesIn = (view: MembershipView) =>
	Object.fromEntries([...view.members.values()].map((m) => [m.device, m.role]));

describe("membership", () => {
	it("[M1] begins with the author of the genesis as owner", () => {
		const view = evaluateMembership([genesis(0)]);
		expect([...view.members.values()]).toEqual([
			{ device: device(0), key: keyOf(0), seal: sealOf(0), role: "owner" },
		]);
		expect(view.isMember(device(0))).toBe(true);
		expect(view.isMember(device(1))).toBe(false);
	});

	it("[M1] follows chains of admissions, and gives each device its keys", () => {
		const view = evaluateMembership([
			genesis(0),
			invite(0, 1),
			admit(0, 1, 1),
			invite(1, 2),
			admit(1, 2, 2),
		]);
		expect(rolesIn(view)).toEqual({
			[device(0)]: "owner",
			[device(1)]: "member",
			[device(2)]: "member",
		});
		expect(view.members.get(device(2))).toEqual({
			device: device(2),
			key: keyOf(2),
			seal: sealOf(2),
			role: "member",
		});
	});

	it.each<[string, MembershipAct[]]>([
		["there is no genesis", [invite(0, 1), admit(0, 1, 1)]],
		["the admit names no invite", [genesis(0), admit(0, 1, 1)]],
		[
			"the invite is another member's",
			[genesis(0), invite(0, 2), admit(0, 2, 2), invite(0, 1), admit(2, 1, 1)],
		],
		["the admitter is no member", [genesis(0), invite(3, 1), admit(3, 1, 1)]],
		[
			"two outsiders admit each other",
			[
				genesis(0),
				invite(3, 3),
				admit(3, 3, 1),
				invite(1, 1),
				admit(1, 1, 3),
				admit(1, 1, 1),
			],
		],
		[
			"the admitter is a guest",
			[
				genesis(0),
				invite(0, 2, "guest"),
				admit(0, 2, 2, "guest"),
				invite(2, 1),
				admit(2, 1, 1),
			],
		],
		[
			"the proof was not verified",
			[genesis(0), invite(0, 1), act(0, "admit", admit(0, 1, 1).body)],
		],
	])("[M1] does not admit where %s", (_, acts) => {
		expect(evaluateMembership(acts).isMember(device(1))).toBe(false);
	});

	it.each<[Role, Role, Role]>([
		["guest", "owner", "guest"],
		["owner", "guest", "guest"],
		["owner", "owner", "owner"],
		["admin", "owner", "admin"],
	])(
		"[M1] gives by an invite for %s and an admit for %s the role %s",
		(invited, admitted, role) => {
			const view = evaluateMembership([
				genesis(0),
				invite(0, 1, invited),
				admit(0, 1, 1, admitted),
			]);
			expect(view.members.get(device(1))?.role).toBe(role);
		},
	);

	it("[M1] lets nobody raise anybody above themselves, themselves included", () => {
		const view = evaluateMembership([
			genesis(0),
			invite(0, 1),
			admit(0, 1, 1),
			invite(1, 2, "owner"),
			admit(1, 2, 1, "owner"),
			admit(1, 2, 2, "owner"),
			admit(1, 2, 0, "member"),
		]);
		expect(rolesIn(view)).toEqual({
			[device(0)]: "owner",
			[device(1)]: "member",
			[device(2)]: "member",
		});
		expect(view.members.get(device(0))?.seal).toEqual(sealOf(0));
	});

	it("[M1] goes by the wider of two invites with one key, in any order", () => {
		const two = [invite(0, 1, "admin"), invite(0, 1, "guest")];
		for (const invites of [two, two.toReversed()]) {
			const view = evaluateMembership([
				genesis(0),
				...invites,
				admit(0, 1, 1, "owner"),
			]);
			expect(view.members.get(device(1))?.role).toBe("admin");
		}
	});

	it("[M1] takes keys of several equal admissions from the lowest hash", () => {
		const twice = [
			admit(0, 1, 1, "member", new Uint8Array(32).fill(1)),
			admit(0, 1, 1, "member", new Uint8Array(32).fill(2)),
		];
		const [lowest] = twice.toSorted((a, b) =>
			toHex(a.hash) < toHex(b.hash) ? -1 : 1,
		);
		for (const acts of [twice, twice.toReversed()])
			expect(
				evaluateMembership([genesis(0), invite(0, 1), ...acts]).members.get(
					device(1),
				)?.seal,
			).toEqual(lowest?.proof?.seal);
	});

	it("[M1] counts the genesis whose hash is the swarm, and of two unnamed ones none", () => {
		const [ours, theirs] = [genesis(0), genesis(3)];
		const swarm = toHex(ours.hash);
		expect(rolesIn(evaluateMembership([theirs, ours], swarm))).toEqual({
			[device(0)]: "owner",
		});
		expect(evaluateMembership([theirs], swarm).members.size).toBe(0);
		expect(evaluateMembership([theirs, ours]).members.size).toBe(0);
		// The same entry heard twice is one.
		expect(evaluateMembership([ours, ours]).members.size).toBe(1);
	});

	it("[M1] names a swarm by the hash of its genesis entry", () => {
		expect(swarmIdOf(utf8("abc"))).toBe(
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		);
	});
});

/** Acts of devices 0-3 inside, and of 4-7 outside: nobody inside ever admits one of those. */
const roles = fc.constantFrom<Role>("owner", "admin", "member", "guest");
const acts = (from: number, to: number, whom: number) =>
	fc.array(
		fc.oneof(
			fc
				.tuple(fc.integer({ min: from, max: to }), fc.nat(3), roles)
				.map(([a, key, role]) => invite(a, key, role)),
			fc
				.tuple(
					fc.integer({ min: from, max: to }),
					fc.nat(3),
					fc.nat(whom),
					roles,
					fc.nat(3),
				)
				.map(([a, key, who, role, seal]) =>
					admit(a, key, who, role, sealOf(seal)),
				),
		),
		{ maxLength: 25 },
	);

describe("any acts", () => {
	it("[M1] give one view in any order and with repetitions", () => {
		fc.assert(
			fc.property(
				acts(0, 3, 3).chain((list) => {
					const all = [genesis(0), ...list];
					return fc.tuple(
						fc.constant(all),
						fc.shuffledSubarray([...all, ...all], {
							minLength: 2 * all.length,
						}),
					);
				}),
				([all, shuffled]) => {
					const [a, b] = [all, shuffled].map((list) => [
						...evaluateMembership(list).members,
					]);
					expect(a).toEqual(b);
				},
			),
			{ numRuns: 500 },
		);
	});

	it("[M1] of outsiders change nothing, however many admit each other", () => {
		fc.assert(
			fc.property(acts(0, 3, 3), acts(4, 7, 7), (inside, outside) => {
				const swarm = toHex(genesis(0).hash);
				const alone = evaluateMembership([genesis(0), ...inside], swarm);
				const beset = evaluateMembership(
					[genesis(5), ...outside, genesis(0), ...inside],
					swarm,
				);
				expect([...beset.members]).toEqual([...alone.members]);
			}),
			{ numRuns: 500 },
		);
	});

	it("[M1] that come later take nobody's membership away and lower no role", () => {
		const rank = ["guest", "member", "admin", "owner"];
		fc.assert(
			fc.property(acts(0, 3, 3), acts(0, 3, 3), (first, then) => {
				const before = evaluateMembership([genesis(0), ...first]);
				const after = evaluateMembership([genesis(0), ...first, ...then]);
				for (const { device, role } of before.members.values())
					expect(
						rank.indexOf(after.members.get(device)?.role ?? ""),
					).toBeGreaterThanOrEqual(rank.indexOf(role));
			}),
			{ numRuns: 500 },
		);
	});

	it("[M1] with damaged bodies neither throw nor admit anybody new", () => {
		const story = [genesis(0), invite(0, 1), admit(0, 1, 1)];
		fc.assert(
			fc.property(
				fc.nat(2),
				fc.oneof(fc.nat(), fc.uint8Array({ maxLength: 80 })),
				(which, damage) => {
					const damaged = story.map((one, i) => {
						if (i !== which) return one;
						const body =
							typeof damage === "number"
								? flipped(one.body, damage)
								: Uint8Array.from(damage);
						return { ...one, body };
					});
					for (const { device: id } of evaluateMembership(
						damaged,
					).members.values())
						expect([device(0), device(1)]).toContain(id);
				},
			),
			{ numRuns: 500 },
		);
	});
});

describe("bodies of acts", () => {
	const proof = new Uint8Array(170).fill(1);
	const cases = [
		[{ name: "home", nonce }, decodeGenesis],
		[
			{ key: inviteKey(0), uses: 3, role: "member", epoch: 0, expires: 1e12 },
			decodeInviteAct,
		],
		[{ proof, role: "guest" }, decodeAdmit],
	] as const;

	it("[M1] give back what was encoded", () => {
		expect(decodeGenesis(encodeGenesis({ name: "é", nonce }))).toEqual({
			name: "é",
			nonce,
		});
		for (const expires of [{}, { expires: 0 }]) {
			const value = {
				key: inviteKey(1),
				uses: 1,
				role: "admin",
				epoch: 0,
				...expires,
			};
			expect(
				decodeInviteAct(encodeInviteAct({ ...value, role: "admin" })),
			).toEqual(value);
		}
		expect(decodeAdmit(encodeAdmit({ proof, role: "guest" }))).toEqual({
			proof,
			role: "guest",
		});
	});

	it.each<[string, unknown, (body: Uint8Array) => unknown]>([
		["a genesis without a name", { name: "", nonce }, decodeGenesis],
		["a long name", { name: "x".repeat(101), nonce }, decodeGenesis],
		["a name that is none", { name: 1, nonce }, decodeGenesis],
		["a genesis without a nonce", { name: "x" }, decodeGenesis],
		["an unknown field", { name: "x", nonce, more: 1 }, decodeGenesis],
		["a list", [1], decodeGenesis],
		["bytes", new Uint8Array(4), decodeGenesis],
		["null", null, decodeGenesis],
		[
			"no uses",
			{ key: inviteKey(0), uses: 0, role: "member", epoch: 0 },
			decodeInviteAct,
		],
		[
			"half a use",
			{ key: inviteKey(0), uses: 0.5, role: "member", epoch: 0 },
			decodeInviteAct,
		],
		[
			"an unknown role",
			{ key: inviteKey(0), uses: 1, role: "king", epoch: 0 },
			decodeInviteAct,
		],
		[
			"a past before 1970",
			{ key: inviteKey(0), uses: 1, role: "member", epoch: 0, expires: -1 },
			decodeInviteAct,
		],
		[
			"a short key",
			{ key: new Uint8Array(31), uses: 1, role: "member", epoch: 0 },
			decodeInviteAct,
		],
		[
			"a proof over its cap",
			{ proof: new Uint8Array(513), role: "member" },
			decodeAdmit,
		],
		["no proof", { role: "member" }, decodeAdmit],
	])("[M1] refuse %s", (_, value, decode) => {
		expect(() => decode(encodeCbor(value))).toThrow(
			expect.objectContaining({ code: "malformed" }),
		);
	});

	it("[E3] refuse what is over the cap", () => {
		expect(() => decodeAdmit(new Uint8Array(2049))).toThrow(
			expect.objectContaining({ code: "too-large" }),
		);
	});

	it("[M1] damaged anywhere are read as themselves or refused by a code", () => {
		fc.assert(
			fc.property(fc.nat(2), fc.nat(), fc.nat(255), (which, at, byte) => {
				const [value, decode] = cases[which] ?? cases[0];
				const body = encodeCbor(value);
				body[at % body.length] = byte;
				try {
					expect(encodeCbor(decode(body))).toEqual(body);
				} catch (error) {
					expect(error).toMatchObject({
						code: expect.stringMatching(/^(malformed|too-large)$/),
					});
				}
			}),
			{ numRuns: 1000 },
		);
	});
});
