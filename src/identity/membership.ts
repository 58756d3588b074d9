/** Who belongs to the swarm: a pure function of the membership acts in the swarm's space (M1). */
import { sha256 } from "@noble/hashes/sha2.js";
import { compareBytes, toHex } from "../wire/bytes.ts";
import { codeOf } from "../wire/error.ts";
import type { DeviceId, SwarmId } from "../wire/ids.ts";
import {
	decodeAdmit,
	decodeGenesis,
	decodeInviteAct,
	type Role,
} from "./acts.ts";
import { deviceIdOf } from "./did.ts";
import type { JoinProof } from "./invite.ts";

export {
	decodeAdmit,
	decodeGenesis,
	decodeInviteAct,
	encodeAdmit,
	encodeGenesis,
	encodeInviteAct,
	type Role,
} from "./acts.ts";

export interface Member {
	readonly device: DeviceId;
	/** Raw Ed25519 key of the device. */
	readonly key: Uint8Array;
	/** X25519 key for sealing secrets to it while it sleeps (E1). */
	readonly seal: Uint8Array;
	readonly role: Role;
}

export interface MembershipView {
	readonly members: ReadonlyMap<DeviceId, Member>;
	isMember(device: DeviceId): boolean;
}

/** One act as the accept step hands it on: signature, certificate and, for an admit, the proof are verified. */
export interface MembershipAct {
	readonly kind: "genesis" | "invite" | "admit";
	readonly author: DeviceId;
	readonly authorKey: Uint8Array;
	readonly authorSeal: Uint8Array;
	/** SHA-256 of the entry's bytes. */
	readonly hash: Uint8Array;
	readonly body: Uint8Array;
	/** What `verifyJoin` made of an admit's `proof`. */
	readonly proof?: JoinProof;
}

/** The swarm's id: SHA-256 of the signed bytes of its genesis entry, in hex (M1). */
export function swarmIdOf(genesisEntryBytes: Uint8Array): SwarmId {
	return toHex(sha256(genesisEntryBytes));
}

const RANK: Readonly<Record<Role, number>> = {
	guest: 1,
	member: 2,
	admin: 3,
	owner: 4,
};

/** An admission that counts as soon as its author belongs to the swarm. */
interface Admission {
	readonly author: DeviceId;
	readonly device: DeviceId;
	readonly role: Role;
	readonly hash: Uint8Array;
	readonly proof: JoinProof;
}

/**
 * Evaluates all acts known so far. The order of `acts` and repetitions do not matter, and acts of outsiders and
 * malformed acts change nothing. More acts never take membership away (removals will).
 *
 * The author of the genesis is the owner. An admit counts where its author is at least a member and wrote an invite act
 * with the key that signed the proof. Nobody grants more than the invite says, or more than they are themselves.
 *
 * @param swarm only the genesis with this hash counts. Without it there must be exactly one genesis among the acts,
 * else nobody is a member: to choose one would let an outsider found the swarm again.
 */
export function evaluateMembership(
	acts: readonly MembershipAct[],
	swarm?: SwarmId,
): MembershipView {
	const genesis = genesisOf(acts, swarm);
	if (genesis === undefined) return viewOf([]);
	const admissions = admissionsOf(acts);

	const roles = new Map<DeviceId, Role>([[genesis.author, "owner"]]);
	for (let changed = true; changed; ) {
		changed = false;
		for (const admission of admissions) {
			const role = granted(admission, roles);
			const known = roles.get(admission.device);
			if (role === undefined || (known && RANK[known] >= RANK[role])) continue;
			roles.set(admission.device, role);
			changed = true;
		}
	}

	// Keys come from the admission that gives the role; of several, from the one with the lowest hash.
	const members = new Map<DeviceId, Member>();
	for (const admission of admissions) {
		const { device, proof } = admission;
		const role = granted(admission, roles);
		if (role === undefined || role !== roles.get(device)) continue;
		if (members.has(device)) continue;
		members.set(device, {
			device,
			key: proof.deviceKey,
			seal: proof.seal,
			role,
		});
	}
	members.set(genesis.author, {
		device: genesis.author,
		key: genesis.authorKey,
		seal: genesis.authorSeal,
		role: "owner",
	});
	return viewOf([...members.values()]);
}

function genesisOf(
	acts: readonly MembershipAct[],
	swarm: SwarmId | undefined,
): MembershipAct | undefined {
	const found = new Map<string, MembershipAct>();
	for (const act of acts) {
		if (act.kind !== "genesis" || !reads(decodeGenesis, act.body)) continue;
		const hash = toHex(act.hash);
		if (swarm === undefined || hash === swarm) found.set(hash, act);
	}
	const [only] = found.values();
	return found.size === 1 ? only : undefined;
}

/** All admits that name an invite of their own author, by ascending hash. */
function admissionsOf(acts: readonly MembershipAct[]): Admission[] {
	const invited = new Map<string, Role>();
	for (const { kind, author, body } of acts) {
		if (kind !== "invite") continue;
		const invite = reads(decodeInviteAct, body);
		if (invite === undefined) continue;
		const name = `${author} ${toHex(invite.key)}`;
		const known = invited.get(name);
		if (!known || RANK[known] < RANK[invite.role])
			invited.set(name, invite.role);
	}
	const admissions: Admission[] = [];
	for (const { kind, author, body, hash, proof } of acts) {
		if (kind !== "admit" || proof === undefined) continue;
		const admit = reads(decodeAdmit, body);
		const role = invited.get(`${author} ${toHex(proof.invite)}`);
		if (admit === undefined || role === undefined) continue;
		admissions.push({
			author,
			device: deviceIdOf(proof.deviceKey),
			role: lesser(role, admit.role),
			hash,
			proof,
		});
	}
	return admissions.sort((a, b) => compareBytes(a.hash, b.hash));
}

/** The role an admission gives, as far as its author's own is known. */
function granted(
	admission: Admission,
	roles: ReadonlyMap<DeviceId, Role>,
): Role | undefined {
	const author = roles.get(admission.author);
	return author === undefined || author === "guest"
		? undefined
		: lesser(admission.role, author);
}

function lesser(a: Role, b: Role): Role {
	return RANK[a] < RANK[b] ? a : b;
}

/** What a decoder makes of a body, `undefined` where it is malformed: somebody else's mistake is not ours. */
function reads<T>(
	decode: (body: Uint8Array) => T,
	body: Uint8Array,
): T | undefined {
	try {
		return decode(body);
	} catch (error) {
		if (codeOf(error) === undefined) throw error;
		return undefined;
	}
}

function viewOf(members: readonly Member[]): MembershipView {
	const byDevice = new Map(
		members
			.toSorted((a, b) => (a.device < b.device ? -1 : 1))
			.map((member) => [member.device, member]),
	);
	return { members: byDevice, isMember: (device) => byDevice.has(device) };
}
