/** Names of things on the wire. All are strings, so that they are map keys and JSON alike. */

/** Lowercase hex of a session's Ed25519 public key (64 characters). One running tab is one peer. */
export type PeerId = string;
/** A device's long-lived key as `did:key:z…` (E1). */
export type DeviceId = string;
/** Lowercase hex of the SHA-256 of the genesis entry (M1). */
export type SwarmId = string;
/** `swarm` for the swarm's own space, `job:<id>`, `memory:<name>`, `draft:<id>`; at most 200 UTF-16 units. */
export type SpaceId = string;
/** Lowercase hex of a SHA-256 of a body: documents, texts, attachments (S12). */
export type BlobId = string;
/** Random for a job somebody submits: 32 lowercase hex characters. */
export type JobId = string;
/** Of a co-edited draft, random: 32 lowercase hex characters. */
export type DraftId = string;
/** hash(job, rule, inputs), 32 lowercase hex characters (A4). */
export type TaskId = string;

export const SWARM_SPACE: SpaceId = "swarm";
export const jobSpace = (job: JobId): SpaceId => `job:${job}`;
export const memorySpace = (name: string): SpaceId => `memory:${name}`;
export const draftSpace = (draft: DraftId): SpaceId => `draft:${draft}`;
export const isDraftSpace = (space: SpaceId): boolean =>
	space.startsWith(draftSpace(""));

const HEX_64 = /^[0-9a-f]{64}$/;
/** Whether a string has the shape of a peer, swarm or blob id. */
export const isHashId = (text: unknown): text is string =>
	typeof text === "string" && HEX_64.test(text);
