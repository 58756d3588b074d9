/**
 * Ed25519 by Node's OpenSSL, called synchronously: no work goes on while the virtual clock stands still. It accepts what
 * the product's two suites accept (E4, which `native-suite.test.ts` checks), at a tenth of the time of JavaScript.
 */
import {
	createPrivateKey,
	createPublicKey,
	type KeyObject,
	sign,
	verify,
} from "node:crypto";
import { KeyedCache } from "../../../src/identity/keyed-cache.ts";
import type { KeySuite, Signer } from "../../../src/identity/signer.ts";
import {
	isAdmissibleKey,
	isStrictSignature,
} from "../../../src/identity/torsion.ts";
import type { Random } from "../../../src/wire/clock.ts";

/** DER of a key up to its 32 bytes (RFC 8410 §4 and §7). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

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
				key: publicOf(publicKey),
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
		const der = Buffer.concat([PKCS8_HEAD, seed]);
		const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
		const spki = createPublicKey(key).export({ format: "der", type: "spki" });
		return {
			publicKey: Uint8Array.from(spki.subarray(SPKI_HEAD.length)),
			sign: async (message) => Uint8Array.from(sign(null, message, key)),
		};
	});
}

function publicOf(publicKey: Uint8Array): KeyObject {
	const der = Buffer.concat([SPKI_HEAD, publicKey]);
	return createPublicKey({ key: der, format: "der", type: "spki" });
}
