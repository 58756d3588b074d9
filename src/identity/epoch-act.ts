/**
 * The body of an epoch (M3): the number it has, which removals it comes after, and its secret, sealed to each device that
 * stays. Only those devices can open it, now or when they wake.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { compareBytes, concatBytes, fromHex, utf8 } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_EPOCH_BYTES, MAX_SEALED_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { SwarmId } from "../wire/ids.ts";
import {
	bytesOf,
	expectAscending,
	fieldsOf,
	hashesOf,
	integerOf,
	listOf,
} from "./shape.ts";

/** The secret of the epoch for one device. */
export interface SealedSecret {
	/** Key of the device, 32 bytes. */
	readonly device: Uint8Array;
	/** What `sealTo` made for its X25519 key, bound by `epochAad`. */
	readonly sealed: Uint8Array;
}

export interface EpochAct {
	/** One more than that of the epoch before; the first swarm's epoch, 0, has no act. */
	readonly number: number;
	/** Hashes of all removals that the author knew: who was removed by them does not know the secret. */
	readonly covers: readonly Uint8Array[];
	/** What the secret hashes to (`checkOf`): whoever gets it, from the act or from a peer, sees that it is the one. */
	readonly check: Uint8Array;
	readonly secrets: readonly SealedSecret[];
}

/** SHA-256 that shows a secret to be an epoch's; it says nothing about it to who lacks it. */
export const checkOf = (secret: Uint8Array): Uint8Array =>
	sha256(concatBytes(utf8("shoal/v1/epoch/check"), secret));

/** What a sealed secret of an epoch is bound to. */
export function epochAad(
	swarm: SwarmId,
	number: number,
	device: Uint8Array,
): Uint8Array {
	return encodeCbor(["shoal/v1/epoch", fromHex(swarm) ?? "", number, device]);
}

/** @throws ShoalError `too-large` for more devices than fit 2 MiB */
export function encodeEpoch(act: EpochAct): Uint8Array {
	const { number, covers, check, secrets } = act;
	const body = encodeCbor({
		number,
		check,
		covers: covers.toSorted(compareBytes),
		secrets: secrets
			.toSorted((a, b) => compareBytes(a.device, b.device))
			.map(({ device, sealed }) => [device, sealed]),
	});
	if (body.length > MAX_EPOCH_BYTES)
		throw new ShoalError("too-large", "This swarm has too many devices.");
	return body;
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeEpoch(body: Uint8Array): EpochAct {
	const fields = fieldsOf(
		decodeCbor(body, { maxBytes: MAX_EPOCH_BYTES, maxDepth: 4 }),
		["number", "covers", "check", "secrets"],
	);
	const secrets = listOf(fields.get("secrets"), 0, MAX_EPOCH_BYTES).map(
		(pair): SealedSecret => {
			const [device, sealed] = listOf(pair, 2, 2);
			return {
				device: bytesOf(device, 32),
				sealed: bytesOf(sealed, 1, MAX_SEALED_BYTES),
			};
		},
	);
	expectAscending(secrets.map(({ device }) => device));
	return {
		number: integerOf(fields.get("number"), 1, Number.MAX_SAFE_INTEGER),
		covers: hashesOf(fields.get("covers"), 0, MAX_EPOCH_BYTES / 32),
		check: bytesOf(fields.get("check"), 32),
		secrets,
	};
}
