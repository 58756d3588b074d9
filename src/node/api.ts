/**
 * The page API: the types of `globalThis.shoal`. The UI, scripts and tests use nothing else. It is extended, never
 * broken. Every rejection is an `Error` with a stable `code` (see `wire/error.ts`) and a sentence a person understands.
 */
import type { AgentCard } from "../agents/contract.ts";
import type { Progress, Report } from "../agents/research/types.ts";
import type { DocumentInfo, DocumentPolicy } from "../documents/types.ts";
import type { ErrorCode } from "../wire/error.ts";
import type { DeviceId, DraftId, JobId, PeerId, SwarmId } from "../wire/ids.ts";
import type { Splice } from "../wire/text-splice.ts";

export type {
	DeviceId,
	DocumentInfo,
	DocumentPolicy,
	DraftId,
	JobId,
	PeerId,
	Progress,
	Report,
	Splice,
	SwarmId,
};

export interface Me {
	readonly device: DeviceId;
	readonly peer: PeerId;
	readonly name: string;
	readonly swarm: SwarmId | null;
	/** `hardware`: the browser keeps the key and will not show it. `software`: a seed in this browser's storage. */
	readonly keys: "hardware" | "software";
}

export interface Peer {
	readonly peer: PeerId;
	readonly device: DeviceId;
	readonly name: string;
	readonly via: "tab" | "rtc" | "forwarded";
	/** Round trip of the last heartbeat, milliseconds; `null` before the first. */
	readonly rttMs: number | null;
	readonly state: "awake" | "asleep";
}

export interface Member {
	readonly device: DeviceId;
	readonly name: string;
	readonly role: Role;
	/** Pages of this device that are awake now, this page included. */
	readonly peers: readonly PeerId[];
}

export type Role = "owner" | "admin" | "member" | "guest";

export interface AgentInfo {
	readonly agent: string;
	readonly peer: PeerId;
	readonly device: DeviceId;
	readonly card: AgentCard;
}

export interface SwarmInfo {
	readonly swarm: SwarmId;
	readonly name: string;
	readonly active: boolean;
}

export interface SwarmEvent {
	readonly topic: string;
	readonly data: unknown;
	/** The peer that published it. */
	readonly from: PeerId;
	/** W3C trace context of the publisher. */
	readonly traceparent: string;
}

export interface StateEntry {
	readonly key: string;
	readonly value: unknown;
	/** The device that wrote it. */
	readonly author: DeviceId;
}

export interface StateApi {
	/** Resolves once committed to this device's storage. Space: 1-100 characters; key: 1-1,000; value: plain data. */
	put(space: string, key: string, value: unknown): Promise<void>;
	/** All authors' values, sorted by author and key. */
	entries(space: string): Promise<StateEntry[]>;
	/** Hex SHA-256 of deterministic CBOR over the sorted [author, key, value]. */
	digest(space: string): Promise<string>;
	/** Devices known to hold all of it, this one included. */
	copies(space: string): Promise<number>;
}

/** What happened to one dropped file: either a document, or a reason. */
export type AddedDocument =
	| ({ readonly ok: true } & DocumentInfo)
	| {
			readonly ok: false;
			readonly name: string;
			readonly code: ErrorCode;
			readonly message: string;
	  };

export interface DocumentsApi {
	/**
	 * Parses and stores files. Documents that could be read are returned, in the order of the files; for what could
	 * not be, see `addEach`. Rejects with the first file's reason only where none could be read.
	 */
	add(
		files: File[],
		options?: { policy?: DocumentPolicy },
	): Promise<DocumentInfo[]>;
	/** As `add`, with one outcome a file. `onEach` hears each as soon as it is known. */
	addEach(
		files: File[],
		options?: { policy?: DocumentPolicy },
		onEach?: (outcome: AddedDocument) => void,
	): Promise<AddedDocument[]>;
	list(): Promise<DocumentInfo[]>;
	/** The extracted text that citations point into. */
	text(id: string): Promise<string>;
	remove(id: string): Promise<void>;
	/**
	 * Takes the documents of another of this device's swarms along into the active one. What is here already stays as
	 * it is. Resolves with the documents that came.
	 */
	bring(from: SwarmId): Promise<DocumentInfo[]>;
	/** Calls back at once and whenever the list changes. */
	watch(listener: (documents: DocumentInfo[]) => void): () => void;
}

/** A co-edited text of the swarm. */
export interface DraftInfo {
	readonly id: DraftId;
	readonly title: string;
	/** The device that made it. */
	readonly device: DeviceId;
	/** Wall clock of who made it, milliseconds since 1970; for display only (E6). */
	readonly createdAt: number;
	/** Whether it is open to people outside the swarm. */
	readonly isShared: boolean;
}

/** A run of a draft's text, positions in UTF-16 units. Who wrote it signed it, unless it came from outside. */
export interface DraftSpan {
	readonly start: number;
	readonly end: number;
	/** The device that wrote it; of what came from outside, the one that let it in. */
	readonly device: DeviceId;
	/** Written by somebody outside the swarm, and signed by nobody. */
	readonly outside: boolean;
}

/** A draft that is open to people outside: an ordinary y-webrtc room on this swarm's relay. */
export interface DraftShare {
	readonly room: string;
	readonly password: string;
	/** Opens the draft in any browser that reaches the relay. Room and password are in its fragment, which no server sees. */
	readonly url: string;
	/** For a y-webrtc page of one's own: the address of the signalling server. The text is `doc.getText("draft")`. */
	readonly signaling: string;
	/** The device whose page holds the room; while it is closed, nothing passes. */
	readonly device: DeviceId;
	/** People in the room, as this page sees it; `null` where another page holds the room. */
	readonly people: number | null;
}

/** How much of what y-webrtc can carry a draft takes, opened or about to be. */
export interface DraftSize {
	readonly bytes: number;
	readonly limit: number;
	/** `near`: people should be warned. `over`: it cannot be open to the outside. */
	readonly state: "fine" | "near" | "over";
}

export interface DraftView extends DraftInfo {
	/** Counts the changes of the text in this page. */
	readonly version: number;
	readonly text: string;
	readonly spans: readonly DraftSpan[];
	readonly share: DraftShare | null;
	/** Why the last room was closed, in words, where nobody asked for it. */
	readonly closedBecause: string | null;
	readonly size: DraftSize;
}

/** A draft in an editor. */
export interface OpenDraft {
	/**
	 * Says what stands in the editor now, and what stood there before it was typed into, where that is not what the
	 * listener was told last. What others write is merged in, and the listener told of it. Resolves once it is stored;
	 * rejects with `no-such-draft`, `too-large`, `not-saved`, `closed`.
	 */
	type(text: string, shown?: string): Promise<void>;
	close(): void;
}

export interface DraftsApi {
	/** Title: 1-120 characters. */
	create(options?: { title?: string; text?: string }): Promise<DraftInfo>;
	list(): Promise<DraftInfo[]>;
	/** Calls back at once and whenever the list changes. */
	watch(listener: (drafts: DraftInfo[]) => void): () => void;
	/**
	 * Calls back soon and on every change; `text` is what the editor should show. `move` tells where a position in the
	 * text that it showed before stands now: carets stay where they were.
	 */
	open(
		id: DraftId,
		listener: (view: DraftView, move: (position: number) => number) => void,
	): OpenDraft;
	read(id: DraftId): Promise<DraftView>;
	/**
	 * Changes the text. Positions are those of a version that `read` or `open` told; without one, of the present text.
	 * Resolves, once it is stored, with the text after the change.
	 */
	edit(
		id: DraftId,
		change: Splice,
		version?: number,
	): Promise<{ version: number; text: string }>;
	/** Removes it on every device; owners and admins only. */
	remove(id: DraftId): Promise<void>;
	/**
	 * Opens it to people outside the swarm. They can read and write this draft and nothing else. It stays open, whatever
	 * page of this device is open, until `unshare`. Rejects with `unsupported` on a page without Web Crypto (plain HTTP),
	 * `too-large` for a draft that y-webrtc cannot carry.
	 */
	share(id: DraftId): Promise<DraftShare>;
	unshare(id: DraftId): Promise<void>;
}

export type JobState = "working" | "done" | "cancelled" | "failed";

export interface JobInfo {
	readonly id: JobId;
	readonly kind: "research";
	/** For research: the question. */
	readonly title: string;
	readonly state: JobState;
	/** The submitting device. */
	readonly device: DeviceId;
	/** Wall clock of the submitter, milliseconds since 1970; for display only (E6). */
	readonly createdAt: number;
	/** Devices known to hold all of the job. */
	readonly copies: number;
}

export interface Job<T> {
	readonly id: JobId;
	/** Resolves with the result, on any device; rejects with `aborted` when cancelled. */
	readonly done: Promise<T>;
	/** Calls back at once and on every change. */
	progress(listener: (progress: Progress) => void): () => void;
	cancel(): Promise<void>;
}

/** What the page shows about the whole: told at once and on every change. */
export interface Status {
	readonly me: Me;
	readonly swarmName: string;
	readonly relay: "connected" | "connecting" | "unreachable";
	/** A write that could not be stored, in words; `null` when all is saved (S9). */
	readonly notSaved: string | null;
	/** What a person should know of logs that are not as they should be, a sentence each (S5). */
	readonly warnings: readonly string[];
	readonly peers: readonly Peer[];
	readonly members: readonly Member[];
	readonly agents: readonly (AgentInfo & { readonly working: number })[];
	readonly jobs: readonly JobInfo[];
	readonly joining: JoinState | null;
	/** The swarm this page was in before it joined, and how many documents stayed there; see `documents.bring`. */
	readonly cameFrom: {
		readonly swarm: SwarmId;
		readonly documents: number;
	} | null;
	/** Connections this page has opened, closed ones too (L8). */
	readonly connections: number;
}

/** A join under way. */
export interface JoinState {
	readonly state: "waiting" | "linking" | "failed";
	readonly message: string;
}

export interface Shoal {
	/** Identity loaded, store open; rejects with a clear reason. */
	readonly ready: Promise<void>;
	me(): Promise<Me>;
	/** Names this device, 1-60 characters. */
	rename(name: string): Promise<void>;

	createSwarm(options?: {
		name?: string;
	}): Promise<{ swarm: SwarmId; invite: string }>;
	/**
	 * A URL that admits devices: one, for a day, as a member, unless options say otherwise. Any member answers it, or only
	 * those in `delegates`. A removal closes it (M2).
	 */
	invite(options?: {
		uses?: number;
		expiresInMs?: number;
		role?: Role;
		delegates?: DeviceId[];
	}): Promise<string>;
	join(invite: string): Promise<{ swarm: SwarmId }>;
	swarms(): Promise<SwarmInfo[]>;
	/** Makes another of this device's swarms the active one in this page. */
	use(swarm: SwarmId): Promise<void>;
	leave(): Promise<void>;
	members(): Promise<Member[]>;
	/**
	 * Removes another device for good: nothing it does from here on counts anywhere, and it can read nothing more. For
	 * owners, and for admins where the device is neither. It comes back by a new invite only.
	 */
	remove(device: DeviceId): Promise<void>;

	peers(): Promise<Peer[]>;
	agents(): Promise<AgentInfo[]>;
	/** `to` is a peer or an agent id. `ping` answers `pong`. */
	request(
		to: string,
		method: string,
		params?: unknown,
		options?: { timeoutMs?: number },
	): Promise<unknown>;
	publish(topic: string, data: unknown): Promise<void>;
	/** Pattern: dot-separated words, `*` for any run of characters within a word, `**` for the rest (A4). */
	subscribe(pattern: string, listener: (event: SwarmEvent) => void): () => void;

	readonly state: StateApi;
	readonly documents: DocumentsApi;
	readonly drafts: DraftsApi;
	/** Asks the documents (all of them where none are named). */
	research(options: { question: string; documents?: string[] }): Job<Report>;
	jobs(): Promise<JobInfo[]>;
	/** A job on any device of the swarm, also after a reload. */
	job(id: JobId): Job<unknown>;
	/** Everything a screen shows about the swarm: at once and on every change. */
	watch(listener: (status: Status) => void): () => void;
}
