/** The body of a seal: it closes a space for good, so that everybody may reclaim what it took (S7). */
import { fieldsOf, textOf } from "../identity/shape.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_SPACE_ID_LENGTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { type SpaceId, SWARM_SPACE } from "../wire/ids.ts";

const MAX_SEAL_BYTES = 1024;

export function encodeSeal(space: SpaceId): Uint8Array {
	return encodeCbor({ space });
}

/** @throws ShoalError `malformed` (also for the swarm's own space, which cannot be sealed), `too-large` */
export function decodeSeal(body: Uint8Array): SpaceId {
	const value = decodeCbor(body, { maxBytes: MAX_SEAL_BYTES, maxDepth: 1 });
	const space = textOf(
		fieldsOf(value, ["space"]).get("space"),
		MAX_SPACE_ID_LENGTH,
	);
	if (space === SWARM_SPACE)
		throw new ShoalError("malformed", "a swarm cannot seal itself");
	return space;
}
