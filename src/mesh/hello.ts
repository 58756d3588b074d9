/**
 * The signed hello (L3): the first message of each end on a new connection. It binds the swarm, the epoch, both peers,
 * both nonces and both DTLS fingerprints, so that whoever carried the signals cannot stand in the middle.
 */
import { verifyCertificate } from "../identity/certificate.ts";
import { sign1, verify1 } from "../identity/cose.ts";
import { aadOf } from "../identity/domain.ts";
import type { Signer, Verifier } from "../identity/signer.ts";
import { equalBytes, fromHex, toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_CERTIFICATE_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId, PeerId, SwarmId } from "../wire/ids.ts";

const MAX_HELLO_BYTES = 2048;

/** What both ends must agree on before a word is believed. */
export interface HelloTerms {
	readonly swarm: SwarmId;
	/** The epoch's number; -1 on a connection made through an invite, where the joiner has no epoch yet. */
	readonly epoch: number;
	readonly self: PeerId;
	readonly other: PeerId;
	/** Hex, one for each end, exchanged with the signals. */
	readonly nonces: { readonly self: string; readonly other: string };
	readonly fingerprints: { readonly local: string; readonly remote: string };
}

/** Who proved to be at the other end. */
export interface Greeted {
	readonly peer: PeerId;
	readonly device: DeviceId;
	readonly deviceKey: Uint8Array;
	readonly seal: Uint8Array;
	readonly certificate: Uint8Array;
}

export function makeHello(
	signer: Signer,
	certificate: Uint8Array,
	terms: HelloTerms,
): Promise<Uint8Array> {
	const payload = encodeCbor({
		to: terms.other,
		nonces: [terms.nonces.self, terms.nonces.other],
		prints: [terms.fingerprints.local, terms.fingerprints.remote],
		cert: certificate,
	});
	return sign1(signer, payload, aadOfHello(terms));
}

/**
 * Checks the other end's hello against our own view of the connection.
 *
 * @throws ShoalError `malformed`, `too-large`, or `bad-signature` for a hello of somebody else, for another connection,
 * swarm or epoch, or with other fingerprints than the ones this end sees.
 */
export async function checkHello(
	verifier: Verifier,
	bytes: Uint8Array,
	terms: HelloTerms,
): Promise<Greeted> {
	const { key, payload } = await verify1(
		verifier,
		bytes,
		aadOfHello(terms),
		MAX_HELLO_BYTES,
	);
	const hello = decodeCbor(payload, { maxBytes: MAX_HELLO_BYTES, maxDepth: 4 });
	if (!isHello(hello)) throw new ShoalError("malformed", "not a hello");
	const [theirs, ours] = hello.nonces;
	const [local, remote] = hello.prints;
	if (
		toHex(key) !== terms.other ||
		hello.to !== terms.self ||
		theirs !== terms.nonces.other ||
		ours !== terms.nonces.self ||
		local !== terms.fingerprints.remote ||
		remote !== terms.fingerprints.local
	)
		throw new ShoalError("bad-signature", "a hello for another connection");
	const certificate = await verifyCertificate(verifier, hello.cert);
	if (!equalBytes(certificate.session, key))
		throw new ShoalError("bad-signature", "a certificate of another session");
	return {
		peer: terms.other,
		device: certificate.device,
		deviceKey: certificate.deviceKey,
		seal: certificate.seal,
		certificate: hello.cert,
	};
}

const aadOfHello = (terms: HelloTerms): Uint8Array =>
	aadOf("shoal/v1/hello", terms.swarm, terms.epoch);

interface HelloPayload {
	readonly to: string;
	readonly nonces: readonly [string, string];
	readonly prints: readonly [string, string];
	readonly cert: Uint8Array;
}

function isHello(value: unknown): value is HelloPayload {
	if (typeof value !== "object" || value === null) return false;
	const { to, nonces, prints, cert } = value as Partial<HelloPayload>;
	return (
		typeof to === "string" &&
		fromHex(to)?.length === 32 &&
		isPair(nonces) &&
		isPair(prints) &&
		cert instanceof Uint8Array &&
		cert.length <= MAX_CERTIFICATE_BYTES
	);
}

const isPair = (value: unknown): value is [string, string] =>
	Array.isArray(value) &&
	value.length === 2 &&
	value.every((item) => typeof item === "string" && item.length <= 200);
