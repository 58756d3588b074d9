/** What one visitor may take of the relay. Anyone who can reach the port can speak, so each number has an abuser in mind. */
import {
	HIGH_WATER_BYTES,
	MAX_RELAY_FRAME_BYTES,
} from "../src/wire/constants.ts";

/** A token bucket: `capacity` at once, and as much again within `refillMs`. */
export interface Allowance {
	/** Frames read. */
	readonly frames: number;
	/** Bytes read, and bytes handed on once for each receiver. */
	readonly bytes: number;
}

/** Sizes in bytes, times in milliseconds. */
export interface Limits {
	/** The largest frame. An offer with its candidates is 2-6 kB; whoever sends more has the wrong channel. */
	readonly frameBytes: number;
	/** Characters of a topic's name. Ours are hashes of 43; y-webrtc's are room names that people choose. */
	readonly topicNameLength: number;
	/** Topics of one connection. A page needs one for each swarm, invite and mailbox, and one of its own. */
	readonly topicsPerConnection: number;
	/** Members of one topic: what one frame is multiplied by. A swarm this large introduces itself over its links. */
	readonly membersPerTopic: number;
	/** Connections (WebSocket or event stream) of one address: a household behind one address, each device with many tabs. */
	readonly connectionsPerAddress: number;
	/** TCP connections of one address, those of page loads included. Bounds what half-sent requests can hold. */
	readonly socketsPerAddress: number;
	/** All connections (about 7 kB each when idle): bounds memory whatever the number of addresses. */
	readonly connections: number;
	/** For each connection, so that one that floods leaves its neighbours at the same address their share. */
	readonly perConnection: Allowance;
	/** For each address, so that opening more connections does not help. */
	readonly perAddress: Allowance;
	/** An empty bucket is full again after this. Nobody is banned: an address is often shared. */
	readonly refillMs: number;
	/** What may wait for a slow reader before it is dropped. It can come back; the relay's memory would not. */
	readonly bufferedBytes: number;
	/** What may wait for all slow readers together. Each has an equal share of it at most, one frame being always allowed. */
	readonly bufferedBytesInAll: number;
	/** How often a silent socket is asked whether it is there. One that has not answered by the next time is gone. */
	readonly keepaliveMs: number;
	/** An event stream whose client has posted nothing for this long is gone; TCP alone may not say so for a quarter of an hour. */
	readonly streamSilenceMs: number;
	/** A refused frame is answered with an error this often at most, so that a flood does not earn a flood. */
	readonly refusalMs: number;
	/** A request's head must be complete within this (slowloris). */
	readonly headersMs: number;
	/** A whole request must be complete within this. */
	readonly requestMs: number;
	/** A connection on which an answer makes no headway is closed after this. */
	readonly idleMs: number;
}

export const defaultLimits: Limits = {
	frameBytes: MAX_RELAY_FRAME_BYTES,
	topicNameLength: 256,
	topicsPerConnection: 128,
	membersPerTopic: 256,
	connectionsPerAddress: 256,
	socketsPerAddress: 512,
	connections: 16_384,
	// Joining a swarm of 50 takes a page about 1,000 frames. The bytes let one full frame reach a full topic.
	perConnection: { frames: 2_000, bytes: 20 * 1024 * 1024 },
	perAddress: { frames: 8_000, bytes: 64 * 1024 * 1024 },
	refillMs: 10_000,
	bufferedBytes: HIGH_WATER_BYTES,
	bufferedBytesInAll: 256 * HIGH_WATER_BYTES,
	keepaliveMs: 20_000,
	streamSilenceMs: 120_000,
	refusalMs: 1_000,
	headersMs: 10_000,
	requestMs: 20_000,
	idleMs: 60_000,
};
