/** What the replica offers to the layers above, and what it needs from the mesh. */
import type { ActKind } from "../identity/act-book.ts";
import type { Member, MembershipView } from "../identity/membership.ts";
import type { Cut } from "../identity/removal-act.ts";
import type { DeviceId, PeerId, SpaceId } from "../wire/ids.ts";

/** One key of one corner. */
export interface Fact {
	readonly key: string;
	readonly value: unknown;
	/** The session whose corner holds it. */
	readonly peer: PeerId;
	readonly device: DeviceId;
}

/** A membership act as its author writes it (M1). */
export interface Act {
	/** A seal is of a space, not of membership; it is written into the swarm's space too (S7). */
	readonly kind: Exclude<ActKind, "genesis"> | "seal";
	readonly body: Uint8Array;
}

export interface Replica {
	/** Loads every space of the swarm from the store and rebuilds the corners (S1). */
	start(): Promise<void>;
	/** Stops timers; pending writes are committed first. */
	stop(): Promise<void>;

	/**
	 * Sets keys in the own corner of a space. Resolves once they are committed to the store, which is before they are
	 * sent (S2). Calls within 50 ms share one entry.
	 *
	 * @throws ShoalError `not-saved`, `slot-lost`, `bad-input`, `closed` in a sealed space, `not-a-member` once this device
	 * was removed
	 */
	put(space: SpaceId, facts: Readonly<Record<string, unknown>>): Promise<void>;
	/** All facts of all corners of a space. The array is new after each change and may be kept. */
	facts(space: SpaceId): readonly Fact[];
	/** The facts of one key of a space, one for each corner that has it. */
	factsAt(space: SpaceId, key: string): readonly Fact[];
	spaces(): readonly SpaceId[];
	/** Hears of every space whose facts changed, once a turn. */
	watch(listener: (space: SpaceId) => void): () => void;

	/**
	 * Writes a membership act into the swarm's space; resolves with the hash of the entry once committed.
	 *
	 * @throws ShoalError `not-saved`, `slot-lost`, `not-a-member` once this device was removed
	 */
	act(act: Act): Promise<Uint8Array>;
	/**
	 * Puts a checkpoint in the place of all that was written to the own log of a space (S7). Does nothing where nothing
	 * was written, and in spaces whose records are written once. It happens by itself where most has been overwritten.
	 *
	 * @throws ShoalError `not-saved`, `slot-lost`, `too-large`
	 */
	compact(space: SpaceId): Promise<void>;
	/**
	 * Closes a space for good and reclaims what it took, on every device (S7).
	 *
	 * @throws ShoalError `not-a-member` for who is neither owner nor admin, `bad-input` for the swarm's own space
	 */
	seal(space: SpaceId): Promise<void>;
	membership(): MembershipView;
	/** One entry, verbatim, where it is held. */
	entry(space: SpaceId, session: PeerId, seq: number): Uint8Array | undefined;
	/** How far each log of a device is held, in all spaces: what a removal of it says was seen (M1). */
	heads(device: DeviceId): readonly Cut[];
	/** The device behind a session of the swarm, where its certificate is known. */
	deviceOf(peer: PeerId): DeviceId | undefined;
	members(): readonly Member[];
	/** Hex of the digest over the heads of all logs of the space (S6). */
	headsDigest(space: SpaceId): string;
	/** Awake linked peers whose last told digest of the space equals ours. */
	holders(space: SpaceId): readonly PeerId[];

	/** A link to a member came up or went away. */
	linkUp(peer: PeerId): void;
	linkDown(peer: PeerId): void;
	/**
	 * Takes one message of the state class from a linked peer. Never throws on what it was sent; resolves when it is
	 * worked in. A peer that sends bad signatures is reported through `onOffence`.
	 */
	receive(from: PeerId, bytes: Uint8Array): Promise<void>;
	/** As `receive`, of entries that came another way than over a link. */
	take(entries: readonly Uint8Array[]): Promise<void>;
}
