/**
 * What the two ends of a detour say is sealed for each other, so that the pages that carry it neither read nor forge it
 * (L6): X25519 between the two devices' keys, HKDF-SHA256 with both nonces, XChaCha20-Poly1305.
 */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import type { PeerId, SwarmId } from "../wire/ids.ts";

/** Both ends name the same. The nonces are fresh, so no key is ever used for two detours. */
export interface DetourContext {
	readonly swarm: SwarmId;
	readonly opener: PeerId;
	readonly other: PeerId;
	/** Hex. */
	readonly openerNonce: string;
	readonly otherNonce: string;
}

export interface DetourKeys {
	/** @param seq counts from 0 in each lane; never sealed twice with one number */
	seal(lane: number, seq: number, plain: Uint8Array): Uint8Array;
	/** `undefined` where these bytes were not sealed by the other end, in this lane, with this number. */
	open(lane: number, seq: number, sealed: Uint8Array): Uint8Array | undefined;
}

/** @param shared of both devices' X25519 keys (see `agree`) */
export function detourKeys(
	shared: Uint8Array,
	context: DetourContext,
	isOpener: boolean,
): DetourKeys {
	const { swarm, opener, other, openerNonce, otherNonce } = context;
	const salt = utf8(openerNonce + otherNonce);
	const keyOf = (fromOpener: boolean): Uint8Array =>
		hkdf(
			sha256,
			shared,
			salt,
			encodeCbor(["shoal/v1/detour", swarm, opener, other, fromOpener]),
			32,
		);
	const own = keyOf(isOpener);
	const theirs = keyOf(!isOpener);
	return {
		seal: (lane, seq, plain) =>
			xchacha20poly1305(own, nonceOf(lane, seq)).encrypt(plain),
		open(lane, seq, sealed) {
			try {
				return xchacha20poly1305(theirs, nonceOf(lane, seq)).decrypt(sealed);
			} catch {
				return undefined; // the tag does not hold
			}
		},
	};
}

function nonceOf(lane: number, seq: number): Uint8Array {
	const nonce = new Uint8Array(24);
	nonce[0] = lane;
	new DataView(nonce.buffer).setBigUint64(16, BigInt(seq));
	return nonce;
}
