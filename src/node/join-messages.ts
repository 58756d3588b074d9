/** What the two ends of an invite say to each other on their link (M2). */
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { ShoalError } from "../wire/error.ts";

const MAX_JOIN_BYTES = 4096;

export type JoinMessage =
	/** The joiner: its device key signed with the invite's key. */
	| { readonly kind: "join"; readonly proof: Uint8Array }
	/** The admitter, once the admission is committed: the secret that lets it in. */
	| {
			readonly kind: "admitted";
			readonly epoch: number;
			readonly secret: Uint8Array;
			readonly name: string;
	  }
	| { readonly kind: "refused"; readonly message: string };

export const encodeJoinMessage = (message: JoinMessage): Uint8Array =>
	encodeCbor(message);

/** @throws ShoalError `malformed`, `too-large` */
export function decodeJoinMessage(bytes: Uint8Array): JoinMessage {
	const value = decodeCbor(bytes, { maxBytes: MAX_JOIN_BYTES, maxDepth: 2 });
	if (typeof value === "object" && value !== null) {
		const { kind, proof, epoch, secret, name, message } = value as Record<
			string,
			unknown
		>;
		if (kind === "join" && proof instanceof Uint8Array) return { kind, proof };
		if (
			kind === "admitted" &&
			Number.isSafeInteger(epoch) &&
			Number(epoch) >= 0 &&
			secret instanceof Uint8Array &&
			secret.length === 32 &&
			typeof name === "string"
		)
			return { kind, epoch: Number(epoch), secret, name };
		if (kind === "refused" && typeof message === "string")
			return { kind, message };
	}
	throw new ShoalError("malformed", "not a join message");
}
