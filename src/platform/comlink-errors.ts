/** Comlink carries an error's name and message; ours carry a code as well. Call at both ends before anything else. */
import { transferHandlers } from "comlink";
import { type ErrorCode, messageOf, ShoalError } from "../wire/error.ts";

interface Thrown {
	readonly value: unknown;
}

interface CarriedError {
	readonly code: ErrorCode | null;
	readonly message: string;
}

export function keepErrorCodes(): void {
	const own = transferHandlers.get("throw");
	if (own === undefined) throw new Error("Comlink has no throw handler");
	transferHandlers.set("throw", {
		canHandle: own.canHandle,
		serialize(thrown: unknown): [CarriedError, Transferable[]] {
			const { value } = thrown as Thrown;
			const code = value instanceof ShoalError ? value.code : null;
			return [{ code, message: messageOf(value) }, []];
		},
		deserialize({ code, message }: CarriedError): never {
			throw code === null ? new Error(message) : new ShoalError(code, message);
		},
	});
}
