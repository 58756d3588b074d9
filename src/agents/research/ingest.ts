/** Skill of the ingester. */
import type { AgentContext } from "../define.ts";
import { openDocument } from "./library.ts";
import type { IngestedDocument } from "./records.ts";

/** Fetches a document to this device, cuts it, and says how much there is to read. */
export async function ingest(
	input: { readonly document: string; readonly name: string },
	ctx: AgentContext,
): Promise<IngestedDocument> {
	const { index } = await openDocument(input.document, input.name, ctx);
	return { document: input.document, passages: index.passages.length };
}
