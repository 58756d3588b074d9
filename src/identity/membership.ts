/** Who belongs to the swarm: a pure function of the membership acts in the swarm's space (M1). */
import { sha256 } from "@noble/hashes/sha2.js";
import { compareBytes, toHex } from "../wire/bytes.ts";
import { groupBy } from "../wire/group.ts";
import {
	type DeviceId,
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import {
	type ActBook,
	type Delegation,
	type EpochRecord,
	type Invitation,
	type MembershipAct,
	type Place,
	type Removal,
	readActs,
} from "./act-book.ts";
import type { Role } from "./acts.ts";
import { removalsThatCount } from "./removals.ts";
import { isAtLeast, type Roles, rolesUnder, takesBack } from "./roles.ts";

export interface Member {
	readonly device: DeviceId;
	/** Raw Ed25519 key of the device. */
	readonly key: Uint8Array;
	/** X25519 key for sealing secrets to it while it sleeps (E1). */
	readonly seal: Uint8Array;
	readonly role: Role;
}

export interface MembershipView {
	/** Who is in the swarm now, by device. */
	readonly members: ReadonlyMap<DeviceId, Member>;
	isMember(device: DeviceId): boolean;
	/** The removals of a device that count. */
	removalsOf(device: DeviceId): readonly Removal[];
	/** How far a log counts: its entries from this seq on do not. Infinity for a member's, 0 for a stranger's. */
	counts(device: DeviceId, space: SpaceId, session: PeerId): number;
	/**
	 * How far a log is held. As far as it counts; in the swarm's space that of a removed owner or admin to its end, because
	 * the removal of who removed it may stand there.
	 */
	reach(device: DeviceId, space: SpaceId, session: PeerId): number;
	/** The role with which an act in the swarm's space was done; `undefined` where it does not count. */
	roleAt(place: Omit<Place, "hash">): Role | undefined;
	/** Keys of a device that is, or once was, in the swarm. */
	keysOf(device: DeviceId): Pick<Member, "key" | "seal"> | undefined;
	/** Invites that count, used up and expired ones too, and the devices that came by each (M2). */
	readonly invites: readonly (Invitation & {
		readonly admitted: readonly DeviceId[];
	})[];
	/** Invites that a device may answer because their issuer delegated to it. */
	delegationsTo(device: DeviceId): readonly Delegation[];
	/** The present epoch, `undefined` while it is the first one (M3). */
	readonly epoch: EpochRecord | undefined;
	/** Whether somebody was removed who knows the present epoch's secret. */
	readonly needsEpoch: boolean;
	/** Hashes of all removals that count. */
	readonly removals: readonly Uint8Array[];
	/** Those of owners and admins: they could have removed somebody at the same time. */
	readonly contested: readonly Removal[];
}

/** The swarm's id: SHA-256 of the signed bytes of its genesis entry, in hex (M1). */
export function swarmIdOf(genesisEntryBytes: Uint8Array): SwarmId {
	return toHex(sha256(genesisEntryBytes));
}

/**
 * Evaluates all acts known so far. The order of `acts` and repetitions do not matter, and acts of outsiders and
 * malformed acts change nothing.
 *
 * The author of the genesis is the owner. An admit counts where its author is at least a member and wrote an invite act
 * with the key that signed the proof, or was named by who did. Nobody grants more than the invite says, or more than they
 * are themselves. A removal takes its device out, and with it all that the device did beyond the positions it names;
 * an admit that names the removal brings the device back.
 *
 * @param swarm only the genesis with this hash counts. Without it there must be exactly one genesis among the acts,
 * else nobody is a member: to choose one would let an outsider found the swarm again.
 */
export function evaluateMembership(
	acts: readonly MembershipAct[],
	swarm?: SwarmId,
): MembershipView {
	const book = readActs(acts, swarm);
	if (book === undefined) return NOBODY;
	const removals = removalsThatCount(book);
	const roles = rolesUnder(book, removals);
	// Who could ever have removed somebody, whatever was removed since.
	const widest = removals.length === 0 ? roles : rolesUnder(book, []);
	const members = membersOf(book, roles);
	const isMember = (device: DeviceId): boolean => members.has(device);
	const epoch = epochOf(book, roles, members, removals);
	const covered = new Set(epoch?.covers.map(toHex));
	const counts = (
		device: DeviceId,
		space: SpaceId,
		session: PeerId,
	): number => {
		const cuts = roles.removalsOf(device);
		const isNew = !cuts.some((removal) => removal.knows(session));
		return isNew && isMember(device)
			? Number.POSITIVE_INFINITY
			: Math.max(0, ...cuts.map((cut) => cut.cut(space, session)));
	};
	return {
		members,
		isMember,
		removalsOf: roles.removalsOf,
		counts,
		reach: (device, space, session) =>
			space === SWARM_SPACE &&
			roles.removalsOf(device).length > 0 &&
			isAtLeast(widest.ever(device), "admin")
				? Number.POSITIVE_INFINITY
				: counts(device, space, session),
		roleAt: roles.at,
		keysOf: (device) => keysOf(book, roles, device),
		invites: invitesOf(book, roles),
		delegationsTo: (device) =>
			book.delegations.filter(
				(delegation) =>
					delegation.device === device &&
					roles.at(delegation) !== undefined &&
					book.invitations.some(
						({ key, author }) =>
							key === delegation.key && author === delegation.author,
					),
			),
		epoch,
		needsEpoch: removals.some(({ id }) => !covered.has(id)),
		removals: removals.map(({ hash }) => hash),
		contested: removals.filter(({ device }) =>
			isAtLeast(widest.ever(device), "admin"),
		),
	};
}

const NOBODY: MembershipView = {
	members: new Map(),
	isMember: () => false,
	removalsOf: () => [],
	counts: () => 0,
	reach: () => 0,
	roleAt: () => undefined,
	keysOf: () => undefined,
	invites: [],
	delegationsTo: () => [],
	epoch: undefined,
	needsEpoch: false,
	removals: [],
	contested: [],
};

function keysOf(
	{ founder }: ActBook,
	roles: Roles,
	device: DeviceId,
): Pick<Member, "key" | "seal"> | undefined {
	if (founder.author === device)
		return { key: founder.authorKey, seal: founder.authorSeal };
	const proof = roles.granted.find(
		({ admission }) => admission.device === device,
	)?.admission.proof;
	return proof && { key: proof.deviceKey, seal: proof.seal };
}

function invitesOf(book: ActBook, roles: Roles): MembershipView["invites"] {
	const admitted = groupBy(
		roles.granted.map(({ admission }) => admission),
		({ key }) => key,
	);
	return book.invitations
		.filter((invitation) => roles.at(invitation) !== undefined)
		.map((invitation) => {
			const came = admitted.get(invitation.key) ?? [];
			const devices = new Set(came.map(({ device }) => device));
			return { ...invitation, admitted: [...devices] };
		});
}

/** Who is in, with keys from the admission that gives the role; of several, from the one with the lowest hash. */
function membersOf(
	{ founder }: ActBook,
	roles: Roles,
): ReadonlyMap<DeviceId, Member> {
	const members = new Map<DeviceId, Member>();
	if (roles.removalsOf(founder.author).length === 0)
		members.set(founder.author, {
			device: founder.author,
			key: founder.authorKey,
			seal: founder.authorSeal,
			role: "owner",
		});
	for (const { admission, role } of roles.granted) {
		const { device, proof } = admission;
		const isIn = takesBack(admission, roles.removalsOf(device), roles.at);
		if (!isIn || role !== roles.now(device) || members.has(device)) continue;
		members.set(device, {
			device,
			key: proof.deviceKey,
			seal: proof.seal,
			role,
		});
	}
	return new Map([...members].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The epoch that members meet in: of those by an owner or admin the one that comes after most of the removals that count,
 * then the one with the highest number, then the lowest hash. The removals come first, so that who goes cannot leave an
 * epoch behind that none follows. Where neither is left, any member's counts.
 */
function epochOf(
	book: ActBook,
	roles: Roles,
	members: ReadonlyMap<DeviceId, Member>,
	removals: readonly Removal[],
): EpochRecord | undefined {
	const hasLead = [...members.values()].some(({ role }) =>
		isAtLeast(role, "admin"),
	);
	let most = -1;
	let best: EpochRecord | undefined;
	for (const epoch of book.epochs) {
		if (!isAtLeast(roles.at(epoch), hasLead ? "admin" : "member")) continue;
		const covers = new Set(epoch.covers.map(toHex));
		const after = removals.filter(({ id }) => covers.has(id)).length;
		if (
			best === undefined ||
			after > most ||
			(after === most && isLater(epoch, best))
		) {
			best = epoch;
			most = after;
		}
	}
	return best;
}

const isLater = (a: EpochRecord, b: EpochRecord): boolean =>
	a.number > b.number ||
	(a.number === b.number && compareBytes(a.hash, b.hash) < 0);
