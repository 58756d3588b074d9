/** Everything a node needs from the world it runs in: a browser's worker, or a simulator. */

import type { AgentPort } from "../agents/host.ts";
import type { ExtractedText } from "../documents/types.ts";
import type { SealKey } from "../identity/agreement.ts";
import type { KeySuite, StoredKey } from "../identity/signer.ts";
import type {
	Connector,
	Signaling,
	TabChannel,
	TabMessage,
} from "../mesh/ports.ts";
import type { UplinkPort } from "../mesh/uplink.ts";
import type { BlobStore, EntryStore } from "../replica/store.ts";
import type { Clock, Random } from "../wire/clock.ts";
import type { ErrorCode } from "../wire/error.ts";
import type { SwarmId } from "../wire/ids.ts";

/** This device's identity: one row, made once (E1). */
export interface DeviceRow {
	readonly id: "self";
	readonly key: StoredKey;
	/** X25519 key pair for sealing secrets to this device. */
	readonly seal: SealKey;
	readonly name: string;
}

/** A session's place: who wrote the nonce may append to its logs (E1). An empty nonce: given back. */
export interface SlotRow {
	readonly slot: string;
	readonly nonce: string;
	readonly key: StoredKey;
	readonly certificate: Uint8Array;
}

export interface PastEpoch {
	readonly number: number;
	readonly secret: Uint8Array;
}

export interface SwarmRow {
	readonly swarm: SwarmId;
	readonly name: string;
	readonly epoch: number;
	readonly secret: Uint8Array;
	/** Earlier epochs that this device was in, the first one first (M3); absent: none. */
	readonly past?: readonly PastEpoch[];
	/** Hashes, in hex, of removals of this device that its new admission takes back; that may be on its way yet (M1). */
	readonly pardoned?: readonly string[];
	/** Wall clock, for showing only. */
	readonly joinedAt: number;
}

export interface IdentityStore {
	/** Returns the stored device; makes and stores one where there is none, in one transaction (E1). */
	device(create: () => Promise<DeviceRow>): Promise<DeviceRow>;
	renameDevice(name: string): Promise<void>;
	/**
	 * Takes a free slot over under a fresh nonce, or makes a new one. `fresh` never reuses one (S8).
	 */
	claimSlot(
		create: () => Promise<Omit<SlotRow, "nonce">>,
		options?: { readonly fresh?: boolean },
	): Promise<SlotRow>;
	swarms(): Promise<SwarmRow[]>;
	/** Stores a swarm unless there already is one, and returns the one that is there: two tabs on a first visit. */
	firstSwarm(row: SwarmRow): Promise<SwarmRow>;
	saveSwarm(row: SwarmRow): Promise<void>;
	removeSwarm(swarm: SwarmId): Promise<void>;
	setting(key: string): Promise<unknown>;
	/** `undefined` removes it. */
	setSetting(key: string, value: unknown): Promise<void>;
	settings(prefix: string): Promise<{ key: string; value: unknown }[]>;
}

/** What pages of one device tell each other, whichever swarm each is in. */
export type DeviceNote =
	/** A page joined a swarm: pages that shared its earlier one go along. */
	{
		readonly kind: "moved";
		readonly from: SwarmId;
		readonly to: SwarmId;
	};

export interface DeviceChannel {
	tell(note: DeviceNote): void;
	listen(listener: (note: DeviceNote) => void): void;
}

export type ParseOutcome =
	| {
			readonly ok: true;
			readonly text: ExtractedText;
			readonly passages: number;
	  }
	| {
			readonly ok: false;
			readonly code: ErrorCode;
			readonly message: string;
	  };

/** Reads files of any supported kind, off this thread. */
export interface DocumentParser {
	parse(name: string, bytes: Uint8Array, type: string): Promise<ParseOutcome>;
}

export interface NodePorts {
	readonly clock: Clock;
	readonly random: Random;
	readonly suite: KeySuite;
	/** A new X25519 key pair: a port, because its code is loaded for a device's first visit only. */
	newSealKey(): Promise<SealKey>;
	readonly identity: IdentityStore;
	readonly entries: EntryStore;
	readonly blobs: BlobStore;
	readonly signaling: Signaling;
	readonly connector: Connector & { readonly opened: number };
	/** Tab channel of a swarm. */
	tabs(name: string): TabChannel | undefined;
	/** Absent where the pages of this browser cannot agree on an uplink (L7). */
	readonly uplink: UplinkPort | undefined;
	/** What the page itself must say when it is closed. */
	farewell(
		tabs: { name: string; message: TabMessage }[],
		frame: Uint8Array,
	): void;
	readonly device: DeviceChannel;
	readonly agents: AgentPort;
	/** Tasks that may run at once here. */
	readonly capacity: number;
	readonly parser: DocumentParser;
	/** A first name for this device: "Laptop", "Phone". */
	readonly defaultName: string;
	/** The address that invites begin with. */
	inviteBase(): Promise<string>;
}
