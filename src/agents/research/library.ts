/** Documents as the research skills open them: cut and counted once a worker, whatever number of tasks ask for them. */
import {
	type DocumentIndex,
	IndexCache,
} from "../../documents/document-index.ts";
import { termsOf } from "../../documents/terms.ts";
import type { AgentContext } from "../define.ts";

const cache = new IndexCache();

export interface OpenDocument {
	readonly index: DocumentIndex;
	/** Terms of the file's name: people name files after what is in them. */
	readonly nameTerms: ReadonlySet<string>;
}

/** Opens a document. A name is not part of the content's hash, so it comes along. */
export async function openDocument(
	document: string,
	name: string,
	ctx: AgentContext,
): Promise<OpenDocument> {
	const index = await cache.get(document, () => ctx.documents.text(document));
	ctx.signal.throwIfAborted();
	const bare = name.replace(/^.*\//, "").replace(/\.[a-z0-9]{1,8}$/i, "");
	return { index, nameTerms: new Set(termsOf(bare.replaceAll("-", " "))) };
}
