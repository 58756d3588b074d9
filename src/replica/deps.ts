/** What a replica needs from the node it runs in. */
import type { Signer, Verifier } from "../identity/signer.ts";
import type { Clock, Random } from "../wire/clock.ts";
import type { ErrorCode } from "../wire/error.ts";
import type { PeerId, SpaceId, SwarmId } from "../wire/ids.ts";
import type { Fork } from "./fork-proof.ts";
import type { Damage } from "./loading.ts";
import type { EntryStore, SlotFence } from "./store.ts";

export interface ReplicaDeps {
	readonly swarm: SwarmId;
	/** The session's key. */
	readonly signer: Signer;
	/** The session's certificate, as `issueCertificate` made it. */
	readonly certificate: Uint8Array;
	readonly verifier: Verifier;
	readonly store: EntryStore;
	readonly fence: SlotFence;
	readonly clock: Clock;
	readonly random: Random;
	/** Sends one message of the state class; resolves when there is room for more. What it rejects is lost. */
	send(to: PeerId, bytes: Uint8Array): Promise<void>;
	/** A peer sent a bad signature, or what no honest peer sends (E3). */
	onOffence(peer: PeerId, code: ErrorCode): void;
	/** Something waits for storage, in words; `null`: all is stored (S9). */
	onNotSaved(reason: string | null): void;
	/** A peer holds more of this session's log than we do, or the stored log is damaged: take a new session (S8). */
	onOwnLogLonger(): void;
	/** Another tab took the slot over (E1). Where it is left out, `onOwnLogLonger` hears of it: both need a new session. */
	onSlotLost?(): void;
	/** A session told two histories of a log; from this seq on none of them counts (S5). Also told when it is loaded. */
	onFork?(fork: Fork): void;
	/** Equal entries gave other facts than at a peer, so the space was built anew (S11). */
	onRebuilt?(space: SpaceId, hasChanged: boolean): void;
	/** A stored log could not be read from here on. */
	onDamage?(damage: Damage): void;
}
