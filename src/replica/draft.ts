/** What waits to become own entries: facts and membership acts, checked and copied (S2). */
import type { JoinProof } from "../identity/invite.ts";
import { equalBytes } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import {
	ENTRIES_MESSAGE_BYTES,
	MAX_ENTRY_BYTES,
	MAX_KEY_LENGTH,
	MAX_SPACE_ID_LENGTH,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { SpaceId } from "../wire/ids.ts";
import type { Act } from "./types.ts";
import { copyPlain } from "./value.ts";

/** Whoever waits for a write to be stored. */
export interface Waiter {
	/** With the hash of the entry. */
	resolve(hash: Uint8Array): void;
	reject(error: ShoalError): void;
}

export type Draft =
	| {
			readonly kind: "facts";
			/** May be empty: then it only waits for what is being written. */
			readonly facts: ReadonlyMap<string, unknown>;
			readonly bytes: number;
			readonly waiter: Waiter;
	  }
	| {
			readonly kind: "act";
			readonly act: Act;
			/** Of an admit, verified. */
			readonly proof: JoinProof | undefined;
			readonly waiter: Waiter;
	  }
	/** All that the corner shows, in place of what made it (S7). */
	| { readonly kind: "checkpoint"; readonly waiter: Waiter };

/** What one entry will hold. */
export type Batch =
	| {
			readonly kind: "facts";
			readonly facts: Map<string, unknown>;
			readonly waiters: Waiter[];
	  }
	| {
			readonly kind: "act";
			readonly act: Act;
			readonly proof: JoinProof | undefined;
			readonly waiters: Waiter[];
	  }
	| { readonly kind: "checkpoint"; readonly waiters: Waiter[] };

/** What the rest of an entry takes besides its facts. */
export const ENTRY_OVERHEAD = 64 * 1024;

/**
 * Copies the facts of one write.
 *
 * @throws ShoalError `bad-input` for names and values that cannot be kept, `too-large` above what one entry holds.
 */
export function copyFacts(
	space: SpaceId,
	facts: Readonly<Record<string, unknown>>,
): { readonly facts: Map<string, unknown>; readonly bytes: number } {
	if (space.length === 0 || space.length > MAX_SPACE_ID_LENGTH)
		throw new ShoalError(
			"bad-input",
			`A space's name is a text of 1-${MAX_SPACE_ID_LENGTH} characters.`,
		);
	const copied = new Map<string, unknown>();
	let bytes = 0;
	for (const [key, value] of Object.entries(facts)) {
		if (key.length === 0 || key.length > MAX_KEY_LENGTH)
			throw new ShoalError(
				"bad-input",
				`A key is a text of 1-${MAX_KEY_LENGTH} characters.`,
			);
		const copy = copyPlain(value);
		bytes += copyPlain(key).bytes + copy.bytes + 16;
		copied.set(key, copy.value);
	}
	if (bytes > MAX_ENTRY_BYTES - ENTRY_OVERHEAD)
		throw new ShoalError("too-large", "This is too much to write at once.");
	return { facts: copied, bytes };
}

/**
 * Takes out what is written already, where records are written once (T1): saying the same again does nothing.
 *
 * @throws ShoalError `bad-input` where something else is said.
 */
export function dropRecorded(
	facts: Map<string, unknown>,
	held: ReadonlyMap<string, unknown>,
	waiting: readonly Draft[],
): void {
	for (const [key, value] of facts) {
		const earlier = [
			held,
			...waiting.flatMap((draft) =>
				draft.kind === "facts" ? [draft.facts] : [],
			),
		].find((known) => known.has(key));
		if (earlier === undefined) continue;
		if (!equalBytes(encodeCbor(earlier.get(key)), encodeCbor(value)))
			throw new ShoalError("bad-input", "A record is written only once.");
		facts.delete(key);
	}
}

/** Gathers drafts into as few entries as fit a message each, in their order; of one key the last word counts. */
export function batchesOf(drafts: readonly Draft[]): Batch[] {
	const batches: Batch[] = [];
	let bytes = 0;
	for (const draft of drafts) {
		if (draft.kind === "act") {
			const { act, proof, waiter } = draft;
			batches.push({ kind: "act", act, proof, waiters: [waiter] });
			continue;
		}
		if (draft.kind === "checkpoint") {
			batches.push({ kind: "checkpoint", waiters: [draft.waiter] });
			continue;
		}
		const last = batches.at(-1);
		if (
			last?.kind === "facts" &&
			bytes + draft.bytes <= ENTRIES_MESSAGE_BYTES
		) {
			for (const [key, value] of draft.facts) last.facts.set(key, value);
			last.waiters.push(draft.waiter);
			bytes += draft.bytes;
		} else {
			const { facts, waiter } = draft;
			batches.push({
				kind: "facts",
				facts: new Map(facts),
				waiters: [waiter],
			});
			bytes = draft.bytes;
		}
	}
	return batches;
}
