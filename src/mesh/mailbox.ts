/**
 * The mailbox of a device (M3): a topic that stays the same across epochs, where it learns that a new one began, or that it
 * was removed. Letters are sealed to its X25519 key. Anybody who ever was in the swarm can write one, so that nothing is
 * believed but what a letter proves: of an epoch only that it is worth looking there.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import {
	openSealed,
	SEAL_OVERHEAD,
	type SealKey,
	sealTo,
} from "../identity/agreement.ts";
import {
	type Certificate,
	verifyCertificate,
} from "../identity/certificate.ts";
import { open1, sign1 } from "../identity/cose.ts";
import { aadOf } from "../identity/domain.ts";
import { bytesOf, integerOf, listOf } from "../identity/shape.ts";
import type { Signer, Verifier } from "../identity/signer.ts";
import { equalBytes, fromHex, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import type { Random } from "../wire/clock.ts";
import { MAX_CERTIFICATE_BYTES, MAX_LETTER_BYTES } from "../wire/constants.ts";
import { codeOf, ShoalError } from "../wire/error.ts";
import type { DeviceId, SwarmId } from "../wire/ids.ts";
import type { Signaling } from "./ports.ts";

export type Letter =
	| {
			readonly kind: "epoch";
			readonly number: number;
			readonly secret: Uint8Array;
	  }
	/** A member's word, signed, that the device does not belong to the swarm any more. */
	| {
			readonly kind: "removed";
			readonly certificate: Uint8Array;
			readonly notice: Uint8Array;
	  }
	/** Entries of the swarm's space, for a device that links to nobody who could hand them over; they prove themselves. */
	| { readonly kind: "entries"; readonly entries: readonly Uint8Array[] };

/** Whom a letter is for. */
export interface Addressee {
	/** Raw Ed25519 key of the device. */
	readonly key: Uint8Array;
	/** Its X25519 key. */
	readonly seal: Uint8Array;
}

export interface MailboxDeps {
	readonly swarm: SwarmId;
	readonly random: Random;
	readonly verifier: Verifier;
	readonly signaling: Signaling;
	/** Raw Ed25519 key of this device. */
	readonly key: Uint8Array;
	readonly seal: SealKey;
	onEpoch(number: number, secret: Uint8Array): void;
	/** This device was removed, says a page of that device. Believe it if that one may. */
	onRemoved(by: DeviceId): void;
	onEntries(entries: readonly Uint8Array[]): void;
}

/** Most letters are of one length, the others of a few: the relay cannot tell what they are about. */
const LETTER_BYTES = 1024;
const LENGTH_BYTES = 4;
const MAX_LETTER_ENTRIES = 256;

export class Mailbox {
	readonly #deps: MailboxDeps;
	readonly #stop: () => void;

	constructor(deps: MailboxDeps) {
		this.#deps = deps;
		const { signaling, swarm, key } = deps;
		this.#stop = signaling.subscribe(mailboxTopic(swarm, key), (_, sealed) => {
			this.#take(sealed).catch((error: unknown) => {
				// What is no letter is dropped: who sent it cannot be told.
				if (codeOf(error) === undefined) throw error;
			});
		});
	}

	stop(): void {
		this.#stop();
	}

	/** Puts a letter into another device's mailbox. @throws ShoalError `malformed` where its key cannot be sealed to */
	post({ key, seal }: Addressee, letter: Letter): void {
		const { swarm, random, signaling } = this.#deps;
		const topic = mailboxTopic(swarm, key);
		const sealed = sealTo(
			seal,
			random,
			encodeLetter(letter),
			letterAad(swarm, key),
		);
		// A letter has no sender: its address is drawn anew each time.
		signaling.publish(topic, toHex(random.bytes(32)), sealed);
	}

	async #take(sealed: Uint8Array): Promise<void> {
		const { swarm, key, seal, verifier } = this.#deps;
		const { onEpoch, onRemoved, onEntries } = this.#deps;
		if (sealed.length > MAX_LETTER_BYTES + SEAL_OVERHEAD) return;
		const plain = openSealed(seal, sealed, letterAad(swarm, key));
		if (plain === undefined) return;
		const letter = decodeLetter(plain);
		if (letter.kind === "epoch") onEpoch(letter.number, letter.secret);
		else if (letter.kind === "entries") onEntries(letter.entries);
		else {
			const { device } = await checkNotice(verifier, swarm, key, letter);
			onRemoved(device);
		}
	}
}

/** Hex of SHA-256 over what names the device in the swarm. Who knows neither cannot find it. */
export const mailboxTopic = (swarm: SwarmId, key: Uint8Array): string =>
	toHex(sha256(encodeCbor(["shoal/v1/mailbox", swarmBytes(swarm), key])));

const letterAad = (swarm: SwarmId, key: Uint8Array): Uint8Array =>
	encodeCbor(["shoal/v1/letter", swarmBytes(swarm), key]);

const swarmBytes = (swarm: SwarmId): Uint8Array => {
	const bytes = fromHex(swarm);
	if (bytes === undefined)
		throw new ShoalError("bad-input", "not a swarm id: expected hex");
	return bytes;
};

/** Signs that a device was removed. */
export const signNotice = (
	signer: Signer,
	swarm: SwarmId,
	key: Uint8Array,
): Promise<Uint8Array> => sign1(signer, key, aadOf("shoal/v1/removed", swarm));

/** Who signed that this device was removed. @throws ShoalError `malformed`, `too-large`, `bad-signature` */
async function checkNotice(
	verifier: Verifier,
	swarm: SwarmId,
	key: Uint8Array,
	letter: Extract<Letter, { kind: "removed" }>,
): Promise<Certificate> {
	const certificate = await verifyCertificate(verifier, letter.certificate);
	const notice = open1(letter.notice, MAX_LETTER_BYTES);
	const isSigned =
		equalBytes(notice.key, certificate.session) &&
		equalBytes(notice.payload, key) &&
		(await verifier.verify(
			notice.key,
			notice.toVerify(aadOf("shoal/v1/removed", swarm)),
			notice.signature,
		));
	if (!isSigned)
		throw new ShoalError("bad-signature", "a notice's signature does not hold");
	return certificate;
}

/** @throws ShoalError `too-large` */
export function encodeLetter(letter: Letter): Uint8Array {
	const bytes = encodeCbor(tupleOf(letter));
	let length = LETTER_BYTES;
	while (length < bytes.length + LENGTH_BYTES) length *= 2;
	if (length > MAX_LETTER_BYTES)
		throw new ShoalError("too-large", "a letter is too long");
	const padded = new Uint8Array(length);
	new DataView(padded.buffer).setUint32(0, bytes.length);
	padded.set(bytes, LENGTH_BYTES);
	return padded;
}

function tupleOf(letter: Letter): readonly unknown[] {
	switch (letter.kind) {
		case "epoch":
			return [0, letter.number, letter.secret];
		case "removed":
			return [1, letter.certificate, letter.notice];
		case "entries":
			return [2, letter.entries];
	}
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeLetter(padded: Uint8Array): Letter {
	if (padded.length < LETTER_BYTES)
		throw new ShoalError("malformed", "not a letter");
	const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
	const value = decodeCbor(
		padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
		{ maxBytes: MAX_LETTER_BYTES, maxDepth: 2 },
	);
	const [tag, first, second] = listOf(value, 2, 3);
	if (tag === 0)
		return {
			kind: "epoch",
			number: integerOf(first, 1, Number.MAX_SAFE_INTEGER),
			secret: bytesOf(second, 32),
		};
	if (tag === 1)
		return {
			kind: "removed",
			certificate: bytesOf(first, 1, MAX_CERTIFICATE_BYTES),
			notice: bytesOf(second, 1, LETTER_BYTES),
		};
	if (tag === 2) {
		const entries = listOf(first, 1, MAX_LETTER_ENTRIES).map((entry) =>
			bytesOf(entry, 1, MAX_LETTER_BYTES),
		);
		return { kind: "entries", entries };
	}
	throw new ShoalError("malformed", "not a letter");
}
