/** Documents of the swarm: parsed here, recorded in the swarm's space, bodies as blobs (S12). */
import { sha256 } from "@noble/hashes/sha2.js";
import {
	additionRecord,
	documentsOf,
	removalRecord,
} from "../documents/library.ts";
import { MAX_DOCUMENT_BYTES } from "../documents/parse.ts";
import type {
	DocumentInfo,
	DocumentPolicy,
	ExtractedText,
} from "../documents/types.ts";
import type { Blobs } from "../replica/blobs.ts";
import type { Replica } from "../replica/types.ts";
import { toHex } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import { codeOf, messageOf, ShoalError } from "../wire/error.ts";
import { type BlobId, type DeviceId, SWARM_SPACE } from "../wire/ids.ts";
import type { AddedDocument } from "./api.ts";
import type { DocumentParser } from "./ports.ts";

export interface DocumentsDeps {
	readonly parser: DocumentParser;
	readonly blobs: Blobs;
	readonly replica: Replica;
	readonly device: DeviceId;
}

/** A file as the page hands it over; `file` is read here, once its size is known to be bearable. */
export interface IncomingFile {
	readonly name: string;
	readonly file: Pick<File, "size" | "type" | "arrayBuffer">;
}

export class Documents {
	readonly #deps: DocumentsDeps;
	/** Texts in use, so that many tasks on one document decode it once. */
	readonly #texts = new Map<BlobId, Promise<ExtractedText>>();

	constructor(deps: DocumentsDeps) {
		this.#deps = deps;
	}

	list(): DocumentInfo[] {
		return documentsOf(this.#deps.replica.facts(SWARM_SPACE));
	}

	/** One outcome a file, in the order of the files. A file that cannot be read holds up none of the others. */
	async addEach(
		files: readonly IncomingFile[],
		policy: DocumentPolicy = "swarm",
		onEach: (outcome: AddedDocument) => void = () => undefined,
	): Promise<AddedDocument[]> {
		if (policy !== "swarm")
			throw new ShoalError(
				"policy-unsupported",
				"For now documents can only be shared with the whole swarm.",
			);
		const outcomes: AddedDocument[] = [];
		for (const incoming of files) {
			const outcome = await this.#add(incoming).catch(
				(error: unknown): AddedDocument => ({
					ok: false,
					name: incoming.name,
					code: codeOf(error) ?? "document-unreadable",
					message: messageOf(error),
				}),
			);
			outcomes.push(outcome);
			onEach(outcome);
		}
		return outcomes;
	}

	/** @throws ShoalError `no-such-document`, `not-available` */
	async text(id: string): Promise<string> {
		return (await this.extracted(this.#info(id).textBlob)).text;
	}

	/**
	 * The extracted text behind a blob, or behind a document's id.
	 *
	 * @throws ShoalError `not-available` where no awake device holds it
	 */
	extracted(id: BlobId): Promise<ExtractedText> {
		const blob = this.list().find((info) => info.id === id)?.textBlob ?? id;
		const known = this.#texts.get(blob);
		if (known !== undefined) return known;
		const text = this.#read(blob);
		this.#texts.set(blob, text);
		// Only what was really read is kept: a failure may be over the next time.
		text.catch(() => this.#texts.delete(blob));
		const oldest = this.#texts.keys().next().value;
		if (this.#texts.size > MAX_TEXTS && oldest !== undefined)
			this.#texts.delete(oldest);
		return text;
	}

	/** Its reader is fetched with the first text: no page needs it to open. */
	async #read(blob: BlobId): Promise<ExtractedText> {
		const [bytes, { readExtractedText }] = await Promise.all([
			this.#deps.blobs.get(blob),
			import("../documents/extracted-text.ts"),
		]);
		return readExtractedText(bytes);
	}

	async remove(id: string): Promise<void> {
		this.#info(id);
		const { replica } = this.#deps;
		const { key, value } = removalRecord(replica.facts(SWARM_SPACE), id);
		await replica.put(SWARM_SPACE, { [key]: value });
	}

	/** Records documents whose texts this device holds already. */
	async bring(documents: readonly DocumentInfo[]): Promise<DocumentInfo[]> {
		const { replica, device } = this.#deps;
		const known = new Set(this.list().map(({ id }) => id));
		const facts = replica.facts(SWARM_SPACE);
		const brought = documents
			.filter(({ id }) => !known.has(id))
			.map((info) => ({ ...info, device }));
		const records = brought.map((info) => additionRecord(facts, info));
		if (records.length > 0)
			await replica.put(
				SWARM_SPACE,
				Object.fromEntries(records.map(({ key, value }) => [key, value])),
			);
		return brought;
	}

	watch(listener: (documents: DocumentInfo[]) => void): () => void {
		let last = "";
		const tell = (): void => {
			const documents = this.list();
			const now = JSON.stringify(documents);
			if (now !== last) listener(documents);
			last = now;
		};
		tell();
		return this.#deps.replica.watch((space) => {
			if (space === SWARM_SPACE) tell();
		});
	}

	async #add({ name, file }: IncomingFile): Promise<AddedDocument> {
		if (file.size > MAX_DOCUMENT_BYTES)
			throw new ShoalError(
				"document-too-large",
				`“${name}” has ${Math.round(file.size / 1e6)} MB; up to ${Math.round(MAX_DOCUMENT_BYTES / 1e6)} MB can be read.`,
			);
		const bytes = new Uint8Array(await file.arrayBuffer());
		const id = toHex(sha256(bytes));
		const known = this.list().find((info) => info.id === id);
		if (known !== undefined) return { ok: true, ...known };
		const { parser, blobs, replica, device } = this.#deps;
		const parsed = await parser.parse(name, bytes, file.type);
		if (!parsed.ok) return { ...parsed, name };
		const { text, passages } = parsed;
		const textBlob = await blobs.add(encodeCbor(text));
		const info: DocumentInfo = {
			id,
			name,
			format: text.format,
			size: file.size,
			characters: text.text.length,
			passages,
			...(text.pages === undefined ? {} : { pages: text.pages.length }),
			textBlob,
			device,
			policy: "swarm",
		};
		const { key, value } = additionRecord(replica.facts(SWARM_SPACE), info);
		await replica.put(SWARM_SPACE, { [key]: value });
		return { ok: true, ...info };
	}

	#info(id: string): DocumentInfo {
		const info = this.list().find((known) => known.id === id);
		if (info === undefined)
			throw new ShoalError("no-such-document", "There is no such document.");
		return info;
	}
}

const MAX_TEXTS = 64;
