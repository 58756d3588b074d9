/** The accepting decision (S3): what becomes of an entry whose signatures hold. Pure; the replica carries it out. */
import { equalBytes, toHex } from "../wire/bytes.ts";
import type { ErrorCode } from "../wire/error.ts";
import {
	type DeviceId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import type { Entry } from "./entry.ts";
import { type CornerView, checkStructure, type FactSet } from "./structure.ts";
import type { VerifiedEntry } from "./verify.ts";

/** What is known of the log an entry belongs to. */
export interface LogView {
	/** The seq that comes next. */
	readonly next: number;
	/** The device that the certificate in seq 0 names. */
	readonly device: DeviceId | undefined;
	/** Hash of a held entry. */
	hashAt(seq: number): Uint8Array | undefined;
	readonly corner: CornerView;
}

export interface AcceptContext {
	readonly swarm: SwarmId;
	readonly log: LogView;
	isMember(device: DeviceId): boolean;
}

export type Decision =
	| {
			readonly kind: "accepted";
			readonly device: DeviceId;
			/** What an update sets; empty for membership acts. */
			readonly sets: readonly FactSet[];
	  }
	| { readonly kind: "duplicate" }
	/** Good as far as one can see; something it stands on is not here yet. */
	| {
			readonly kind: "parked";
			readonly missing: "certificate" | "membership" | "predecessor";
	  }
	| {
			readonly kind: "refused";
			readonly code: ErrorCode;
			readonly reason: string;
	  }
	/** The author signed two different entries at this seq (S5). The one seen first stays. */
	| { readonly kind: "fork"; readonly seq: number };

/** Records of jobs are written once (T1). */
export const isImmutable = (space: SpaceId): boolean =>
	space.startsWith("job:");

/** Decides over an entry whose own signature, certificate and join proof were verified. */
export function decide(
	verified: VerifiedEntry,
	context: AcceptContext,
): Decision {
	const { entry } = verified;
	const { log, swarm } = context;
	const misplaced = misplacement(entry, swarm);
	if (misplaced !== undefined) return refused(misplaced);

	const held = log.hashAt(entry.seq);
	if (held !== undefined)
		return equalBytes(held, entry.hash)
			? { kind: "duplicate" }
			: { kind: "fork", seq: entry.seq };
	if (entry.seq !== log.next)
		return {
			kind: "parked",
			missing: log.device === undefined ? "certificate" : "predecessor",
		};
	const before = log.hashAt(entry.seq - 1);
	if (entry.prev !== null && (!before || !equalBytes(entry.prev, before)))
		return { kind: "fork", seq: entry.seq - 1 };

	const device = verified.certificate?.device ?? log.device;
	if (device === undefined) return { kind: "parked", missing: "certificate" };
	// The genesis is known by its hash alone, and makes its author the first member.
	if (entry.kind !== "genesis" && !context.isMember(device))
		return { kind: "parked", missing: "membership" };
	if (entry.kind !== "update") return { kind: "accepted", device, sets: [] };

	const check = checkStructure(
		entry.body,
		log.corner,
		isImmutable(entry.space),
	);
	return check.ok
		? { kind: "accepted", device, sets: check.sets }
		: refused(check.reason);
}

/** What is wrong with where an entry of this kind stands. */
function misplacement(entry: Entry, swarm: SwarmId): string | undefined {
	if (entry.kind === "update") return undefined;
	if (entry.space !== SWARM_SPACE)
		return "membership lives in the swarm's own space";
	if (entry.kind === "genesis" && toHex(entry.hash) !== swarm)
		return "the genesis of another swarm";
	return undefined;
}

function refused(reason: string): Decision {
	return { kind: "refused", code: "malformed", reason };
}
