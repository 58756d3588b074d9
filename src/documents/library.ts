/** Which documents a swarm has: the records about them in the swarm's space. Bodies travel as blobs (S12). */
import { isHashId } from "../wire/ids.ts";
import { compareText } from "../wire/order.ts";
import type { DocumentFormat, DocumentInfo, DocumentPolicy } from "./types.ts";

/** Key of the record that says a document is there; its value is a DocumentInfo. */
const documentKey = (id: string): string => `document/${id}`;
/** Key of the record that takes a document away. */
const removalKey = (id: string): string => `document-removed/${id}`;

/** A record of the swarm's space, as the replica gives it. */
export interface LibraryFact {
	readonly key: string;
	readonly value: unknown;
	readonly device: string;
}

/** Additions and removals of one document are numbered, so that no clock decides which came last (E6). */
interface Round {
	/** An addition counts when its round is above that of every removal. */
	readonly round: number;
}

const FORMATS: readonly DocumentFormat[] = [
	"pdf",
	"docx",
	"markdown",
	"html",
	"text",
];
const POLICIES: readonly DocumentPolicy[] = ["device", "mine", "swarm"];

const count = (value: unknown): value is number =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** A DocumentInfo out of a record that somebody else wrote; `undefined` where it is none. */
export function readDocumentInfo(value: unknown): DocumentInfo | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const info = value as Readonly<Record<string, unknown>>;
	const { id, name, format, size, characters, passages, pages, textBlob } =
		info;
	const { device, policy } = info;
	const knownFormat = FORMATS.find((each) => each === format);
	const knownPolicy = POLICIES.find((each) => each === policy);
	if (
		!isHashId(id) ||
		!isHashId(textBlob) ||
		typeof name !== "string" ||
		name.length > 1_000 ||
		typeof device !== "string" ||
		!count(size) ||
		!count(characters) ||
		!count(passages) ||
		knownFormat === undefined ||
		knownPolicy === undefined
	)
		return undefined;
	return {
		id,
		name,
		format: knownFormat,
		size,
		characters,
		passages,
		...(count(pages) ? { pages } : {}),
		textBlob,
		device,
		policy: knownPolicy,
	};
}

/** The record that adds a document, also again after it was removed. */
export function additionRecord(
	facts: readonly LibraryFact[],
	info: DocumentInfo,
): { readonly key: string; readonly value: DocumentInfo & Round } {
	const round = lastRound(facts, removalKey(info.id)) + 1;
	return { key: documentKey(info.id), value: { ...info, round } };
}

/** The record that removes a document, whoever added it. */
export function removalRecord(
	facts: readonly LibraryFact[],
	id: string,
): { readonly key: string; readonly value: Round } {
	const round = Math.max(1, lastRound(facts, documentKey(id)));
	return { key: removalKey(id), value: { round } };
}

/**
 * The documents there are, by name. Pure, and the same for any order of the facts. Where several devices added one, the
 * least device's record speaks for it.
 */
export function documentsOf(facts: readonly LibraryFact[]): DocumentInfo[] {
	const removed = new Map<string, number>();
	for (const { key, value } of facts)
		if (key.startsWith("document-removed/"))
			removed.set(key, Math.max(removed.get(key) ?? 0, roundOf(value)));
	const documents = new Map<string, DocumentInfo>();
	for (const { key, value, device } of facts) {
		if (!key.startsWith("document/")) continue;
		const info = readDocumentInfo(value);
		if (!info || key !== documentKey(info.id) || info.device !== device)
			continue;
		if (roundOf(value) <= (removed.get(removalKey(info.id)) ?? 0)) continue;
		const known = documents.get(info.id);
		if (!known || info.device < known.device) documents.set(info.id, info);
	}
	return [...documents.values()].sort(
		(a, b) => compareText(a.name, b.name) || compareText(a.id, b.id),
	);
}

function lastRound(facts: readonly LibraryFact[], key: string): number {
	let last = 0;
	for (const fact of facts)
		if (fact.key === key) last = Math.max(last, roundOf(fact.value));
	return last;
}

/** Round of a record; 0 where somebody wrote nonsense, which then counts for nothing. */
function roundOf(value: unknown): number {
	const round =
		typeof value === "object" && value !== null && "round" in value
			? value.round
			: 0;
	return count(round) ? round : 0;
}
