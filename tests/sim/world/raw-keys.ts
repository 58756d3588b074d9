/** Keys of Curve25519 from their 32 bytes (RFC 8037): reading DER takes OpenSSL longer than signing. */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

type Curve = "Ed25519" | "X25519";

export function privateKeyOf(crv: Curve, bytes: Uint8Array): KeyObject {
	// The public half must be there, and is not looked at.
	const key = { kty: "OKP", crv, d: base64Url(bytes), x: base64Url(bytes) };
	return createPrivateKey({ key, format: "jwk" });
}

export function publicKeyOf(crv: Curve, bytes: Uint8Array): KeyObject {
	const key = { kty: "OKP", crv, x: base64Url(bytes) };
	return createPublicKey({ key, format: "jwk" });
}

/** The public half of a private key. */
export function rawPublic(key: KeyObject): Uint8Array {
	const { x = "" } = createPublicKey(key).export({ format: "jwk" });
	return Uint8Array.from(Buffer.from(x, "base64url"));
}

const base64Url = (bytes: Uint8Array): string =>
	Buffer.from(bytes).toString("base64url");
