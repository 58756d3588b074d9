/** Removal, delegation, single use and epochs as functions of the acts (M1, M2, M3). */
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MembershipAct } from "../../../src/identity/act-book.ts";
import {
	encodeAdmit,
	encodeDelegate,
	encodeGenesis,
	encodeInviteAct,
	type Role,
} from "../../../src/identity/acts.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import { encodeEpoch } from "../../../src/identity/epoch-act.ts";
import { evaluateMembership } from "../../../src/identity/membership.ts";
import { encodeRemoval } from "../../../src/identity/removal-act.ts";
import { compareBytes, concatBytes, utf8 } from "../../../src/wire/bytes.ts";
import { SWARM_SPACE } from "../../../src/wire/ids.ts";

const keyOf = (n: number) => new Uint8Array(32).fill(n + 1);
const device = (n: number) => deviceIdOf(keyOf(n));
const inviteKey = (n: number) => new Uint8Array(32).fill(200 + n);
/** Session key of device n; `again`: of a page it opened later. */
const sessionKey = (n: number, again = 0) =>
	new Uint8Array(32).fill(16 * again + n + 1);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Tells a story act by act: each stands behind the one its author wrote before. */
class Story {
	readonly acts: MembershipAct[] = [];
	readonly #next = new Map<string, number>();

	constructor() {
		const nonce = new Uint8Array(16);
		this.write(0, "genesis", encodeGenesis({ name: "home", nonce }));
	}

	write(
		author: number,
		kind: MembershipAct["kind"],
		body: Uint8Array,
		rest: Partial<MembershipAct> = {},
		again = 0,
	): MembershipAct {
		const session = hex(sessionKey(author, again));
		const seq = this.#next.get(session) ?? 0;
		this.#next.set(session, seq + 1);
		const act: MembershipAct = {
			kind,
			author: device(author),
			authorKey: keyOf(author),
			authorSeal: keyOf(author),
			session,
			seq,
			hash: sha256(concatBytes(utf8(`${session} ${seq} ${kind}`), body)),
			body,
			...rest,
		};
		this.acts.push(act);
		return act;
	}

	invite(author: number, key: number, role: Role = "member", uses = 10) {
		const body = encodeInviteAct({
			key: inviteKey(key),
			uses,
			role,
			epoch: 0,
		});
		return this.write(author, "invite", body);
	}

	admit(
		author: number,
		key: number,
		who: number,
		role: Role = "member",
		after?: readonly MembershipAct[],
	) {
		const proof = concatBytes(inviteKey(key), keyOf(who));
		const taken = after?.map(({ hash }) => hash).toSorted(compareBytes);
		const body = encodeAdmit({ proof, role, ...(taken && { after: taken }) });
		return this.write(author, "admit", body, {
			proof: {
				invite: inviteKey(key),
				deviceKey: keyOf(who),
				seal: keyOf(who),
			},
		});
	}

	/** Lets `who` in by an invite of the author's. */
	in(author: number, who: number, role: Role = "member"): this {
		this.invite(author, who, role);
		this.admit(author, who, who, role);
		return this;
	}

	/** @param seen entries of the removed one's log that the author has; all that are written, where it is left out */
	remove(author: number, who: number, seen?: number) {
		const next = seen ?? this.#next.get(hex(sessionKey(who))) ?? 0;
		const body = encodeRemoval({
			device: keyOf(who),
			cuts:
				next === 0
					? []
					: [
							{
								space: SWARM_SPACE,
								session: sessionKey(who),
								next,
								head: new Uint8Array(32),
							},
						],
		});
		return this.write(author, "remove", body);
	}

	epoch(author: number, number: number, covers: readonly MembershipAct[] = []) {
		const body = encodeEpoch({
			number,
			covers: covers.map(({ hash }) => hash),
			check: new Uint8Array(32),
			secrets: [],
		});
		return this.write(author, "epoch", body);
	}

	get view() {
		return evaluateMembership(this.acts);
	}

	/** Roles by number of device, for reading. */
	get roles(): Record<number, Role> {
		const { members } = this.view;
		const roles: Record<number, Role> = {};
		for (let n = 0; n < 10; n++) {
			const role = members.get(device(n))?.role;
			if (role !== undefined) roles[n] = role;
		}
		return roles;
	}
}

describe("a removal", () => {
	it("[M1] takes a device out, and leaves in whom it admitted before", () => {
		const story = new Story().in(0, 1).in(1, 2);
		story.remove(0, 1);
		expect(story.roles).toEqual({ 0: "owner", 2: "member" });
	});

	it("[M1] beats the removed device's concurrent acts, whatever they are", () => {
		const story = new Story().in(0, 1, "admin");
		const seen = 0;
		story.in(1, 2);
		story.remove(1, 3);
		story.remove(0, 1, seen);
		expect(story.roles).toEqual({ 0: "owner" });
	});

	it("[M1] goes by positions: what it has seen counts, what it has not does not", () => {
		const story = new Story().in(0, 1);
		story.in(1, 2).in(1, 3);
		story.remove(0, 1, 2);
		expect(story.roles).toEqual({ 0: "owner", 2: "member" });
	});

	it("[M1] of two owners who remove each other leaves the one admitted earlier", () => {
		for (const order of [
			[1, 2],
			[2, 1],
		] as const) {
			const story = new Story().in(0, 1, "owner").in(0, 2, "owner");
			const [a, b] = order;
			story.remove(a, b, 0);
			story.remove(b, a, 0);
			expect(story.roles).toEqual({ 0: "owner", 1: "owner" });
		}
	});

	it("[M1] of the founder by another owner counts, unless it removed that one as well", () => {
		const story = new Story().in(0, 1, "owner").in(0, 2);
		story.remove(1, 0);
		expect(story.roles).toEqual({ 1: "owner", 2: "member" });
		story.remove(0, 1, 0);
		expect(story.roles).toEqual({ 0: "owner", 2: "member" });
	});

	it("[M1] in a circle of three owners believes the most senior one", () => {
		const story = new Story().in(0, 1, "owner").in(0, 2, "owner");
		story.in(0, 3, "owner");
		story.remove(1, 2, 0);
		story.remove(2, 3, 0);
		story.remove(3, 1, 0);
		// 1 stays, so 2 goes; what 2 said falls, so 3 would stay, but what it said of 1 is not believed.
		expect(story.roles).toMatchObject({ 0: "owner", 1: "owner" });
		expect(story.roles[2]).toBeUndefined();
	});

	it.each<[string, Role, Role, boolean]>([
		["an owner removes an owner", "owner", "owner", true],
		["an owner removes an admin", "owner", "admin", true],
		["an admin removes a member", "admin", "member", true],
		["an admin removes a guest", "admin", "guest", true],
		["an admin does not remove an admin", "admin", "admin", false],
		["an admin does not remove an owner", "admin", "owner", false],
		["a member does not remove a guest", "member", "guest", false],
		["a guest does not remove a member", "guest", "member", false],
	])("[M1] %s", (_, by, of, goes) => {
		const story = new Story().in(0, 1, by).in(0, 2, of);
		story.remove(1, 2);
		expect(story.roles[2] === undefined).toBe(goes);
	});

	it("[M1] of oneself counts itself, so that it does not fall with what comes after", () => {
		const story = new Story().in(0, 1);
		const leave = story.remove(1, 1, 0);
		expect(story.roles).toEqual({ 0: "owner" });
		const { reach } = story.view;
		expect(reach(device(1), SWARM_SPACE, hex(sessionKey(1)))).toBe(
			leave.seq + 1,
		);
	});

	it("[M1] of oneself is leaving, for everybody", () => {
		for (const role of ["owner", "admin", "member", "guest"] as const) {
			const story = new Story().in(0, 1, role);
			story.remove(1, 1);
			expect(story.roles).toEqual({ 0: "owner" });
		}
	});

	it("[M1] by an outsider, or by who was removed before, is nothing", () => {
		const story = new Story().in(0, 1, "owner").in(0, 2, "owner");
		story.remove(7, 1);
		story.remove(0, 1, 0);
		story.remove(1, 2);
		expect(story.roles).toEqual({ 0: "owner", 2: "owner" });
	});

	it("[M1] is taken back by an admission that names it, and only by that", () => {
		const story = new Story().in(0, 1).in(0, 2, "admin");
		const removal = story.remove(0, 1);
		story.invite(0, 5);
		story.admit(0, 5, 1);
		expect(story.roles[1]).toBeUndefined();
		story.admit(0, 5, 1, "member", [removal]);
		expect(story.roles[1]).toBe("member");
		// Another removal that the admission did not know of still stands.
		story.remove(2, 1);
		expect(story.roles[1]).toBeUndefined();
	});

	it("[M1] of one who came back leaves its new pages alone, and its old ones cut", () => {
		const story = new Story().in(0, 1);
		const removal = story.remove(0, 1, 0);
		story.invite(0, 5);
		story.admit(0, 5, 1, "member", [removal]);
		const { reach } = story.view;
		expect(reach(device(1), "memory:x", hex(sessionKey(1)))).toBe(
			Number.POSITIVE_INFINITY,
		);
		const cut = new Story().in(0, 1).in(1, 2);
		const second = cut.remove(0, 1, 2);
		cut.invite(0, 5);
		cut.admit(0, 5, 1, "member", [second]);
		const view = cut.view;
		expect(view.reach(device(1), "memory:x", hex(sessionKey(1)))).toBe(0);
		expect(view.reach(device(1), "memory:x", hex(sessionKey(1, 1)))).toBe(
			Number.POSITIVE_INFINITY,
		);
	});

	it("[M1] lets a log count as far as it was seen, and holds that of an owner to its end", () => {
		const story = new Story().in(0, 1, "owner").in(0, 2);
		story.in(1, 3);
		story.remove(0, 1, 2);
		story.remove(0, 2);
		const { reach, counts } = story.view;
		const owner = hex(sessionKey(1));
		expect(counts(device(1), SWARM_SPACE, owner)).toBe(2);
		expect(reach(device(1), SWARM_SPACE, owner)).toBe(Number.POSITIVE_INFINITY);
		expect(reach(device(1), "memory:x", owner)).toBe(0);
		expect(reach(device(2), SWARM_SPACE, hex(sessionKey(2)))).toBe(0);
		expect(reach(device(7), SWARM_SPACE, hex(sessionKey(7)))).toBe(0);
		expect(reach(device(0), "memory:x", hex(sessionKey(0)))).toBe(
			Number.POSITIVE_INFINITY,
		);
	});
});

describe("an invite", () => {
	it("[M2] for one device lets the admission with the lower hash stay, in any order", () => {
		const story = new Story().in(0, 8).in(0, 9);
		story.invite(0, 5, "member", 1);
		const delegate = (who: number) =>
			story.write(
				0,
				"delegate",
				encodeDelegate({
					key: inviteKey(5),
					device: keyOf(who),
					seed: new Uint8Array(80),
				}),
			);
		delegate(8);
		delegate(9);
		// Two partitions, each of which let one in.
		const admitted = [story.admit(8, 5, 1), story.admit(9, 5, 2)];
		const [first] = admitted.toSorted((a, b) => compareBytes(a.hash, b.hash));
		const winner = first === admitted[0] ? 1 : 2;
		for (const acts of [story.acts, story.acts.toReversed()]) {
			const { members } = evaluateMembership(acts);
			expect(members.has(device(winner))).toBe(true);
			expect(members.has(device(3 - winner))).toBe(false);
		}
	});

	it("[M2] of one log lets the earlier admissions stay", () => {
		const story = new Story();
		story.invite(0, 5, "member", 2);
		for (const who of [1, 2, 3]) story.admit(0, 5, who);
		expect(Object.keys(story.roles)).toEqual(["0", "1", "2"]);
	});

	it("[M2] counts a device once, however often it is admitted", () => {
		const story = new Story();
		story.invite(0, 5, "member", 2);
		for (const who of [1, 1, 1, 2]) story.admit(0, 5, who);
		expect(Object.keys(story.roles)).toEqual(["0", "1", "2"]);
	});

	it("[M2] may be answered by whom its issuer delegated to, and by nobody else", () => {
		const story = new Story().in(0, 1).in(0, 2);
		story.invite(0, 5);
		story.admit(1, 5, 3);
		expect(story.roles[3]).toBeUndefined();
		const of = (who: number, author: number) =>
			story.write(
				author,
				"delegate",
				encodeDelegate({
					key: inviteKey(5),
					device: keyOf(who),
					seed: new Uint8Array(80),
				}),
			);
		of(1, 2);
		expect(story.roles[3]).toBeUndefined();
		of(1, 0);
		expect(story.roles[3]).toBe("member");
	});
});

describe("an epoch", () => {
	it("[M3] is the highest of an owner's or admin's, then the one with the lower hash", () => {
		const story = new Story().in(0, 1, "admin").in(0, 2);
		expect(story.view.epoch).toBeUndefined();
		story.epoch(2, 7);
		expect(story.view.epoch).toBeUndefined();
		const two = [story.epoch(0, 1), story.epoch(1, 1)];
		const [lower] = two.toSorted((a, b) => compareBytes(a.hash, b.hash));
		expect(story.view.epoch?.hash).toEqual(lower?.hash);
		story.epoch(1, 2);
		expect(story.view.epoch?.number).toBe(2);
	});

	it("[M3] is any member's where neither an owner nor an admin is left", () => {
		const story = new Story().in(0, 1);
		const leave = story.remove(0, 0);
		expect(story.view.needsEpoch).toBe(true);
		story.epoch(1, 1, [leave]);
		expect(story.view.epoch?.number).toBe(1);
		expect(story.view.needsEpoch).toBe(false);
	});

	it("[M3] is needed from a removal on until one covers it", () => {
		const story = new Story().in(0, 1).in(0, 2);
		expect(story.view.needsEpoch).toBe(false);
		const first = story.remove(0, 1);
		expect(story.view.needsEpoch).toBe(true);
		story.epoch(0, 1, [first]);
		expect(story.view.needsEpoch).toBe(false);
		story.remove(0, 2);
		expect(story.view.needsEpoch).toBe(true);
	});

	it("[M3] by who was removed does not count beyond what was seen", () => {
		const story = new Story().in(0, 1, "owner");
		story.remove(0, 1, 0);
		story.epoch(1, 9);
		expect(story.view.epoch).toBeUndefined();
	});
});

/** Any story of five devices, with removals that have seen any part of a log. */
const stories = fc
	.array(
		fc.record({
			kind: fc.constantFrom("in", "in", "remove", "back", "epoch"),
			author: fc.nat(4),
			who: fc.nat(4),
			role: fc.constantFrom<Role>("owner", "admin", "member", "guest"),
			seen: fc.nat(6),
		}),
		{ maxLength: 24 },
	)
	.map((steps) => {
		const story = new Story();
		const removals: MembershipAct[] = [];
		for (const { kind, author, who, role, seen } of steps) {
			if (kind === "in") story.in(author, who, role);
			else if (kind === "remove")
				removals.push(story.remove(author, who, seen));
			else if (kind === "epoch")
				story.epoch(author, seen + 1, removals.slice(0, seen));
			else {
				story.invite(author, who, role);
				// Device 0 is never brought back: the last property goes by that.
				if (who !== 0) story.admit(author, who, who, role, removals.slice(-3));
			}
		}
		return story;
	});

const tellOf = (acts: readonly MembershipAct[]) => {
	const { members, epoch, needsEpoch, removals, reach, counts } =
		evaluateMembership(acts);
	return {
		members: [...members],
		epoch: epoch?.hash,
		needsEpoch,
		removals: removals.map(hex).sort(),
		reach: [0, 1, 2, 3, 4].map((n) => [
			reach(device(n), SWARM_SPACE, hex(sessionKey(n))),
			counts(device(n), SWARM_SPACE, hex(sessionKey(n))),
		]),
	};
};

describe("any story", () => {
	it("[M1] ends alike in whatever order and however often it is heard", () => {
		fc.assert(
			fc.property(
				stories.chain(({ acts }) =>
					fc.tuple(
						fc.constant(acts),
						fc.shuffledSubarray([...acts, ...acts], {
							minLength: 2 * acts.length,
						}),
					),
				),
				([acts, shuffled]) => {
					expect(tellOf(shuffled)).toEqual(tellOf(acts));
				},
			),
			{ numRuns: 400 },
		);
	});

	it("[M1] is not changed by what a removed device says later", () => {
		fc.assert(
			fc.property(stories, fc.nat(4), ({ acts }, who) => {
				const story = new Story();
				story.acts.splice(0, 1, ...acts);
				const before = evaluateMembership(story.acts);
				const isOut =
					!before.isMember(device(who)) &&
					before.removalsOf(device(who)).length > 0;
				fc.pre(isOut);
				const late = { seq: 1_000_000 };
				const after = evaluateMembership([
					...acts,
					{ ...story.in(who, 8).acts.at(-2), ...late },
					{ ...story.acts.at(-1), ...late },
					{ ...story.epoch(who, 99), ...late },
				] as MembershipAct[]);
				expect([...after.members]).toEqual([...before.members]);
				expect(after.epoch?.hash).toEqual(before.epoch?.hash);
			}),
			{ numRuns: 400 },
		);
	});

	it("[M1] keeps the founder in, unless somebody removed it", () => {
		fc.assert(
			fc.property(stories, ({ acts }) => {
				const { members, removalsOf } = evaluateMembership(acts);
				if (removalsOf(device(0)).length === 0)
					expect(members.get(device(0))?.role).toBe("owner");
				else expect(members.has(device(0))).toBe(false);
			}),
			{ numRuns: 300 },
		);
	});
});
