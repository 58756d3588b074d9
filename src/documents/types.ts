/** Documents, their extracted text, and passages of it. */
import type { BlobId, DeviceId } from "../wire/ids.ts";

/** Where passages of a document may travel (X3). Until audiences exist only `swarm` is accepted. */
export type DocumentPolicy = "device" | "mine" | "swarm";

export type DocumentFormat = "pdf" | "docx" | "markdown" | "html" | "text";

export interface DocumentInfo {
	/** Hex SHA-256 of the file's bytes: adding a file again costs nothing. */
	readonly id: BlobId;
	/** File name, with its folder path where it came in one. */
	readonly name: string;
	readonly format: DocumentFormat;
	/** Size of the file in bytes. */
	readonly size: number;
	/** Length of the extracted text in UTF-16 units. */
	readonly characters: number;
	/** Number of passages the text is cut into. */
	readonly passages: number;
	readonly pages?: number;
	/** The blob that holds the extracted text (an `ExtractedText` in CBOR). */
	readonly textBlob: BlobId;
	/** The device that added it. */
	readonly device: DeviceId;
	readonly policy: DocumentPolicy;
}

/** What a parser makes of a file. Offsets everywhere are UTF-16 units into `text`. */
export interface ExtractedText {
	readonly format: DocumentFormat;
	readonly text: string;
	/** Start offset of each page, ascending, where the format has pages. */
	readonly pages?: readonly number[];
	/** Headings, ascending by start. `level` is 1-6. */
	readonly headings: readonly {
		readonly start: number;
		readonly end: number;
		readonly level: number;
	}[];
}

/** One stretch of text that is searched and cited as a unit: whole sentences, about 60-120 words. */
export interface Passage {
	/** Position in its document's list of passages. */
	readonly index: number;
	readonly start: number;
	readonly end: number;
	readonly page?: number;
	/** Titles of the sections it stands in, outermost first. */
	readonly headings: readonly string[];
}
