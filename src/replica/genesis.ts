/** Begins a swarm: its first entry, whose hash is its id (M1). */
import { encodeGenesis } from "../identity/acts.ts";
import { swarmIdOf } from "../identity/membership.ts";
import type { Signer } from "../identity/signer.ts";
import type { Random } from "../wire/clock.ts";
import { SWARM_SPACE, type SwarmId } from "../wire/ids.ts";
import { decodeEntry, signEntry } from "./entry.ts";
import type { EntryRow, EntryStore, SlotFence } from "./store.ts";

export interface GenesisDeps {
	/** The session that founds the swarm; its device becomes the first owner. */
	readonly signer: Signer;
	readonly certificate: Uint8Array;
	readonly store: EntryStore;
	readonly fence: SlotFence;
	readonly random: Random;
	/** 1 to 100 UTF-16 units. */
	readonly name: string;
}

/**
 * Signs the genesis and stores it.
 *
 * @throws ShoalError `malformed` where the name does not fit, `slot-lost`, `not-saved`
 */
export async function createGenesis(
	deps: GenesisDeps,
): Promise<{ readonly swarm: SwarmId; readonly row: EntryRow }> {
	const { signer, certificate, store, fence, random, name } = deps;
	const bytes = await signEntry(signer, null, {
		space: SWARM_SPACE,
		seq: 0,
		prev: null,
		kind: "genesis",
		body: encodeGenesis({ name, nonce: random.bytes(16) }),
		cert: certificate,
	});
	const swarm = swarmIdOf(bytes);
	const { space, session, seq } = decodeEntry(bytes);
	const row = { swarm, space, session, seq, bytes };
	await store.append(fence, [row]);
	return { swarm, row };
}
