/**
 * Messages: requests, responses and events between pages. JSON-RPC 2.0 in shape, in a signed envelope; all that is
 * said to one destination in one turn shares a signature (E5). Each carries a W3C trace context.
 */
import { open1, sign1 } from "../identity/cose.ts";
import { aadOf } from "../identity/domain.ts";
import { integerOf } from "../identity/shape.ts";
import type { Signer, Verifier } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_MESSAGE_BYTES, MAX_TAKEN_DEPTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId, SwarmId } from "../wire/ids.ts";

export interface RequestMessage {
	readonly id: string;
	readonly method: string;
	readonly params: unknown;
	readonly trace: string;
}

export interface ResponseMessage {
	readonly id: string;
	readonly result?: unknown;
	readonly error?: {
		readonly code: number;
		readonly message: string;
		readonly data: { readonly code: string };
	};
	readonly trace: string;
}

/** A notification: a topic and its data. */
export interface EventMessage {
	readonly method: "event";
	readonly params: { readonly topic: string; readonly data: unknown };
	readonly trace: string;
}

export type Message = RequestMessage | ResponseMessage | EventMessage;

/** JSON-RPC leaves -32000 to -32099 to the implementation; our own stable code travels in `data.code`. */
export const RPC_ERROR = -32000;

/** What a signature over messages is bound to. */
export interface MessageScope {
	readonly swarm: SwarmId;
	readonly epoch: number;
}

/** @throws ShoalError `too-large`; `bad-input` for what is not plain data. */
export async function sealMessages(
	signer: Signer,
	scope: MessageScope,
	to: PeerId,
	messages: readonly Message[],
): Promise<Uint8Array> {
	const payload = encodeCbor({ to, epoch: scope.epoch, messages });
	if (payload.length > MAX_MESSAGE_BYTES)
		throw new ShoalError("too-large", "The message is larger than 16 MiB.");
	return sign1(
		signer,
		payload,
		aadOf("shoal/v1/message", scope.swarm, scope.epoch),
	);
}

/**
 * Reads and verifies an envelope of messages, of whichever epoch it says it is: the signature is bound to that one.
 * The receiver judges whether that epoch is still spoken (M3).
 *
 * @throws ShoalError `bad-signature`, `malformed`, `too-large`
 */
export async function openMessages(
	verifier: Verifier,
	swarm: SwarmId,
	to: PeerId,
	bytes: Uint8Array,
): Promise<{ from: PeerId; epoch: number; messages: readonly Message[] }> {
	const { key, payload, signature, toVerify } = open1(
		bytes,
		MAX_MESSAGE_BYTES + 1024,
	);
	const value = decodeCbor(payload, {
		maxBytes: MAX_MESSAGE_BYTES,
		maxDepth: MAX_TAKEN_DEPTH,
	});
	if (!isRecord(value) || !Array.isArray(value["messages"]))
		throw new ShoalError("malformed", "not messages");
	const epoch = integerOf(value["epoch"], 0, Number.MAX_SAFE_INTEGER);
	const aad = aadOf("shoal/v1/message", swarm, epoch);
	if (!(await verifier.verify(key, toVerify(aad), signature)))
		throw new ShoalError("bad-signature", "the signature does not hold");
	if (value["to"] !== to)
		throw new ShoalError("malformed", "messages for another page");
	const messages = value["messages"].map(toMessage);
	return { from: toHex(key), epoch, messages };
}

function toMessage(value: unknown): Message {
	if (!isRecord(value) || !isText(value["trace"], 100))
		throw new ShoalError("malformed", "not a message");
	const { id, method, params, result, error, trace } = value;
	if (id === undefined && method === "event" && isEvent(params))
		return { method, params, trace };
	if (!isText(id, 100)) throw new ShoalError("malformed", "not a message");
	if (isText(method, 200)) return { id, method, params, trace };
	if (error === undefined) return { id, result, trace };
	if (
		!isRecord(error) ||
		typeof error["code"] !== "number" ||
		!isText(error["message"], 2000) ||
		!isRecord(error["data"]) ||
		!isText(error["data"]["code"], 60)
	)
		throw new ShoalError("malformed", "not an error");
	return {
		id,
		error: {
			code: error["code"],
			message: error["message"],
			data: { code: error["data"]["code"] },
		},
		trace,
	};
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown, max: number): value is string =>
	typeof value === "string" && value.length <= max;
const isEvent = (value: unknown): value is EventMessage["params"] =>
	isRecord(value) && isText(value["topic"], 200);

/** Whether a message is a request, an answer or an event. */
export const isRequest = (message: Message): message is RequestMessage =>
	"method" in message && "id" in message;
export const isResponse = (message: Message): message is ResponseMessage =>
	!("method" in message);
