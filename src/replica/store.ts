/** The storage port of the replica, and what its adapters must hold to (S2, S9, S10, E1). */
import type { BlobId, PeerId, SpaceId, SwarmId } from "../wire/ids.ts";

/** Where the proof of a log's fork is stored, before all of its entries (S5). */
export const PROOF_SEQ = -1;

/** One stored entry: the signed bytes verbatim, under the key they are found by. */
export interface EntryRow {
	readonly swarm: SwarmId;
	readonly space: SpaceId;
	readonly session: PeerId;
	readonly seq: number;
	readonly bytes: Uint8Array;
}

/** The fence of a session slot (E1): appends fail with `slot-lost` once another tab has rewritten the nonce. */
export interface SlotFence {
	readonly slot: string;
	readonly nonce: string;
}

export interface EntryStore {
	/**
	 * Commits own entries durably, checking the fence in the same transaction. Resolves only after the transaction is
	 * complete.
	 *
	 * @throws ShoalError `slot-lost` where the slot has another owner, `not-saved` where storage refused.
	 */
	append(fence: SlotFence, rows: readonly EntryRow[]): Promise<void>;
	/** Stores accepted entries of others, idempotently by key. @throws ShoalError `not-saved` */
	put(rows: readonly EntryRow[]): Promise<void>;
	/** Deletes rows, where these very bytes are what is stored (S5, S7). @throws ShoalError `not-saved` */
	remove(rows: readonly EntryRow[]): Promise<void>;
	/** All entries of a swarm's space, ascending by session and seq. */
	load(swarm: SwarmId, space: SpaceId): Promise<EntryRow[]>;
	/** Names of the swarm's spaces that hold anything. */
	spaces(swarm: SwarmId): Promise<SpaceId[]>;
}

/** Content-addressed bodies (S12). Adapters do not check hashes; the replica does. */
export interface BlobStore {
	put(id: BlobId, bytes: Uint8Array): Promise<void>;
	get(id: BlobId): Promise<Uint8Array | undefined>;
	has(id: BlobId): Promise<boolean>;
	delete(id: BlobId): Promise<void>;
}
