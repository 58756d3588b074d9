/** What a run can be without, to show that the checkers would see it missing. Nothing in the product knows of this. */
import * as Y from "yjs";
import type { Verifier } from "../../src/identity/signer.ts";
import { Mailbox } from "../../src/mesh/mailbox.ts";
import { Messenger } from "../../src/mesh/messenger.ts";
import { Epochs } from "../../src/node/epochs.ts";
import type { Decision } from "../../src/replica/accept.ts";
import { Corner } from "../../src/replica/corner.ts";
import { decodeEntry } from "../../src/replica/entry.ts";
import { Holdings } from "../../src/replica/holdings.ts";
import type { Log } from "../../src/replica/log.ts";
import { Parking } from "../../src/replica/parking.ts";
import type { EntryStore } from "../../src/replica/store.ts";
import type { FactSet } from "../../src/replica/structure.ts";
import type { VerifiedEntry } from "../../src/replica/verify.ts";
import { codeOf } from "../../src/wire/error.ts";
import type { Profile, SwarmWorld } from "./world/swarm.ts";

export const GUARDS = [
	"verify",
	"structure",
	"membership",
	"cut",
	"epoch",
	"letters",
	"fence",
	"commit-first",
	"redial",
	"retransmit",
	"repair",
	"proof",
	"save-retry",
	"parking",
] as const;
export type Guard = (typeof GUARDS)[number];

/** Faults that show soonest that a guard is missing: they strike more often then. */
const TRIALS: Partial<Record<Guard, readonly string[]>> = {
	verify: ["lie: forge"],
	structure: ["lie: poison", "lie: poisonSome"],
	membership: ["lie: intrude"],
	cut: ["device removed", "lie: backdate", "lie: reappear"],
	epoch: ["device removed"],
	letters: ["device removed", "asleep", "cable cut"],
	proof: ["lie: equivocate", "lie: equivocateLate"],
	"commit-first": ["page killed"],
	"save-retry": ["disk full"],
	parking: ["lie: flood"],
};

/** How many times as often a fault strikes as in a run that lacks nothing. */
export const stress = (guard: Guard | undefined, fault: string): number =>
	guard !== undefined && TRIALS[guard]?.includes(fault) ? 6 : 1;

/** Believes every signature. */
export const believeAll: Verifier = { verify: async () => true };

/** Takes a guard away from all of this process, once the swarm is gathered. @returns how to give it back */
export function sabotage(
	guard: Guard | undefined,
	{ network }: SwarmWorld,
): () => void {
	/** Sync messages are arrays that begin with a one-letter text (see sync-messages.ts). */
	const drop = (tags: string): void => {
		network.carries = (channel, frame) =>
			channel !== "state" || !tags.includes(String.fromCharCode(frame[3] ?? 0));
	};
	if (guard === "redial") network.canDial = false;
	if (guard === "repair") drop("dhw");
	if (guard === "proof") drop("p");
	if (guard === "structure") return withoutStructure();
	if (guard === "membership") return withoutMembership();
	if (guard === "cut") return withoutCut();
	if (guard === "epoch") return withoutEpochs();
	if (guard === "letters") return withoutLetters();
	if (guard === "parking") return withoutBounds();
	if (guard === "retransmit") return withoutRetransmission();
	return () => undefined;
}

/** Shows whatever a corner can be made to show. */
function withoutStructure(): () => void {
	const { decide } = Holdings.prototype;
	const { replay } = Corner;
	Corner.replay = (updates) => {
		const corner = new Corner();
		for (const update of updates) corner.apply(update, setsOf(update));
		return corner;
	};
	Holdings.prototype.decide = function (verified, isStored) {
		const decision = decide.call(this, verified, isStored);
		return decision.kind === "refused" && verified.entry.kind === "update"
			? anyhow(this, verified)
			: decision;
	};
	return () => {
		Corner.replay = replay;
		Holdings.prototype.decide = decide;
	};
}

/** Takes an update without a look at it, unless it can only be taken by breaking what takes it. */
function anyhow(
	holdings: Holdings,
	{ entry, certificate }: VerifiedEntry,
): Decision {
	const log = holdings.log(entry.space, entry.session);
	const device = certificate?.device ?? log?.device ?? "";
	const end = Number.POSITIVE_INFINITY;
	try {
		const sets = setsOf(entry.body);
		const bodies = log === undefined ? [] : bodiesOf(log);
		Corner.replay([...bodies, entry.body], false).digest();
		return { kind: "accepted", device, sets, end };
	} catch {
		return { kind: "closed" };
	}
}

function bodiesOf(log: Log): Uint8Array[] {
	const bodies: Uint8Array[] = [];
	for (let seq = log.base; seq < log.next; seq++) {
		const bytes = log.bytesAt(seq);
		if (bytes !== undefined) bodies.push(decodeEntry(bytes).body);
	}
	return bodies;
}

const setsOf = (update: Uint8Array): FactSet[] =>
	Y.decodeUpdate(update).structs.map((struct) => ({
		key: struct instanceof Y.Item ? (struct.parentSub ?? "") : "",
		value: undefined,
		clock: struct.id.clock,
	}));

/** Takes everybody for a member. */
function withoutMembership(): () => void {
	const { membership } = Holdings.prototype;
	Holdings.prototype.membership = function () {
		const view = membership.call(this);
		return {
			...view,
			members: view.members,
			isMember: () => true,
			reach: () => Number.POSITIVE_INFINITY,
			counts: () => Number.POSITIVE_INFINITY,
		};
	};
	return () => {
		Holdings.prototype.membership = membership;
	};
}

/** Lets all count that removed devices ever write. */
function withoutCut(): () => void {
	const { membership } = Holdings.prototype;
	Holdings.prototype.membership = function () {
		const view = membership.call(this);
		const all = Number.POSITIVE_INFINITY;
		const isGone = (device: string): boolean =>
			view.removalsOf(device).length > 0;
		return {
			...view,
			counts: (device, space, session) =>
				isGone(device) ? all : view.counts(device, space, session),
			reach: (device, space, session) =>
				isGone(device) ? all : view.reach(device, space, session),
		};
	};
	return () => {
		Holdings.prototype.membership = membership;
	};
}

/** Stays in the epoch whose secret the removed know. */
function withoutEpochs(): () => void {
	const { begin } = Epochs.prototype;
	Epochs.prototype.begin = async () => undefined;
	return () => {
		Epochs.prototype.begin = begin;
	};
}

/** Writes to nobody who slept through a new epoch, or through being removed. */
function withoutLetters(): () => void {
	const { post } = Mailbox.prototype;
	Mailbox.prototype.post = () => undefined;
	return () => {
		Mailbox.prototype.post = post;
	};
}

/** Keeps whatever it cannot work in yet. */
function withoutBounds(): () => void {
	const { add } = Parking.prototype;
	const entries = Object.getOwnPropertyDescriptor(Parking.prototype, "entries");
	const beyond = new WeakMap<Parking, number>();
	Parking.prototype.add = function (verified, from) {
		const isAdded = add.call(this, verified, from);
		if (!isAdded) beyond.set(this, (beyond.get(this) ?? 0) + 1);
		return isAdded;
	};
	Object.defineProperty(Parking.prototype, "entries", {
		...entries,
		get(this: Parking) {
			return Number(entries?.get?.call(this)) + (beyond.get(this) ?? 0);
		},
	});
	return () => {
		Parking.prototype.add = add;
		if (entries !== undefined)
			Object.defineProperty(Parking.prototype, "entries", entries);
	};
}

/** Says nothing again over a new link. */
function withoutRetransmission(): () => void {
	const { linkUp } = Messenger.prototype;
	Messenger.prototype.linkUp = () => undefined;
	return () => {
		Messenger.prototype.linkUp = linkUp;
	};
}

/** Storage that lacks one of its promises. */
export function weaken(
	guard: Guard | undefined,
	{ entries, identity }: Profile,
	run: { readonly isGathered: boolean; readonly world: SwarmWorld },
): EntryStore {
	if (guard === "fence")
		return { ...entries, append: (_fence, rows) => entries.put(rows) };
	if (guard === "commit-first")
		return {
			...entries,
			append: async (fence, rows) => {
				if (!run.isGathered) return entries.append(fence, rows);
				const nonce = identity.nonces.get(fence.slot);
				run.world.clock.after(400, () => {
					// Lost where the process died before.
					if (identity.nonces.get(fence.slot) === nonce)
						entries.append(fence, rows).catch(() => undefined);
				});
			},
		};
	if (guard === "save-retry")
		return {
			...entries,
			append: async (fence, rows) => {
				// Says that it was stored, whatever became of it.
				await entries.append(fence, rows).catch((error: unknown) => {
					if (codeOf(error) === "slot-lost") throw error;
				});
			},
		};
	return entries;
}
