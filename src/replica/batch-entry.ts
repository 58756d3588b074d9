/** What entry a batch of drafts makes (S2, S7). */
import { isImmutable } from "./accept.ts";
import type { Batch } from "./draft.ts";
import type { EntryKind } from "./entry.ts";
import type { Log } from "./log.ts";

/** The body of the entry that a batch makes; `undefined` where it says nothing new. Facts are in the corner then. */
export function bodyOf(batch: Batch, log: Log): Uint8Array | undefined {
	if (batch.kind === "act") return batch.act.body;
	const { corner } = log;
	if (batch.kind === "checkpoint")
		return corner.values.size === 0 ? undefined : corner.snapshot();
	if (isImmutable(log.space))
		for (const key of [...batch.facts.keys()])
			if (corner.values.has(key)) batch.facts.delete(key);
	return batch.facts.size === 0 ? undefined : corner.write(batch.facts);
}

export function kindOf(batch: Batch): EntryKind {
	if (batch.kind === "act") return batch.act.kind;
	return batch.kind === "facts" ? "update" : "checkpoint";
}
