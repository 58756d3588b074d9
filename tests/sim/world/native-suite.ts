/**
 * Ed25519 by Node's OpenSSL, called synchronously: no work goes on while the virtual clock stands still. It accepts what
 * the product's two suites accept (E4, which `native-suite.test.ts` checks), at a tenth of the time of JavaScript.
 */
import { type KeyObject, sign, verify } from "node:crypto";
import { KeyedCache } from "../../../src/identity/keyed-cache.ts";
import type { KeySuite, Signer } from "../../../src/identity/signer.ts";
import {
	isAdmissibleKey,
	isStrictSignature,
} from "../../../src/identity/torsion.ts";
import type { Random } from "../../../src/wire/clock.ts";
import { privateKeyOf, publicKeyOf, rawPublic } from "./raw-keys.ts";

export function nativeSuite(random: Random): KeySuite {
	return {
		protection: "software",
		async generate() {
			const seed = random.bytes(32);
			return { kind: "noble", publicKey: signerOf(seed).publicKey, seed };
		},
		fromSeed: async (seed) => signerOf(seed),
		async open(key) {
			if (key.kind !== "noble") throw new TypeError("made by another suite");
			return signerOf(key.seed);
		},
		async verify(publicKey, message, signature) {
			if (!isStrictSignature(signature) || !isAdmissibleKey(publicKey))
				return false;
			const { key } = keys.take(publicKey, () => ({
				key: publicKeyOf("Ed25519", publicKey),
			}));
			return verify(null, message, key, signature);
		},
	};
}

const keys = new KeyedCache<{ readonly key: KeyObject }>(256);
const signers = new KeyedCache<Signer>(256);

/** A page opens its device's keys each time that it starts. */
function signerOf(seed: Uint8Array): Signer {
	return signers.take(seed, () => {
		const key = privateKeyOf("Ed25519", seed);
		return {
			publicKey: rawPublic(key),
			sign: async (message) => Uint8Array.from(sign(null, message, key)),
		};
	});
}
