/**
 * A certificate authority of this computer alone, and the certificate its HTTPS server shows. Browsers give pages of
 * `http://<ip>` neither Web Crypto nor a service worker (facts B1); with the authority installed on the other device all
 * of it works (B2). Its key never leaves the data folder: whoever has it can impersonate any site to those devices.
 */
import { createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import {
	link,
	mkdir,
	readFile,
	rename,
	unlink,
	writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";

/** A certificate and its key, PEM. */
export interface KeyedCertificate {
	readonly certificate: string;
	readonly key: string;
}

/** What an HTTPS server needs, and what devices are to trust. */
export interface LanCertificates {
	readonly leaf: KeyedCertificate;
	/** The authority's certificate, PEM. */
	readonly authority: string;
}

const dayMs = 24 * 60 * 60 * 1000;
const authorityDays = 10 * 365;
/** Apple's systems refuse server certificates that are valid for longer than 398 days, or 825 of a private authority. */
const leafDays = 397;
/** A leaf with fewer days left is replaced. */
const renewDays = 30;

/**
 * Reads the authority and the leaf from the folder, making what is missing, unreadable or, of the leaf, about to expire
 * or made for other addresses. Started twice at once, both end with the same authority.
 *
 * @param folder - made with access for its owner only
 * @param addresses - IP addresses the leaf must hold for, besides `localhost`
 * @param now - milliseconds since 1970
 */
export async function openCertificates(
	folder: string,
	addresses: readonly string[],
	now: number = Date.now(),
): Promise<LanCertificates> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const authority = await openAuthority(join(folder, "authority.pem"), now);
	const leafFile = join(folder, "server.pem");
	const stored = await readPair(leafFile);
	const names = [...new Set([...addresses, "127.0.0.1", "::1"])];
	if (isPair(stored) && isFit(stored, authority, names, now))
		return { leaf: stored, authority: authority.certificate };
	const leaf = await issueLeaf(authority, names, now);
	await writePair(leafFile, leaf, rename);
	return { leaf, authority: authority.certificate };
}

async function openAuthority(
	file: string,
	now: number,
): Promise<KeyedCertificate> {
	const stored = await readPair(file);
	if (isPair(stored) && daysLeft(stored, now) > leafDays) return stored;
	const made = await issueAuthority(now);
	if (stored !== "missing") {
		await writePair(file, made, rename);
		return made;
	}
	await writePair(file, made, linkIfFree);
	const placed = await readPair(file);
	return isPair(placed) ? placed : made;
}

/** Of two that start at once the first one's file stays. */
async function linkIfFree(from: string, to: string): Promise<void> {
	try {
		await link(from, to);
	} catch (error) {
		if (codeOf(error) !== "EEXIST") throw error;
	} finally {
		await unlink(from);
	}
}

async function issueAuthority(now: number): Promise<KeyedCertificate> {
	const host = hostname().replace(/[^A-Za-z0-9.-]/g, "") || "this computer";
	const { cert, private: key } = await generate(
		[{ name: "commonName", value: `Shoal on ${host}` }],
		{
			keyType: "ec",
			curve: "P-256",
			algorithm: "sha256",
			...validity(authorityDays, now),
			extensions: [
				{
					name: "basicConstraints",
					cA: true,
					pathLenConstraint: 0,
					critical: true,
				},
				{ name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
			],
		},
	);
	return pair(cert, key);
}

async function issueLeaf(
	authority: KeyedCertificate,
	addresses: readonly string[],
	now: number,
): Promise<KeyedCertificate> {
	const { cert, private: key } = await generate(
		[{ name: "commonName", value: "Shoal" }],
		{
			keyType: "ec",
			curve: "P-256",
			algorithm: "sha256",
			...validity(leafDays, now),
			ca: { key: authority.key, cert: authority.certificate },
			extensions: [
				{ name: "basicConstraints", cA: false, critical: true },
				{ name: "keyUsage", digitalSignature: true, critical: true },
				{ name: "extKeyUsage", serverAuth: true },
				{
					name: "subjectAltName",
					altNames: [
						{ type: 2, value: "localhost" },
						...addresses.map((ip) => ({ type: 7 as const, ip })),
					],
				},
			],
		},
	);
	return pair(cert, key);
}

/** With the line ends that make PEM texts safe to join. */
function pair(certificate: string, key: string): KeyedCertificate {
	return {
		certificate: `${certificate.trimEnd()}\n`,
		key: `${key.trimEnd()}\n`,
	};
}

/** From yesterday, because the other device's clock may be behind. */
function validity(
	days: number,
	now: number,
): { notBeforeDate: Date; notAfterDate: Date } {
	const from = now - dayMs;
	return {
		notBeforeDate: new Date(from),
		notAfterDate: new Date(from + days * dayMs),
	};
}

function isFit(
	leaf: KeyedCertificate,
	authority: KeyedCertificate,
	addresses: readonly string[],
	now: number,
): boolean {
	const certificate = new X509Certificate(leaf.certificate);
	return (
		certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
		addresses.every((address) => certificate.checkIP(address)) &&
		daysLeft(leaf, now) > renewDays
	);
}

function daysLeft({ certificate }: KeyedCertificate, now: number): number {
	const end = Date.parse(new X509Certificate(certificate).validTo);
	return (end - now) / dayMs;
}

/** Torn is also what holds the key of another certificate. */
type Stored = KeyedCertificate | "missing" | "torn";

function isPair(stored: Stored): stored is KeyedCertificate {
	return typeof stored !== "string";
}

async function readPair(file: string): Promise<Stored> {
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch (error) {
		if (codeOf(error) === "ENOENT") return "missing";
		throw error;
	}
	const certificate = block(text, "CERTIFICATE");
	const key = block(text, "PRIVATE KEY");
	if (certificate === undefined || key === undefined) return "torn";
	try {
		const matching = new X509Certificate(certificate).checkPrivateKey(
			createPrivateKey(key),
		);
		return matching ? pair(certificate, key) : "torn";
	} catch (error) {
		// OpenSSL's way to say that this is no key or no certificate.
		if (error instanceof Error && codeOf(error)?.startsWith("ERR_OSSL"))
			return "torn";
		throw error;
	}
}

function block(text: string, label: string): string | undefined {
	const begin = `-----BEGIN ${label}-----`;
	const end = `-----END ${label}-----`;
	const from = text.indexOf(begin);
	const to = text.indexOf(end, from);
	return from < 0 || to < 0 ? undefined : text.slice(from, to + end.length);
}

/** Certificate and key in one file, so that they are never of two makings; whole or not at all. */
async function writePair(
	file: string,
	{ certificate, key }: KeyedCertificate,
	place: (from: string, to: string) => Promise<void>,
): Promise<void> {
	const draft = `${file}.${randomUUID()}`;
	await writeFile(draft, certificate + key, { mode: 0o600, flag: "wx" });
	await place(draft, file);
}

function codeOf(error: unknown): string | undefined {
	return error instanceof Error && "code" in error
		? String(error.code)
		: undefined;
}
