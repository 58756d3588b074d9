/** A device's word that a session key is one of its tabs, and where to seal secrets for it (E1). */

import { toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_CERTIFICATE_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId, PeerId } from "../wire/ids.ts";
import { sign1, verify1 } from "./cose.ts";
import { deviceIdOf } from "./did.ts";
import { aadOf } from "./domain.ts";
import { bytesOf, fieldsOf } from "./shape.ts";
import type { Signer, Verifier } from "./signer.ts";
import { isAdmissibleKey } from "./torsion.ts";

export interface Certificate {
	readonly device: DeviceId;
	/** Raw Ed25519 key of the device, which signed this. */
	readonly deviceKey: Uint8Array;
	/** Raw Ed25519 key of the session. */
	readonly session: Uint8Array;
	readonly peer: PeerId;
	/** The device's X25519 key. */
	readonly seal: Uint8Array;
}

/** Certificates belong to no swarm: one serves in all swarms of the device. */
const AAD = aadOf("shoal/v1/certificate", null);

/**
 * Certifies a session.
 *
 * @param session raw Ed25519 key of the session, 32 bytes.
 * @param seal raw X25519 key of the device, 32 bytes.
 */
export function issueCertificate(
	device: Signer,
	session: Uint8Array,
	seal: Uint8Array,
): Promise<Uint8Array> {
	return sign1(device, encodeCbor({ session, seal }), AAD);
}

/**
 * Verifies a certificate. Who presents it must still show that the session key is its own, by signing with it: nothing
 * keeps a device from certifying somebody else's key.
 *
 * @throws ShoalError `too-large`, `malformed` (also where the session's key may not be admitted, E4), `bad-signature`
 */
export async function verifyCertificate(
	verifier: Verifier,
	bytes: Uint8Array,
): Promise<Certificate> {
	const { key, payload } = await verify1(
		verifier,
		bytes,
		AAD,
		MAX_CERTIFICATE_BYTES,
	);
	const fields = fieldsOf(
		decodeCbor(payload, { maxBytes: MAX_CERTIFICATE_BYTES, maxDepth: 1 }),
		["session", "seal"],
	);
	const session = bytesOf(fields.get("session"), 32);
	const seal = bytesOf(fields.get("seal"), 32);
	if (!isAdmissibleKey(session))
		throw new ShoalError("malformed", "the session's key is not admissible");
	// Copies: a certificate is kept long, and views would keep whatever message it came in.
	const deviceKey = Uint8Array.from(key);
	return {
		device: deviceIdOf(deviceKey),
		deviceKey,
		session,
		peer: toHex(session),
		seal,
	};
}
