/** What pages say to each other through the relay, inside the seal (L3). CBOR arrays with a short tag. */
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_RELAY_FRAME_BYTES } from "../wire/constants.ts";
import { type DeviceId, isHashId, type PeerId } from "../wire/ids.ts";

/** "I am here", to everybody or as an answer to one. */
export interface Here {
	readonly kind: "here";
	readonly from: PeerId;
	readonly device: DeviceId;
	/** Fresh at every start of a page. */
	readonly boot: string;
	/** Sent to one page, which need not answer. */
	readonly direct: boolean;
}

/** One signal (SDP or candidate) of a connection attempt. */
export interface Signal {
	readonly kind: "signal";
	readonly from: PeerId;
	readonly attempt: string;
	/** The sender's nonce for the hello. */
	readonly nonce: string;
	readonly boot: string;
	readonly data: string;
}

export type RelayMessage = Here | Signal;

export function encodeRelayMessage(message: RelayMessage): Uint8Array {
	return encodeCbor(
		message.kind === "here"
			? [0, message.from, message.device, message.boot, message.direct]
			: [
					1,
					message.from,
					message.attempt,
					message.nonce,
					message.boot,
					message.data,
				],
	);
}

/** `undefined` for anything that is not a relay message. */
export function decodeRelayMessage(
	bytes: Uint8Array,
): RelayMessage | undefined {
	let value: unknown;
	try {
		value = decodeCbor(bytes, { maxBytes: MAX_RELAY_FRAME_BYTES, maxDepth: 2 });
	} catch {
		return undefined;
	}
	if (!Array.isArray(value) || !isHashId(value[1])) return undefined;
	const [tag, from, a, b, c, d] = value;
	if (tag === 0 && value.length === 5)
		return isShort(a) && isShort(b) && typeof c === "boolean"
			? { kind: "here", from, device: a, boot: b, direct: c }
			: undefined;
	if (tag === 1 && value.length === 6)
		return isShort(a) && isShort(b) && isShort(c) && typeof d === "string"
			? { kind: "signal", from, attempt: a, nonce: b, boot: c, data: d }
			: undefined;
	return undefined;
}

const isShort = (value: unknown): value is string =>
	typeof value === "string" && value.length <= 100;
