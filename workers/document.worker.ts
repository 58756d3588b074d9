/** Entry of the document worker: parses files off the page's and the node's thread. */
import { expose } from "comlink";
import { parseDocument } from "../src/documents/parse.ts";
import { passagesOf } from "../src/documents/passages.ts";
import type { ExtractedText } from "../src/documents/types.ts";
import { codeOf, type ErrorCode, messageOf } from "../src/wire/error.ts";

/** A parsed file, or why it could not be: an Error would lose its code on the way through Comlink. */
export type ParseOutcome =
	| {
			readonly ok: true;
			readonly text: ExtractedText;
			readonly passages: number;
	  }
	| { readonly ok: false; readonly code: ErrorCode; readonly message: string };

const api = {
	/** Reads one file. `bytes` may be transferred. */
	async parse(
		name: string,
		bytes: Uint8Array,
		type?: string,
	): Promise<ParseOutcome> {
		try {
			const text = await parseDocument({
				name,
				bytes,
				...(type === undefined ? {} : { type }),
			});
			return { ok: true, text, passages: passagesOf(text).length };
		} catch (error) {
			return {
				ok: false,
				code: codeOf(error) ?? "document-unreadable",
				message:
					codeOf(error) === undefined
						? `“${name}” could not be read: ${messageOf(error)}`
						: messageOf(error),
			};
		}
	},
};

export type DocumentWorker = typeof api;

expose(api);
