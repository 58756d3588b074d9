import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { issueCertificate } from "../../../src/identity/certificate.ts";
import { nobleSuite } from "../../../src/identity/noble.ts";
import type { Signer } from "../../../src/identity/signer.ts";
import {
	checkHello,
	type HelloTerms,
	makeHello,
} from "../../../src/mesh/hello.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { seededRandom } from "../../sim/world/random.ts";

const random = seededRandom(3);
const suite = nobleSuite(random);
let alice: Signer;
let certificate: Uint8Array;
let theirs: HelloTerms;
let ours: HelloTerms;

beforeAll(async () => {
	const device = await suite.open(await suite.generate());
	alice = await suite.open(await suite.generate());
	certificate = await issueCertificate(
		device,
		alice.publicKey,
		random.bytes(32),
	);
	const bob = await suite.open(await suite.generate());
	theirs = {
		swarm: "cd".repeat(32),
		epoch: 4,
		self: toHex(alice.publicKey),
		other: toHex(bob.publicKey),
		nonces: { self: "aa", other: "bb" },
		fingerprints: { local: "print-a", remote: "print-b" },
	};
	ours = {
		...theirs,
		self: theirs.other,
		other: theirs.self,
		nonces: { self: "bb", other: "aa" },
		fingerprints: { local: "print-b", remote: "print-a" },
	};
});

describe("hello", () => {
	it("[L3] proves the peer and its device to who sees the same connection", async () => {
		const hello = await makeHello(alice, certificate, theirs);
		const greeted = await checkHello(suite, hello, ours);
		expect(greeted.peer).toBe(theirs.self);
		expect(greeted.device).toMatch(/^did:key:z/);
	});

	it("[L3] refuses a hello for another swarm, epoch, peer, nonce or fingerprint: nobody stands in the middle", async () => {
		const hello = await makeHello(alice, certificate, theirs);
		const others: Partial<HelloTerms>[] = [
			{ swarm: "ee".repeat(32) },
			{ epoch: 5 },
			{ other: ours.self },
			{ self: "0".repeat(64) },
			{ nonces: { self: "bb", other: "ab" } },
			{ nonces: { self: "b0", other: "aa" } },
			{ fingerprints: { local: "print-b", remote: "print-of-the-middle" } },
			{ fingerprints: { local: "print-of-the-middle", remote: "print-a" } },
		];
		for (const other of others) {
			const refused = await checkHello(suite, hello, {
				...ours,
				...other,
			}).catch(codeOf);
			expect(refused).toBe("bad-signature");
		}
	});

	it("[E1] refuses a certificate of another session", async () => {
		const device = await suite.open(await suite.generate());
		const foreign = await issueCertificate(
			device,
			(await suite.generate()).publicKey,
			random.bytes(32),
		);
		const hello = await makeHello(alice, foreign, theirs);
		expect(await checkHello(suite, hello, ours).catch(codeOf)).toBe(
			"bad-signature",
		);
	});

	it("[E2] refuses every hello with a flipped byte", async () => {
		const hello = await makeHello(alice, certificate, theirs);
		await fc.assert(
			fc.asyncProperty(
				fc.nat(hello.length - 1),
				fc.integer({ min: 1, max: 255 }),
				async (at, change) => {
					const mutated = hello.slice();
					mutated[at] = (mutated[at] ?? 0) ^ change;
					const code = await checkHello(suite, mutated, ours).then(
						() => "accepted",
						codeOf,
					);
					expect(["bad-signature", "malformed", "too-large"]).toContain(code);
				},
			),
			{ numRuns: 200 },
		);
	});
});
