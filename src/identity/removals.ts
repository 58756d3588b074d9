/**
 * Which removals count (M1). A removal beats what the removed device did at the same time, its own removals included; of
 * two owners who remove each other the one admitted earlier stays. The answer depends on the set of acts alone, never on
 * the order they came in.
 */
import { compareBytes } from "../wire/bytes.ts";
import type { DeviceId } from "../wire/ids.ts";
import type { ActBook, Removal } from "./act-book.ts";
import type { Role } from "./acts.ts";
import { isAtLeast, type Roles, rolesUnder } from "./roles.ts";

/**
 * The removals that count. What stands even if every open removal counted is certain; what falls even if none of them
 * did is void; the rest contradict each other in a circle, and there the most senior author is believed.
 */
export function removalsThatCount(book: ActBook): readonly Removal[] {
	const certain: Removal[] = [];
	let open = [...book.removals];
	while (open.length > 0) {
		const loosest = rolesUnder(book, certain);
		open = open.filter((removal) => isEntitled(removal, loosest));
		const strictest = rolesUnder(book, [...certain, ...open]);
		const sound = open.filter((removal) => isEntitled(removal, strictest));
		if (sound.length > 0) {
			certain.push(...sound);
			open = open.filter((removal) => !sound.includes(removal));
			continue;
		}
		const [believed] = open.toSorted(bySeniority(book, loosest));
		if (believed === undefined) break;
		certain.push(believed);
		open = open.filter(
			(removal) =>
				removal !== believed &&
				isEntitled(believed, rolesUnder(book, [...certain, removal])),
		);
	}
	return certain;
}

/** Owners remove anybody, admins members and guests, everybody themselves. */
function isEntitled(removal: Removal, roles: Roles): boolean {
	const { author, device, id } = removal;
	const role = roles.at(removal);
	if (role === undefined) return false;
	if (author === device || role === "owner") return true;
	if (role !== "admin") return false;
	// What the device became after it, by somebody who knew of it, does not speak for it.
	let target: Role | undefined;
	for (const { admission, role: given } of roles.granted)
		if (
			admission.device === device &&
			!admission.after.has(id) &&
			(target === undefined || isAtLeast(given, target))
		)
			target = given;
	return target === "member" || target === "guest";
}

/** Who is nearer to the genesis comes first; then the lesser position of the admission, then its lower hash. */
function bySeniority(
	book: ActBook,
	roles: Roles,
): (a: Removal, b: Removal) => number {
	const ranks = ranksOf(book, roles);
	const last = { depth: Number.POSITIVE_INFINITY, seq: 0, hash: NO_HASH };
	return (a, b) => {
		const [x, y] = [ranks.get(a.author) ?? last, ranks.get(b.author) ?? last];
		return compareRanks(x, y) || compareBytes(a.hash, b.hash);
	};
}

interface Rank {
	readonly depth: number;
	readonly seq: number;
	readonly hash: Uint8Array;
}

const NO_HASH = new Uint8Array(0);

const compareRanks = (a: Rank, b: Rank): number =>
	(a.depth === b.depth ? a.seq - b.seq : a.depth - b.depth) ||
	compareBytes(a.hash, b.hash);

function ranksOf(book: ActBook, roles: Roles): ReadonlyMap<DeviceId, Rank> {
	const ranks = new Map<DeviceId, Rank>([
		[book.founder.author, { depth: 0, seq: 0, hash: NO_HASH }],
	]);
	for (let changed = true; changed; ) {
		changed = false;
		for (const { admission } of roles.granted) {
			const author = ranks.get(admission.author);
			if (author === undefined) continue;
			const { seq, hash, device } = admission;
			const rank = { depth: author.depth + 1, seq, hash };
			const known = ranks.get(device);
			if (known !== undefined && compareRanks(known, rank) <= 0) continue;
			ranks.set(device, rank);
			changed = true;
		}
	}
	return ranks;
}
