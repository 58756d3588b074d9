/** Both key suites hold to one contract and give one answer to every signature (E1, E4). */
import { existsSync, readFileSync } from "node:fs";
import { verify as nobleLibraryVerify, Point, utils } from "@noble/ed25519";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nobleSuite } from "../../../src/identity/noble.ts";
import type { KeySuite } from "../../../src/identity/signer.ts";
import {
	isAdmissibleKey,
	isStrictSignature,
} from "../../../src/identity/torsion.ts";
import {
	chooseKeySuite,
	webCryptoSuite,
} from "../../../src/identity/webcrypto.ts";
import { toHex, utf8 } from "../../../src/wire/bytes.ts";
import { craft, type SignatureVector } from "./craft.ts";
import crafted from "./crafted-vectors.json" with { type: "json" };
import { unhex, webRandom } from "./fixtures.ts";

const { subtle } = crypto;
const suites = {
	webcrypto: webCryptoSuite(subtle),
	noble: nobleSuite(webRandom, subtle),
};

function verify(suite: KeySuite, vector: SignatureVector): Promise<boolean> {
	return suite.verify(
		unhex(vector.publicKey),
		unhex(vector.message),
		unhex(vector.signature),
	);
}

function acceptance(name: string, suite: KeySuite): void {
	describe(`the ${name} suite`, () => {
		it("[E1] signs with a key it made, and with that key stored and read again", async () => {
			const stored = structuredClone(await suite.generate());
			const signer = await suite.open(stored);
			const message = utf8("hello");
			const signature = await signer.sign(message);
			expect(signer.publicKey).toEqual(stored.publicKey);
			expect(signature).toHaveLength(64);
			expect(await suite.verify(signer.publicKey, message, signature)).toBe(
				true,
			);
		});

		it.each(Object.entries(suites))(
			"[E1] opens a key that the %s suite made",
			async (_, other) => {
				const stored = await other.generate();
				const signature = await (await suite.open(stored)).sign(utf8("x"));
				for (const verifier of Object.values(suites))
					expect(
						await verifier.verify(stored.publicKey, utf8("x"), signature),
					).toBe(true);
			},
		);

		it.each(Object.entries(suites))(
			"[E1] opens the same signer from a seed as the %s suite",
			async (_, other) => {
				const seed = Uint8Array.from({ length: 32 }, (_, at) => at);
				const [one, two] = [
					await suite.fromSeed(seed),
					await other.fromSeed(seed),
				];
				expect(one.publicKey).toEqual(two.publicKey);
				expect(await one.sign(utf8("x"))).toEqual(await two.sign(utf8("x")));
			},
		);

		it("refuses another message, another key and every flipped bit of a signature", async () => {
			const signer = await suite.open(await suite.generate());
			const other = await suite.generate();
			const message = utf8("hello");
			const signature = await signer.sign(message);
			expect(
				await suite.verify(signer.publicKey, utf8("hellp"), signature),
			).toBe(false);
			expect(await suite.verify(other.publicKey, message, signature)).toBe(
				false,
			);
			for (let bit = 0; bit < 512; bit += 7) {
				const forged = Uint8Array.from(signature);
				forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
				expect(await suite.verify(signer.publicKey, message, forged)).toBe(
					false,
				);
			}
		});

		it("signs and verifies views into larger buffers, and empty messages", async () => {
			const signer = await suite.open(await suite.generate());
			const room = new Uint8Array(200).fill(7);
			const message = room.subarray(50, 150);
			const signature = await signer.sign(message);
			room.set(signature, 3);
			expect(
				await suite.verify(
					signer.publicKey,
					new Uint8Array(100).fill(7),
					signature,
				),
			).toBe(true);
			const empty = new Uint8Array(0);
			expect(
				await suite.verify(signer.publicKey, empty, await signer.sign(empty)),
			).toBe(true);
		});

		it("[E4] answers the RFC 8032 test 2 as the RFC does", async () => {
			const stored = {
				kind: "noble",
				publicKey: unhex(
					"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
				),
				seed: unhex(
					"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
				),
			} as const;
			const signer = await suite.open(stored);
			expect(toHex(await signer.sign(Uint8Array.of(0x72)))).toBe(
				"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
					"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
			);
		});

		it.each(crafted)("[E4] crafted: $name", async (vector) => {
			expect(await verify(suite, vector)).toBe(vector.valid);
		});

		it("never throws on malformed keys and signatures", async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.uint8Array({ maxLength: 70 }),
					fc.uint8Array({ maxLength: 4 }),
					fc.uint8Array({ maxLength: 70 }),
					async (key, message, signature) =>
						(await suite.verify(key, message, signature)) === false,
				),
			);
		});
	});
}

for (const [name, suite] of Object.entries(suites)) acceptance(name, suite);

describe("what both refuse before they compute", () => {
	it("[E4] the crafted vectors are what the code that explains them makes", () => {
		expect(crafted).toEqual(craft());
	});

	it("[E4] noble's own strict mode accepts the torsion in R that we refuse", () => {
		const vector = crafted.find(({ name }) =>
			name.startsWith("torsion-free key, torsion component in R"),
		);
		expect(vector?.valid).toBe(false);
		expect(
			nobleLibraryVerify(
				unhex(vector?.signature),
				unhex(vector?.message),
				unhex(vector?.publicKey),
				{ zip215: false },
			),
		).toBe(true);
	});

	it("[E4] admits no key of small order and no key with a torsion component", () => {
		const honest = Point.BASE.multiply(5n);
		expect(isAdmissibleKey(honest.toBytes())).toBe(true);
		for (const point of smallOrderPoints()) {
			expect(isAdmissibleKey(point.toBytes())).toBe(false);
			const sum = honest.add(point);
			expect(isAdmissibleKey(sum.toBytes())).toBe(point.is0());
		}
	});

	it("[E4] looks at no signature whose R is of small order, with either sign", () => {
		for (const point of smallOrderPoints()) {
			const signature = new Uint8Array(64);
			signature.set(point.toBytes());
			expect(isStrictSignature(signature)).toBe(false);
			signature[31] = (signature[31] ?? 0) ^ 0x80;
			expect(isStrictSignature(signature)).toBe(false);
		}
	});

	it("gives the same verdict on a key however often and in whatever company it is asked", () => {
		const keys = Array.from({ length: 40 }, (_, i) =>
			Point.BASE.multiply(BigInt(i + 1))
				.add(i % 2 === 0 ? Point.ZERO : smallOrderPoint())
				.toBytes(),
		);
		for (let round = 0; round < 3; round++)
			for (const [i, key] of keys.entries())
				expect(isAdmissibleKey(key)).toBe(i % 2 === 0);
	});

	it("[E4] the two agree on arbitrary signatures over a real key", async () => {
		const { pointBytes } = utils.getExtendedPublicKey(
			new Uint8Array(32).fill(1),
		);
		await fc.assert(
			fc.asyncProperty(
				fc.uint8Array({ minLength: 64, maxLength: 64 }),
				async (signature) => {
					const message = utf8("m");
					return (
						(await suites.noble.verify(pointBytes, message, signature)) ===
						(await suites.webcrypto.verify(pointBytes, message, signature))
					);
				},
			),
		);
	});
});

describe("choosing a suite", () => {
	it("[E1] takes WebCrypto where it has Ed25519", async () => {
		const suite = await chooseKeySuite(crypto, webRandom);
		expect(suite.protection).toBe("hardware");
	});

	it("[E1] takes noble on plain HTTP, where there is no subtle", async () => {
		const insecure = { subtle: undefined } as unknown as Crypto;
		expect((await chooseKeySuite(insecure, webRandom)).protection).toBe(
			"software",
		);
		expect((await chooseKeySuite(undefined, webRandom)).protection).toBe(
			"software",
		);
	});

	it("[E1] takes noble where WebCrypto does not know Ed25519", async () => {
		const old = {
			generateKey: async () => {
				throw new DOMException("no", "NotSupportedError");
			},
		};
		const suite = await chooseKeySuite(
			{ subtle: old } as unknown as Crypto,
			webRandom,
		);
		expect(suite.protection).toBe("software");
	});

	it("[E4] takes noble where WebCrypto accepts a cofactored signature", async () => {
		const lax = new Proxy(subtle, {
			get: (target, name) =>
				name === "verify"
					? async () => true
					: Reflect.get(target, name).bind(target),
		});
		const suite = await chooseKeySuite(
			{ subtle: lax } as unknown as Crypto,
			webRandom,
		);
		expect(suite.protection).toBe("software");
	});

	it("says so when noble alone is given a key that WebCrypto holds", async () => {
		const stored = await suites.webcrypto.generate();
		await expect(nobleSuite(webRandom).open(stored)).rejects.toMatchObject({
			code: "unsupported",
		});
	});
});

/** Published vectors lie beside the project, not in it. */
const PUBLISHED = new URL("../../../../shared/vectors/", import.meta.url);
const present = existsSync(PUBLISHED);

describe.skipIf(!present)(
	present
		? "the published vectors"
		: "the published vectors (skipped: no folder ../shared/vectors beside the project)",
	() => {
		const read = (file: string) =>
			JSON.parse(readFileSync(new URL(file, PUBLISHED), "utf8"));

		it("[E4] Wycheproof: both suites give the published answer to all", async () => {
			const wrong: string[] = [];
			for (const group of read("wycheproof-ed25519.json").testGroups)
				for (const test of group.tests)
					for (const [name, suite] of Object.entries(suites)) {
						const valid = await verify(suite, {
							name: test.comment,
							publicKey: group.publicKey.pk,
							message: test.msg,
							signature: test.sig,
							valid: test.result === "valid",
						});
						if (valid !== (test.result === "valid"))
							wrong.push(`${name} ${test.tcId} ${test.comment}`);
					}
			expect(wrong).toEqual([]);
		});

		it("[E4] Taming the many EdDSAs: both suites refuse all twelve edge cases", async () => {
			const vectors: {
				pub_key: string;
				message: string;
				signature: string;
			}[] = read("ed25519-speccheck.json");
			const answers = await Promise.all(
				vectors.map((vector) =>
					Promise.all(
						Object.values(suites).map((suite) =>
							verify(suite, {
								...vector,
								name: "",
								publicKey: vector.pub_key,
								valid: false,
							}),
						),
					),
				),
			);
			expect(answers).toEqual(vectors.map(() => [false, false]));
		});
	},
);

function smallOrderPoint(): Point {
	return Point.fromHex(
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	);
}

/** All eight. */
function smallOrderPoints(): Point[] {
	const generator = smallOrderPoint();
	return Array.from({ length: 8 }, (_, i) =>
		generator.multiply(BigInt(i), false),
	);
}
