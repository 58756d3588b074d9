/** The membership acts of a swarm, read: malformed ones are left out, and each knows where in which log it stands. */
import { compareBytes, toHex } from "../wire/bytes.ts";
import { codeOf } from "../wire/error.ts";
import {
	type DeviceId,
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import {
	decodeAdmit,
	decodeDelegate,
	decodeGenesis,
	decodeInviteAct,
	type Role,
} from "./acts.ts";
import { deviceIdOf } from "./did.ts";
import { decodeEpoch, type EpochAct } from "./epoch-act.ts";
import type { JoinProof } from "./invite.ts";
import { decodeRemoval } from "./removal-act.ts";

/** Kinds of entries in the swarm's space that say who belongs to it. */
export const ACT_KINDS = [
	"genesis",
	"invite",
	"delegate",
	"admit",
	"remove",
	"epoch",
] as const;
export type ActKind = (typeof ACT_KINDS)[number];

/** One act as the accept step hands it on: signature, certificate and, for an admit, the proof are verified. */
export interface MembershipAct {
	readonly kind: ActKind;
	readonly author: DeviceId;
	readonly authorKey: Uint8Array;
	readonly authorSeal: Uint8Array;
	/** Where it stands: in the author's log in the swarm's space. */
	readonly session: PeerId;
	readonly seq: number;
	/** SHA-256 of the entry's bytes. */
	readonly hash: Uint8Array;
	readonly body: Uint8Array;
	/** What `verifyJoin` made of an admit's `proof`. */
	readonly proof?: JoinProof;
}

/** Where an act stands, and whose it is. */
export interface Place {
	readonly author: DeviceId;
	readonly session: PeerId;
	readonly seq: number;
	readonly hash: Uint8Array;
}

export interface Invitation extends Place {
	/** Hex of the invite's public key. */
	readonly key: string;
	readonly role: Role;
	readonly uses: number;
	readonly epoch: number;
	/** Wall clock, milliseconds since 1970 (E6). */
	readonly expires: number;
}

export interface Delegation extends Place {
	readonly key: string;
	readonly device: DeviceId;
	/** The invite's seed, sealed to that device. */
	readonly seed: Uint8Array;
}

export interface Admission extends Place {
	/** Hex of the public key of the invite it goes by. */
	readonly key: string;
	readonly device: DeviceId;
	readonly role: Role;
	/** Hex of removals that it takes back. */
	readonly after: ReadonlySet<string>;
	readonly proof: JoinProof;
}

/** A removal, with what it says of each log. */
export interface Removal extends Place {
	/** Hex of `hash`. */
	readonly id: string;
	readonly device: DeviceId;
	/** Whether it has seen anything of a session. */
	knows(session: PeerId): boolean;
	/** The first seq that it has not seen; 0 of logs that it does not name. */
	cut(space: SpaceId, session: PeerId): number;
}

export interface EpochRecord extends Place, EpochAct {}

export interface ActBook {
	readonly founder: MembershipAct;
	readonly invitations: readonly Invitation[];
	readonly delegations: readonly Delegation[];
	/** By ascending hash. */
	readonly admissions: readonly Admission[];
	readonly removals: readonly Removal[];
	readonly epochs: readonly EpochRecord[];
}

/** `undefined` where the genesis is not there. @param swarm see `evaluateMembership` */
export function readActs(
	acts: readonly MembershipAct[],
	swarm: SwarmId | undefined,
): ActBook | undefined {
	const founder = genesisOf(acts, swarm);
	if (founder === undefined) return undefined;
	const invitations: Invitation[] = [];
	const delegations: Delegation[] = [];
	const admissions: Admission[] = [];
	const removals: Removal[] = [];
	const epochs: EpochRecord[] = [];
	const seen = new Set<string>();
	for (const act of acts) {
		const id = toHex(act.hash);
		if (seen.has(id)) continue;
		seen.add(id);
		const { kind, body, author, session, seq, hash, proof } = act;
		const place = { author, session, seq, hash };
		if (kind === "invite") {
			const invite = reads(decodeInviteAct, body);
			if (invite === undefined) continue;
			const { expires = Number.POSITIVE_INFINITY, ...rest } = invite;
			invitations.push({ ...place, ...rest, key: toHex(invite.key), expires });
		} else if (kind === "delegate") {
			const read = reads(decodeDelegate, body);
			if (read === undefined) continue;
			const device = deviceIdOf(read.device);
			const { seed } = read;
			delegations.push({ ...place, key: toHex(read.key), device, seed });
		} else if (kind === "admit" && proof !== undefined) {
			const admit = reads(decodeAdmit, body);
			if (admit === undefined) continue;
			admissions.push({
				...place,
				key: toHex(proof.invite),
				device: deviceIdOf(proof.deviceKey),
				role: admit.role,
				after: new Set(admit.after?.map(toHex)),
				proof,
			});
		} else if (kind === "remove") {
			const removal = reads(decodeRemoval, body);
			if (removal !== undefined) removals.push(removalOf(place, removal));
		} else if (kind === "epoch") {
			const epoch = reads(decodeEpoch, body);
			if (epoch !== undefined) epochs.push({ ...place, ...epoch });
		}
	}
	admissions.sort((a, b) => compareBytes(a.hash, b.hash));
	return { founder, invitations, delegations, admissions, removals, epochs };
}

function removalOf(
	place: Place,
	{ device, cuts }: ReturnType<typeof decodeRemoval>,
): Removal {
	const logs = new Map<string, number>();
	const sessions = new Set<PeerId>();
	for (const { space, session, next } of cuts) {
		sessions.add(toHex(session));
		logs.set(`${toHex(session)} ${space}`, next);
	}
	const goes = deviceIdOf(device);
	const own = place.author === goes ? place.session : undefined;
	if (own !== undefined) sessions.add(own);
	return {
		...place,
		id: toHex(place.hash),
		device: goes,
		knows: (session) => sessions.has(session),
		// Who goes by itself has said so.
		cut: (space, session) =>
			space === SWARM_SPACE && session === own
				? place.seq + 1
				: (logs.get(`${session} ${space}`) ?? 0),
	};
}

/** The first seq of a session's acts that does not count any more where all of these removals of its device do. */
export const actsEnd = (
	removals: readonly Removal[],
	session: PeerId,
): number =>
	Math.min(...removals.map((removal) => removal.cut(SWARM_SPACE, session)));

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
