/** Bodies of membership acts (M1), and the membership that any list of acts makes. */
import {
	ACT_KINDS,
	type ActKind,
	type MembershipAct,
} from "../../../src/identity/act-book.ts";
import {
	decodeAdmit,
	decodeDelegate,
	decodeGenesis,
	decodeInviteAct,
	encodeAdmit,
	encodeDelegate,
	encodeGenesis,
	encodeInviteAct,
} from "../../../src/identity/acts.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import { decodeEpoch, encodeEpoch } from "../../../src/identity/epoch-act.ts";
import { evaluateMembership } from "../../../src/identity/membership.ts";
import {
	decodeRemoval,
	encodeRemoval,
} from "../../../src/identity/removal-act.ts";
import { compareBytes, equalBytes, toHex } from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import type { Random } from "../../../src/wire/clock.ts";
import { ensure, outcomeOf, type Target } from "../target.ts";

interface Codec {
	readonly bodies: (random: Random) => readonly Uint8Array[];
	/** Reads a body, and writes what it read. */
	readonly again: (body: Uint8Array) => Uint8Array;
}

const codecs: Readonly<Record<ActKind, Codec>> = {
	genesis: {
		bodies: (random) => [
			encodeGenesis({ name: "Home", nonce: random.bytes(16) }),
		],
		again: (body) => encodeGenesis(decodeGenesis(body)),
	},
	invite: {
		bodies: (random) => [
			encodeInviteAct({
				...{ key: random.bytes(32), uses: 1, role: "member", epoch: 0 },
			}),
			encodeInviteAct({
				...{ key: random.bytes(32), uses: 1_000_000, role: "admin", epoch: 7 },
				expires: 1_700_000_000_000,
			}),
		],
		again: (body) => encodeInviteAct(decodeInviteAct(body)),
	},
	delegate: {
		bodies: (random) => [
			encodeDelegate({
				key: random.bytes(32),
				device: random.bytes(32),
				seed: random.bytes(80),
			}),
		],
		again: (body) => encodeDelegate(decodeDelegate(body)),
	},
	admit: {
		bodies: (random) => [
			encodeAdmit({ proof: random.bytes(200), role: "guest" }),
			encodeAdmit({
				...{ proof: random.bytes(200), role: "owner" },
				after: hashes(random, 3),
			}),
		],
		again: (body) => encodeAdmit(decodeAdmit(body)),
	},
	remove: {
		bodies: (random) => [
			encodeRemoval({ device: random.bytes(32), cuts: [] }),
			encodeRemoval({
				device: random.bytes(32),
				cuts: ["swarm", "memory:a", "memory:a"].map((space, i) => ({
					...{ space, session: random.bytes(32), next: i + 1 },
					head: random.bytes(32),
				})),
			}),
		],
		again: (body) => encodeRemoval(decodeRemoval(body)),
	},
	epoch: {
		bodies: (random) => [
			encodeEpoch({
				number: 1,
				check: random.bytes(32),
				covers: hashes(random, 2),
				secrets: hashes(random, 3).map((device) => ({
					device,
					sealed: random.bytes(80),
				})),
			}),
		],
		again: (body) => encodeEpoch(decodeEpoch(body)),
	},
};

const hashes = (random: Random, count: number): Uint8Array[] =>
	Array.from({ length: count }, () => random.bytes(32)).sort(compareBytes);

const bodyTargets = ACT_KINDS.map((kind): Target => {
	const { bodies, again } = codecs[kind];
	return {
		name: `act-${kind}`,
		begin: (random) => ({
			inputs: bodies(random),
			take: (input) =>
				outcomeOf(
					() => again(input),
					(made) =>
						ensure(equalBytes(made, input), "two encodings were accepted"),
				),
		}),
	};
});

/** What the acts of an input are about: a few devices, each with two logs, whose keys are their names repeated. */
const keyOf = (name: number): Uint8Array => new Uint8Array(32).fill(name & 7);

/**
 * An input is a list of acts, [kind, author, session, seq, what], where `what` depends on the kind. Signatures and
 * proofs hold for all of them, as for acts that got as far as this.
 */
function actsOf(input: Uint8Array): MembershipAct[] | undefined {
	let list: unknown;
	try {
		list = decodeCbor(input, { maxBytes: 16_384, maxDepth: 6 });
	} catch {
		return undefined;
	}
	if (!Array.isArray(list)) return undefined;
	return list.flatMap((item, i): MembershipAct[] => {
		if (!Array.isArray(item)) return [];
		const [name, by, log, at, what]: unknown[] = item;
		const kind = ACT_KINDS.find((each) => each === name);
		if (kind === undefined) return [];
		const author = count(by);
		const device = keyOf(count(what));
		return [
			{
				...{ kind, authorKey: keyOf(author), authorSeal: keyOf(author) },
				author: deviceIdOf(keyOf(author)),
				session: toHex(keyOf(count(log))),
				seq: count(at),
				hash: hashOf(i),
				body: what instanceof Uint8Array ? what : bodyOf(kind, device, i),
				...(kind === "admit" && {
					proof: { invite: keyOf(1), deviceKey: device, seal: device },
				}),
			},
		];
	});
}

const count = (value: unknown): number =>
	Number.isSafeInteger(value) ? Math.abs(Number(value)) : 0;
const hashOf = (i: number): Uint8Array => {
	const hash = new Uint8Array(32);
	hash[0] = i * 97;
	hash[31] = i;
	return hash;
};

function bodyOf(kind: ActKind, device: Uint8Array, i: number): Uint8Array {
	switch (kind) {
		case "genesis":
			return encodeGenesis({ name: "x", nonce: new Uint8Array(16) });
		case "invite":
			return encodeInviteAct({
				...{ key: keyOf(1), uses: 1 + (i & 3), epoch: i },
				role: i & 1 ? "admin" : "owner",
			});
		case "delegate":
			return encodeDelegate({ key: keyOf(1), device, seed: device });
		case "admit":
			return encodeAdmit({
				proof: device,
				role: i & 1 ? "owner" : "member",
				...(i & 2 && { after: [hashOf(i - 1)] }),
			});
		case "remove":
			return encodeRemoval({
				device,
				cuts:
					i & 1
						? [{ space: "swarm", session: device, next: i, head: hashOf(0) }]
						: [],
			});
		case "epoch":
			return encodeEpoch({
				number: i + 1,
				check: new Uint8Array(32),
				covers: [],
				secrets: [],
			});
	}
}

/** What a view says, in a form that can be compared. */
function told(acts: readonly MembershipAct[]): string {
	const view = evaluateMembership(acts, toHex(hashOf(0)));
	return JSON.stringify([
		[...view.members]
			.map(([device, { role }]) => [device, role])
			.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
		view.removals.map(toHex).sort(),
		view.epoch?.number ?? 0,
		view.needsEpoch,
		acts.map(({ author, session }) => [
			view.counts(author, "swarm", session),
			view.reach(author, "swarm", session),
		]),
	]);
}

const membership: Target = {
	name: "membership",
	weight: 0.5,
	begin() {
		const acts = [
			["genesis", 1, 1, 0, 1],
			["invite", 1, 1, 1, 1],
			["admit", 1, 1, 2, 2],
			["admit", 1, 1, 3, 3],
			["delegate", 1, 1, 4, 2],
			["admit", 2, 2, 0, 4],
			["remove", 1, 1, 5, 3],
			["remove", 3, 3, 0, 2],
			["epoch", 1, 1, 6, 0],
			["admit", 1, 1, 7, 3],
		];
		return {
			inputs: [acts, acts.slice(0, 6), acts.slice(0, 3)].map(encodeCbor),
			take(input) {
				const given = actsOf(input)?.slice(0, 200);
				if (given === undefined) return "refused";
				const once = told(given);
				// The order of `acts` is the one that `told` lists them in; what it says of each must not depend on it.
				const view = evaluateMembership(given.toReversed(), toHex(hashOf(0)));
				const other = evaluateMembership(given, toHex(hashOf(0)));
				ensure(
					[...view.members.keys()].sort().join() ===
						[...other.members.keys()].sort().join(),
					"the order of acts decided who is a member",
				);
				ensure(
					told([...given, ...given]).startsWith(once.slice(0, -2)),
					"acts said twice count twice",
				);
				return other.members.size > 0 ? "accepted" : "refused";
			},
		};
	},
};

export const actTargets: readonly Target[] = [...bodyTargets, membership];
