/** The accepting decision (S3): what becomes of an entry whose signatures hold. Pure; the replica carries it out. */
import { equalBytes, toHex } from "../wire/bytes.ts";
import type { ErrorCode } from "../wire/error.ts";
import {
	type DeviceId,
	isDraftSpace,
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
	/** The first seq that is held: what is before it, a checkpoint stands for (S7). */
	readonly base: number;
	/** From here on nothing is taken (S5). */
	readonly frozen: { readonly seq: number } | undefined;
	/** What the author signed and nobody accepts. */
	readonly refused: Entry | undefined;
	/** Hash of a held entry. */
	hashAt(seq: number): Uint8Array | undefined;
	readonly corner: CornerView;
}

export interface AcceptContext {
	readonly swarm: SwarmId;
	readonly log: LogView;
	/** How far the log is held: Infinity for a member's, 0 for a stranger's (M1). */
	reach(device: DeviceId): number;
	/** How far it counts; `undefined` where no removal of the device does (M1). */
	end(device: DeviceId): number | undefined;
	isSealed(space: SpaceId): boolean;
}

export type Decision =
	| {
			readonly kind: "accepted";
			readonly device: DeviceId;
			/** What an update sets; empty for membership acts. */
			readonly sets: readonly FactSet[];
			/** From here on updates of the log are held and show nothing (M1). */
			readonly end: number;
	  }
	| { readonly kind: "duplicate" }
	/** It comes after a fork or a removal, or its space is sealed: nobody takes it any more (S5, S7, M1). */
	| { readonly kind: "closed" }
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
	/** The author signed this entry, and another history in the one at this seq, held or refused (S5). */
	| { readonly kind: "fork"; readonly with: number };

const EMPTY = new Uint8Array();

/** Records of jobs are written once (T1), and so are the edits of drafts (S4). */
export const isImmutable = (space: SpaceId): boolean =>
	space.startsWith("job:") || isDraftSpace(space);

/** Where facts are overwritten, a log can be compacted (S7); membership acts and records of jobs stay as they are. */
export const isCompactable = (space: SpaceId): boolean =>
	space.startsWith("memory:");

/** A checkpoint is read as the first update of a new corner, so that all take it, whatever they held before. */
const NEW_CORNER: CornerView = {
	next: 0,
	clockOf: () => undefined,
	keyAt: () => undefined,
};

/** Decides over an entry whose own signature, certificate and join proof were verified. */
export function decide(
	verified: VerifiedEntry,
	context: AcceptContext,
): Decision {
	const { entry } = verified;
	const { log, swarm } = context;
	const misplaced = misplacement(entry, swarm);
	if (misplaced !== undefined) return refused(misplaced);
	if (context.isSealed(entry.space)) return { kind: "closed" };
	const isFounding = entry.kind === "genesis";
	if (!isFounding && log.frozen !== undefined && entry.seq >= log.frozen.seq)
		return { kind: "closed" };
	if (entry.seq < log.base) return { kind: "duplicate" };

	const held = log.hashAt(entry.seq);
	if (held !== undefined)
		return equalBytes(held, entry.hash)
			? { kind: "duplicate" }
			: { kind: "fork", with: entry.seq };
	if (
		log.refused?.seq === entry.seq &&
		!equalBytes(log.refused.hash, entry.hash)
	)
		return { kind: "fork", with: entry.seq };
	if (entry.seq !== log.next && entry.kind !== "checkpoint")
		return {
			kind: "parked",
			missing: log.device === undefined ? "certificate" : "predecessor",
		};
	const before = log.hashAt(entry.seq - 1);
	if (before !== undefined && !equalBytes(entry.prev ?? EMPTY, before))
		return { kind: "fork", with: entry.seq - 1 };

	const device = verified.certificate?.device ?? log.device;
	if (device === undefined) return { kind: "parked", missing: "certificate" };
	// The genesis is known by its hash alone, and makes its author the first member.
	if (!isFounding && entry.seq >= context.reach(device))
		return context.end(device) === undefined
			? { kind: "parked", missing: "membership" }
			: { kind: "closed" };
	const end = context.end(device) ?? Number.POSITIVE_INFINITY;
	const isCheckpoint = entry.kind === "checkpoint";
	const isSilent = entry.seq >= end;
	if (isSilent || (entry.kind !== "update" && !isCheckpoint))
		return { kind: "accepted", device, sets: [], end };

	const check = checkStructure(
		entry.body,
		isCheckpoint ? NEW_CORNER : log.corner,
		isImmutable(entry.space),
	);
	return check.ok
		? { kind: "accepted", device, sets: check.sets, end }
		: refused(check.reason);
}

/** What is wrong with where an entry of this kind stands. */
function misplacement(entry: Entry, swarm: SwarmId): string | undefined {
	if (entry.kind === "update") return undefined;
	if (entry.kind === "checkpoint")
		return isCompactable(entry.space)
			? undefined
			: "what is written once is not compacted";
	if (entry.space !== SWARM_SPACE)
		return "membership lives in the swarm's own space";
	if (entry.kind === "genesis" && toHex(entry.hash) !== swarm)
		return "the genesis of another swarm";
	return undefined;
}

function refused(reason: string): Decision {
	return { kind: "refused", code: "malformed", reason };
}
