/** Ed25519 by the browser: keys nobody can read, and about fifteen times faster (E1, C1). */
import { fromBase64Url, fromHex } from "../wire/bytes.ts";
import type { Random } from "../wire/clock.ts";
import { KeyedCache } from "./keyed-cache.ts";
import { nobleSigner, nobleSuite, unshared, webCryptoSigner } from "./noble.ts";
import type { KeySuite } from "./signer.ts";
import { isAdmissibleKey, isStrictSignature } from "./torsion.ts";

/** DER of a PKCS #8 Ed25519 key up to its 32-byte seed (RFC 8410 §7). */
const PKCS8_HEAD =
	fromHex("302e020100300506032b657004220420") ?? new Uint8Array(0);

/** @param subtle must have Ed25519; `chooseKeySuite` finds out. */
export function webCryptoSuite(subtle: SubtleCrypto): KeySuite {
	const imported = new KeyedCache<Promise<CryptoKey>>(256);
	return {
		protection: "hardware",
		async generate() {
			const pair = await generatePair(subtle);
			const raw = await subtle.exportKey("raw", pair.publicKey);
			return {
				kind: "webcrypto",
				publicKey: new Uint8Array(raw),
				privateKey: pair.privateKey,
			};
		},
		async fromSeed(seed) {
			const key = await importSeed(subtle, seed, true);
			const { x = "" } = await subtle.exportKey("jwk", key);
			const publicKey = fromBase64Url(x);
			return publicKey?.length === 32
				? webCryptoSigner(subtle, publicKey, key)
				: nobleSigner(seed);
		},
		async open(key) {
			if (key.kind === "webcrypto")
				return webCryptoSigner(subtle, key.publicKey, key.privateKey);
			const privateKey = await importSeed(subtle, key.seed, false);
			return webCryptoSigner(subtle, key.publicKey, privateKey);
		},
		async verify(publicKey, message, signature) {
			// Implementations answer differently beyond these two checks, so none of them is asked (E4).
			if (!isStrictSignature(signature) || !isAdmissibleKey(publicKey))
				return false;
			try {
				const key = await imported.take(publicKey, () =>
					importPublic(subtle, publicKey),
				);
				return await subtle.verify(
					"Ed25519",
					key,
					unshared(signature),
					unshared(message),
				);
			} catch {
				return false; // some refuse a key or a signature by throwing
			}
		},
	};
}

/**
 * WebCrypto where it can sign and verify Ed25519 and is as strict as noble, else noble (E1, E4).
 *
 * @param crypto the global one; `undefined` or without `subtle` on plain HTTP (B1).
 */
export async function chooseKeySuite(
	crypto: Crypto | undefined,
	random: Random,
): Promise<KeySuite> {
	const subtle: SubtleCrypto | undefined = crypto?.subtle;
	return subtle !== undefined && (await isTrustworthy(subtle))
		? webCryptoSuite(subtle)
		: nobleSuite(random, subtle);
}

/**
 * A signature that only a cofactored verifier accepts: torsion-free key, a point of order 8 added to R. Checked on
 * each start, because a browser that accepted it would disagree with all others about entries (E4).
 */
const COFACTORED = {
	publicKey: "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
	message: "73686f616c",
	signature:
		"18109b209c25c44c2c75ffac8febda84bf2f964c61938e40a5d562710423dd2699216e09f9cd6ab648aeadc07b799f3bd0ac68e08f26dddcb2627d8a0c75070c",
};

async function isTrustworthy(subtle: SubtleCrypto): Promise<boolean> {
	try {
		const { publicKey, privateKey } = await generatePair(subtle);
		const message = Uint8Array.of(1, 2, 3);
		const signature = await subtle.sign("Ed25519", privateKey, message);
		if (!(await subtle.verify("Ed25519", publicKey, signature, message)))
			return false;
		const [key, text, forged] = [
			COFACTORED.publicKey,
			COFACTORED.message,
			COFACTORED.signature,
		].map((hex) => unshared(fromHex(hex) ?? new Uint8Array(0)));
		if (key === undefined || text === undefined || forged === undefined)
			return false;
		const cofactored = await importPublic(subtle, key);
		return !(await subtle.verify("Ed25519", cofactored, forged, text));
	} catch {
		return false; // no Ed25519 here: browsers before 2024-25
	}
}

async function generatePair(subtle: SubtleCrypto): Promise<CryptoKeyPair> {
	const pair = await subtle.generateKey("Ed25519", false, ["sign", "verify"]);
	if ("privateKey" in pair) return pair;
	throw new TypeError("Ed25519 gave one key instead of a pair");
}

function importSeed(
	subtle: SubtleCrypto,
	seed: Uint8Array,
	extractable: boolean,
): Promise<CryptoKey> {
	const der = new Uint8Array(PKCS8_HEAD.length + 32);
	der.set(PKCS8_HEAD);
	der.set(seed, PKCS8_HEAD.length);
	return subtle.importKey("pkcs8", der, "Ed25519", extractable, ["sign"]);
}

function importPublic(
	subtle: SubtleCrypto,
	publicKey: Uint8Array,
): Promise<CryptoKey> {
	return subtle.importKey("raw", unshared(publicKey), "Ed25519", true, [
		"verify",
	]);
}
