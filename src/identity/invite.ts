/** Invite links, and the proof by which a joiner shows that it holds one (M2). */
import { fromBase64Url, fromHex, toBase64Url, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_INVITE_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId, SwarmId } from "../wire/ids.ts";
import { sign1, verify1 } from "./cose.ts";
import { deviceIdOf, keyOfDevice } from "./did.ts";
import { aadOf } from "./domain.ts";
import { MIN_SEED_BYTES } from "./epoch.ts";
import { bytesOf, fieldsOf } from "./shape.ts";
import type { Signer, Verifier } from "./signer.ts";
import { isAdmissibleKey } from "./torsion.ts";

/** What an invite link carries. Whoever reads the link can join: it goes in the fragment, which no server sees. */
export interface Invite {
	readonly swarm: SwarmId;
	/** 16 to 32 random bytes; `inviteKeys` derives all keys from it. */
	readonly seed: Uint8Array;
	/** The device that issued it, which admits. */
	readonly issuer: DeviceId;
	/** The membership head the issuer knew, up to 64 bytes: a joiner's view must reach it. */
	readonly head: Uint8Array;
}

const VERSION = 1;
const PARAMETER = "join=";

/** The token of a link: base64url of deterministic CBOR `[version, swarm, seed, issuer's key, head]`. */
export function encodeInvite(invite: Invite): string {
	const swarm = fromHex(invite.swarm);
	const issuer = keyOfDevice(invite.issuer);
	if (swarm === undefined || issuer === undefined)
		throw new ShoalError("bad-input", "an invite needs a swarm and an issuer");
	return toBase64Url(
		encodeCbor([VERSION, swarm, invite.seed, issuer, invite.head]),
	);
}

/** @throws ShoalError `bad-invite` for anything that `encodeInvite` did not make. */
export function decodeInvite(token: string): Invite {
	try {
		if (token.length > MAX_INVITE_BYTES)
			throw new ShoalError("too-large", "a token this long is none");
		const bytes = fromBase64Url(token);
		if (bytes === undefined) throw new ShoalError("malformed", "not base64url");
		const list = decodeCbor(bytes, {
			maxBytes: MAX_INVITE_BYTES,
			maxDepth: 1,
		});
		if (!Array.isArray(list) || list.length !== 5 || list[0] !== VERSION)
			throw new ShoalError("malformed", "another version of invite");
		return {
			swarm: toHex(bytesOf(list[1], 32)),
			seed: bytesOf(list[2], MIN_SEED_BYTES, 32),
			issuer: deviceIdOf(bytesOf(list[3], 32)),
			head: bytesOf(list[4], 0, 64),
		};
	} catch (cause) {
		throw new ShoalError(
			"bad-invite",
			"This invite link is incomplete or was changed. Ask for a new one.",
			{ cause },
		);
	}
}

/** `<base>#join=<token>`; a fragment that `base` has is replaced. */
export function inviteUrl(base: string, invite: Invite): string {
	const [address = ""] = base.split("#", 1);
	return `${address}#${PARAMETER}${encodeInvite(invite)}`;
}

/** The invite in a link's fragment, or `undefined` where there is none or it is damaged. */
export function inviteFromUrl(url: string): Invite | undefined {
	const at = url.indexOf("#");
	if (at < 0) return undefined;
	const parameter = url
		.slice(at + 1)
		.split("&")
		.find((part) => part.startsWith(PARAMETER));
	if (parameter === undefined) return undefined;
	try {
		return decodeInvite(parameter.slice(PARAMETER.length));
	} catch {
		return undefined; // told by returning no invite
	}
}

/** A joiner's claim, verified: who signs with the invite's key brings this device. */
export interface JoinProof {
	/** Public key of the invite. */
	readonly invite: Uint8Array;
	readonly deviceKey: Uint8Array;
	/** The device's X25519 key. */
	readonly seal: Uint8Array;
}

/** Signs the joining device's keys with the invite's key. The result goes into the admit act. */
export function proveJoin(
	inviteSigner: Signer,
	swarm: SwarmId,
	deviceKey: Uint8Array,
	seal: Uint8Array,
): Promise<Uint8Array> {
	return sign1(
		inviteSigner,
		encodeCbor({ device: deviceKey, seal }),
		aadOf("shoal/v1/join", swarm),
	);
}

/**
 * Verifies a proof. It shows who holds the invite, not who holds the device key: the admitter must see the same device
 * and seal keys in the certificate of the link the proof came over, or a joiner could bring somebody else's device with
 * a seal key of its own.
 *
 * @throws ShoalError `too-large`, `malformed` (also where the device's key may not be admitted, E4), `bad-signature`
 */
export async function verifyJoin(
	verifier: Verifier,
	bytes: Uint8Array,
	swarm: SwarmId,
): Promise<JoinProof> {
	const { key, payload } = await verify1(
		verifier,
		bytes,
		aadOf("shoal/v1/join", swarm),
		MAX_INVITE_BYTES,
	);
	const fields = fieldsOf(
		decodeCbor(payload, { maxBytes: MAX_INVITE_BYTES, maxDepth: 1 }),
		["device", "seal"],
	);
	const deviceKey = bytesOf(fields.get("device"), 32);
	const seal = bytesOf(fields.get("seal"), 32);
	if (!isAdmissibleKey(deviceKey))
		throw new ShoalError("malformed", "the device's key is not admissible");
	return { invite: Uint8Array.from(key), deviceKey, seal };
}
