/** Domain separation: what a signature is for is signed with it, so that none can be replayed as another (E2). */
import { fromHex } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import { ShoalError } from "../wire/error.ts";
import type { SwarmId } from "../wire/ids.ts";

/** Every kind of statement that is ever signed. Names are never reused with another meaning. */
export type Domain =
	| "shoal/v1/certificate"
	| "shoal/v1/entry"
	| "shoal/v1/hello"
	| "shoal/v1/join"
	| "shoal/v1/message"
	| "shoal/v1/removed";

const NO_SWARM = new Uint8Array(0);

/**
 * The COSE `external_aad` of a statement: deterministic CBOR `[domain, swarm, epoch?]`, the swarm as its 32 bytes or
 * empty where there is none yet (certificates, the genesis entry).
 *
 * @param epoch bound by hello and messages; left out by entries, so that a sleeper's offline entries stay good (E2).
 * @throws ShoalError `bad-input` where `swarm` is not hex.
 */
export function aadOf(
	domain: Domain,
	swarm: SwarmId | null,
	epoch?: number,
): Uint8Array {
	const id = swarm === null ? NO_SWARM : fromHex(swarm);
	if (id === undefined)
		throw new ShoalError("bad-input", "not a swarm id: expected hex");
	return encodeCbor(epoch === undefined ? [domain, id] : [domain, id, epoch]);
}
