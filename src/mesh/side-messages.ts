/**
 * What two linked pages say besides their own messages (L6): whom each of them reaches, what it carries for others,
 * signals to link directly, and who is the uplink (L7). CBOR arrays with a short tag.
 */
import { bytesOf, integerOf, listOf } from "../identity/shape.ts";
import { fromHex, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { FRAME_BYTES, MAX_CARRIERS, MAX_ROUTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId } from "../wire/ids.ts";

/** A way that begins at the page that tells it: the carriers in order, then the page it leads to. */
export type Route = readonly PeerId[];

/** Replaces what was told before. */
export interface RoutesTold {
	readonly kind: "routes";
	readonly routes: readonly Route[];
}

/** Something on its way along a path that its sender chose. */
export interface Packet {
	readonly kind: "packet";
	/** Sender, carriers in order, receiver: all distinct, so that nothing goes in circles. */
	readonly path: readonly PeerId[];
	/** Where on the path the page stands that is to take it. */
	readonly at: number;
	readonly body: Uint8Array;
}

/** A message of the rendezvous, to the page at the other end of this very link. */
export interface CarriedSignal {
	readonly kind: "signal";
	readonly message: Uint8Array;
}

/** Between pages of one profile: whether the sender is the uplink (L7). */
export interface RoleTold {
	readonly kind: "role";
	readonly isUplink: boolean;
}

/** A page that the sender was linked with said bye: whom it carried for need not wait for an answer. */
export interface LeftTold {
	readonly kind: "left";
	readonly peer: PeerId;
}

export type SideMessage =
	| RoutesTold
	| Packet
	| CarriedSignal
	| RoleTold
	| LeftTold;

/** A frame, sealed and in its packet. */
const MAX_PACKET_BYTES = FRAME_BYTES + 2048;
const MAX_SIDE_BYTES = MAX_PACKET_BYTES;

export function encodeSide(message: SideMessage): Uint8Array {
	switch (message.kind) {
		case "routes":
			return encodeCbor([0, message.routes.map((route) => route.map(raw))]);
		case "packet":
			return encodeCbor([1, message.path.map(raw), message.at, message.body]);
		case "signal":
			return encodeCbor([2, message.message]);
		case "role":
			return encodeCbor([3, message.isUplink]);
		case "left":
			return encodeCbor([4, raw(message.peer)]);
	}
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeSide(bytes: Uint8Array): SideMessage {
	const value = decodeCbor(bytes, { maxBytes: MAX_SIDE_BYTES, maxDepth: 4 });
	const [tag, a, b, c] = listOf(value, 2, 4);
	const length = Array.isArray(value) ? value.length : 0;
	if (tag === 0 && length === 2)
		return {
			kind: "routes",
			routes: listOf(a, 0, MAX_ROUTES).map((route) =>
				peersOf(route, 1, MAX_CARRIERS),
			),
		};
	if (tag === 1 && length === 4) {
		const path = peersOf(a, 3, MAX_CARRIERS + 2);
		const at = integerOf(b, 1, path.length - 1);
		return { kind: "packet", path, at, body: bytesOf(c, 1, MAX_PACKET_BYTES) };
	}
	if (tag === 2 && length === 2)
		return { kind: "signal", message: bytesOf(a, 1, MAX_SIDE_BYTES) };
	if (tag === 3 && length === 2 && typeof a === "boolean")
		return { kind: "role", isUplink: a };
	if (tag === 4 && length === 2)
		return { kind: "left", peer: toHex(bytesOf(a, 32)) };
	throw new ShoalError("malformed", "not a side message");
}

function raw(peer: PeerId): Uint8Array {
	const bytes = fromHex(peer);
	if (bytes === undefined) throw new ShoalError("bad-input", "not a peer's id");
	return bytes;
}

/** Distinct ids. @throws ShoalError `malformed` */
function peersOf(value: unknown, min: number, max: number): PeerId[] {
	const peers = listOf(value, min, max).map((id) => toHex(bytesOf(id, 32)));
	if (new Set(peers).size !== peers.length)
		throw new ShoalError("malformed", "a way that goes in circles");
	return peers;
}
