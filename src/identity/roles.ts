/** What each device may do, given which removals count (M1). */
import { groupBy } from "../wire/group.ts";
import type { DeviceId } from "../wire/ids.ts";
import {
	type ActBook,
	type Admission,
	actsEnd,
	type Invitation,
	type Place,
	type Removal,
} from "./act-book.ts";
import type { Role } from "./acts.ts";

const RANK: Readonly<Record<Role, number>> = {
	guest: 1,
	member: 2,
	admin: 3,
	owner: 4,
};

export const isAtLeast = (role: Role | undefined, least: Role): boolean =>
	role !== undefined && RANK[role] >= RANK[least];

export const lesser = (a: Role, b: Role): Role => (RANK[a] < RANK[b] ? a : b);

/** Roles as a set of removals leaves them. */
export interface Roles {
	/** The role of a device now; `undefined` for who is not in the swarm. */
	now(device: DeviceId): Role | undefined;
	/** The highest role it ever had, for what it did before it was removed. */
	ever(device: DeviceId): Role | undefined;
	devices(): Iterable<DeviceId>;
	/** The role with which an act in the swarm's space was done; `undefined` where it does not count. */
	at(place: Omit<Place, "hash">): Role | undefined;
	/** Admissions that count, by ascending hash, with the role that each gives. */
	readonly granted: readonly { admission: Admission; role: Role }[];
	removalsOf(device: DeviceId): readonly Removal[];
}

const NONE: readonly Removal[] = [];

/** Whether an admission brings a device back: it knows of every removal, and no member overrules an owner or admin. */
export const takesBack = (
	admission: Admission,
	removals: readonly Removal[],
	roleAt: Roles["at"],
): boolean =>
	removals.every(
		({ id, author, device }) =>
			admission.after.has(id) &&
			(author === device || isAtLeast(roleAt(admission), "admin")),
	);

/** Evaluates the acts as if exactly these removals counted. */
export function rolesUnder(book: ActBook, removals: readonly Removal[]): Roles {
	const all = settle(book, removals, book.admissions);
	// An invite admits so many devices (M2). Only where a partition let more in is there anything to choose.
	const kept = withinUses(book, all);
	return kept.length === book.admissions.length
		? all
		: settle(book, removals, kept);
}

function settle(
	book: ActBook,
	removals: readonly Removal[],
	admissions: readonly Admission[],
): Roles {
	const byDevice = groupBy(removals, ({ device }) => device);
	const removalsOf = (device: DeviceId): readonly Removal[] =>
		byDevice.get(device) ?? NONE;
	const founder = book.founder.author;
	const ever = new Map<DeviceId, Role>([[founder, "owner"]]);
	const now = new Map<DeviceId, Role>();
	if (removalsOf(founder).length === 0) now.set(founder, "owner");

	const at = ({ author, session, seq }: Omit<Place, "hash">) => {
		const cuts = removalsOf(author);
		if (cuts.length === 0) return ever.get(author);
		// A session that no removal has seen is a new one, of a device that came back, or one that was hidden.
		if (!cuts.some((removal) => removal.knows(session))) return now.get(author);
		return seq < actsEnd(cuts, session) ? ever.get(author) : undefined;
	};
	const offers = offersOf(book);
	const roleOf = (admission: Admission): Role | undefined => {
		const author = at(admission);
		if (!isAtLeast(author, "member") || author === undefined) return undefined;
		let best: Role | undefined;
		for (const { invitation, delegate } of offers.get(admission.key) ?? []) {
			const issuer = at(invitation);
			const mayAnswer =
				invitation.author === admission.author ||
				(delegate?.device === admission.author && at(delegate) !== undefined);
			if (issuer === undefined || issuer === "guest" || !mayAnswer) continue;
			const role = lesser(invitation.role, lesser(admission.role, issuer));
			if (best === undefined || RANK[role] > RANK[best]) best = role;
		}
		return best === undefined ? undefined : lesser(best, author);
	};
	const raise = (
		roles: Map<DeviceId, Role>,
		device: DeviceId,
		role: Role,
	): boolean => {
		const known = roles.get(device);
		if (known !== undefined && RANK[known] >= RANK[role]) return false;
		roles.set(device, role);
		return true;
	};

	for (let changed = true; changed; ) {
		changed = false;
		for (const admission of admissions) {
			const role = roleOf(admission);
			if (role === undefined) continue;
			const { device } = admission;
			if (raise(ever, device, role)) changed = true;
			if (
				takesBack(admission, removalsOf(device), at) &&
				raise(now, device, role)
			)
				changed = true;
		}
	}
	return {
		now: (device) => now.get(device),
		ever: (device) => ever.get(device),
		devices: () => now.keys(),
		at,
		removalsOf,
		granted: admissions.flatMap((admission) => {
			const role = roleOf(admission);
			return role === undefined ? [] : [{ admission, role }];
		}),
	};
}

interface Offer {
	readonly invitation: Invitation;
	/** Where another than the issuer answers it. */
	readonly delegate?: Place & { readonly device: DeviceId };
}

/** Who may admit by which invite, by its key: the issuer, and whoever it names. */
function offersOf(book: ActBook): ReadonlyMap<string, readonly Offer[]> {
	const offers = new Map<string, Offer[]>();
	for (const invitation of book.invitations) {
		const here = offers.get(invitation.key) ?? [];
		here.push({ invitation });
		for (const delegate of book.delegations)
			if (
				delegate.key === invitation.key &&
				delegate.author === invitation.author
			)
				here.push({ invitation, delegate });
		offers.set(invitation.key, here);
	}
	return offers;
}

/**
 * Admissions less those that are more than their invite allows. Of one log the earlier ones stay, of several logs those
 * with the lower hashes.
 */
function withinUses(book: ActBook, { granted }: Roles): readonly Admission[] {
	const uses = new Map<string, number>();
	for (const invitation of book.invitations) {
		const known = uses.get(invitation.key) ?? 0;
		uses.set(invitation.key, Math.max(known, invitation.uses));
	}
	const counted = groupBy(
		granted.map(({ admission }) => admission),
		({ key }) => key,
	);
	const surplus = new Set<Admission>();
	for (const [key, admissions] of counted) {
		const limit = uses.get(key) ?? 0;
		const kept = new Set<Admission>();
		for (const log of groupBy(admissions, ({ session }) => session).values()) {
			const inOrder = log.toSorted((a, b) => a.seq - b.seq);
			const devices = firstDevices(inOrder, limit);
			for (const admission of log)
				if (devices.has(admission.device)) kept.add(admission);
		}
		const devices = firstDevices(
			admissions.filter((admission) => kept.has(admission)),
			limit,
		);
		for (const admission of admissions)
			if (!devices.has(admission.device)) surplus.add(admission);
	}
	return surplus.size === 0
		? book.admissions
		: book.admissions.filter((admission) => !surplus.has(admission));
}

function firstDevices(
	admissions: readonly Admission[],
	limit: number,
): ReadonlySet<DeviceId> {
	const devices = new Set<DeviceId>();
	for (const { device } of admissions) {
		if (devices.size >= limit) break;
		devices.add(device);
	}
	return devices;
}
