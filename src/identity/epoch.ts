/** What members derive from the epoch's secret, and joiners from an invite's seed, to meet on the relay (L3, M2). */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromHex, toHex, utf8 } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";
import type { PeerId, SwarmId } from "../wire/ids.ts";
import { nobleSigner } from "./noble.ts";
import type { Signer } from "./signer.ts";

/** A span of the swarm's life with one set of members (M3). */
export interface Epoch {
	readonly swarm: SwarmId;
	/** Counts from 0. */
	readonly number: number;
	/** 32 random bytes that the members of this epoch share. */
	readonly secret: Uint8Array;
}

/** How to meet on the relay. Topics are hashes that say nothing to who lacks the secret. */
export interface RelayKeys {
	/** Encrypts relay traffic (see `seal.ts`). */
	readonly key: Uint8Array;
	/** All peers listen here. */
	readonly swarmTopic: string;
	/** One peer listens here. */
	peerTopic(peer: PeerId): string;
}

/** As `RelayKeys`, with the key pair whose public half the invite act names. */
export interface InviteKeys extends RelayKeys {
	/** Of the key pair (RFC 8032), for a suite that opens it faster than `signer` does. */
	readonly signingSeed: Uint8Array;
	/** Computed when first asked for: in JavaScript that takes longer than meeting the other end. */
	readonly signer: Signer;
	readonly publicKey: Uint8Array;
	/** The same as `swarmTopic`: where joiner and admitter meet. */
	readonly topic: string;
}

/** Seeds shorter than this could be searched for. */
export const MIN_SEED_BYTES = 16;

export function relayKeys(epoch: Epoch): RelayKeys {
	const salt = fromHex(epoch.swarm);
	if (salt === undefined)
		throw new ShoalError("bad-input", "not a swarm id: expected hex");
	const scope = `shoal/v1/epoch/${epoch.number}`;
	return derive(epoch.secret, salt, scope);
}

/**
 * Everything an invite's seed gives. The relay sees none of it in clear, and the public key does not lead to the
 * topic: who reads the swarm's space later cannot find an old meeting place.
 *
 * @throws ShoalError `bad-invite` for a seed under 16 bytes.
 */
export function inviteKeys(seed: Uint8Array): InviteKeys {
	if (seed.length < MIN_SEED_BYTES)
		throw new ShoalError("bad-invite", "This invite link is incomplete.");
	const keys = derive(seed, undefined, "shoal/v1/invite");
	const info = utf8("shoal/v1/invite/sign");
	const signingSeed = hkdf(sha256, seed, undefined, info, 32);
	let signer: Signer | undefined;
	const open = (): Signer => {
		signer ??= nobleSigner(signingSeed);
		return signer;
	};
	return {
		...keys,
		signingSeed,
		get signer() {
			return open();
		},
		get publicKey() {
			return open().publicKey;
		},
		topic: keys.swarmTopic,
	};
}

function derive(
	secret: Uint8Array,
	salt: Uint8Array | undefined,
	scope: string,
): RelayKeys {
	const part = (name: string) =>
		hkdf(sha256, secret, salt, utf8(`${scope}/${name}`), 32);
	const peerTopicKey = part("peer-topic");
	return {
		key: part("key"),
		swarmTopic: toHex(part("topic")),
		peerTopic: (peer) => toHex(hmac(sha256, peerTopicKey, utf8(peer))),
	};
}
