/** The one error type that crosses an edge of the system: a stable code and a sentence a person understands. */

/** Every code a caller may switch on. Codes are never renamed; new ones are added. */
export type ErrorCode =
	| "aborted"
	| "agent-failed"
	| "bad-input"
	| "bad-invite"
	| "bad-signature"
	| "closed"
	| "equivocation"
	| "link-lost"
	| "malformed"
	| "no-such-agent"
	| "no-such-device"
	| "no-such-document"
	| "no-such-draft"
	| "no-such-job"
	| "no-such-method"
	| "no-such-peer"
	| "no-such-swarm"
	| "nobody-awake"
	| "not-a-member"
	| "not-allowed"
	| "not-available"
	| "not-saved"
	| "slot-lost"
	| "timeout"
	| "too-large"
	| "unsupported"
	| "document-empty"
	| "document-encrypted"
	| "document-scanned"
	| "document-too-large"
	| "document-unreadable"
	| "policy-unsupported";

/** An error with a code. `message` is written for a person, without jargon. */
export class ShoalError extends Error {
	override readonly name = "ShoalError";
	readonly code: ErrorCode;

	constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}

/** The code of anything thrown: a ShoalError's own, or `undefined` for what is not one of ours. */
export function codeOf(error: unknown): ErrorCode | undefined {
	return error instanceof ShoalError ? error.code : undefined;
}

/** A sentence for anything thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
