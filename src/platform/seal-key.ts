/** A device's X25519 key pair: by the browser where it can, for running JavaScript for it takes a tenth of a first visit (E1). */
import { generateSealKey, type SealKey } from "../identity/agreement.ts";
import type { Random } from "../wire/clock.ts";

/** PKCS #8 of an X25519 private key (RFC 8410 §7): a fixed head, then the 32 bytes. */
const PKCS8_BYTES = 48;

/**
 * Makes a key pair, 32 bytes each. The private one is kept raw, because not every browser can store it otherwise.
 */
export async function newSealKey(
	subtle: SubtleCrypto | undefined,
	random: Random,
): Promise<SealKey> {
	return (
		(await byBrowser(subtle).catch(() => undefined)) ?? generateSealKey(random)
	);
}

/** `undefined`, or rejects, where the browser does not know X25519. */
async function byBrowser(
	subtle: SubtleCrypto | undefined,
): Promise<SealKey | undefined> {
	const pair = await subtle?.generateKey({ name: "X25519" }, true, [
		"deriveBits",
	]);
	if (subtle === undefined || pair === undefined || !("publicKey" in pair))
		return undefined;
	const [publicKey, encoded] = await Promise.all([
		subtle.exportKey("raw", pair.publicKey),
		subtle.exportKey("pkcs8", pair.privateKey),
	]);
	return encoded.byteLength === PKCS8_BYTES
		? {
				publicKey: new Uint8Array(publicKey),
				privateKey: new Uint8Array(encoded).slice(-32),
			}
		: undefined;
}
