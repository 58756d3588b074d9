/** What a message may hold: a peer closes the link on anything else. */
import { MAX_MESSAGE_BYTES, MAX_SENT_DEPTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { isPlain } from "../wire/plain.ts";

/** What an envelope adds, and room to spare. */
const ENVELOPE_BYTES = 64 * 1024;

/** Checks a method or a topic. @throws ShoalError `bad-input` */
export function checkName(name: unknown): void {
	if (typeof name !== "string" || !/^[^\s*]{1,200}$/.test(name))
		throw new ShoalError(
			"bad-input",
			"A topic or method is 1-200 characters without spaces or stars.",
		);
}

/**
 * Checks the params, the result or the data of a message before it is signed.
 *
 * @throws ShoalError `bad-input` for what is not plain data, or nested deeper than 24; `too-large` for a text or bytes of
 * 16 MiB
 */
export function checkSendable(value: unknown): void {
	if (!isPlain(value, MAX_SENT_DEPTH, true))
		throw new ShoalError("bad-input", "Only plain data can be sent.");
	const isLong = typeof value === "string" || value instanceof Uint8Array;
	if (isLong && value.length > MAX_MESSAGE_BYTES - ENVELOPE_BYTES)
		throw new ShoalError("too-large", "The message is larger than 16 MiB.");
}
