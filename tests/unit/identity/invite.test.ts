/** Invite links and the proof that somebody holds one (M2). */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { sign1 } from "../../../src/identity/cose.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import { aadOf } from "../../../src/identity/domain.ts";
import { inviteKeys } from "../../../src/identity/epoch.ts";
import {
	decodeInvite,
	encodeInvite,
	inviteFromUrl,
	inviteUrl,
	proveJoin,
	verifyJoin,
} from "../../../src/identity/invite.ts";
import { toBase64Url } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import crafted from "./crafted-vectors.json" with { type: "json" };
import { flipped, suite, unhex } from "./fixtures.ts";

const bytes = (min: number, max = min) =>
	fc
		.uint8Array({ minLength: min, maxLength: max })
		.map((b) => Uint8Array.from(b));
const invites = fc.record({
	swarm: bytes(32).map((b) => Buffer.from(b).toString("hex")),
	seed: bytes(16, 32),
	issuer: bytes(32).map(deviceIdOf),
	head: bytes(0, 64),
});
const invite = {
	swarm: "ab".repeat(32),
	seed: new Uint8Array(16).fill(1),
	issuer: deviceIdOf(new Uint8Array(32).fill(2)),
	head: new Uint8Array(32).fill(3),
};

describe("an invite link", () => {
	it("[M2] gives back the invite, in a fragment of URL characters", () => {
		fc.assert(
			fc.property(invites, (value) => {
				const url = inviteUrl("https://192.168.1.2:8787/?a=b#old", value);
				expect(url).toMatch(
					/^https:\/\/192\.168\.1\.2:8787\/\?a=b#join=[A-Za-z0-9_-]+$/,
				);
				expect(inviteFromUrl(url)).toEqual(value);
				expect(decodeInvite(encodeInvite(value))).toEqual(value);
			}),
		);
	});

	it("is short enough for a code on a screen", () => {
		expect(
			inviteUrl("https://192.168.100.100:8787/", invite).length,
		).toBeLessThan(240);
	});

	it("is found among other parameters of a fragment", () => {
		const token = encodeInvite(invite);
		expect(inviteFromUrl(`http://x/#a=1&join=${token}&b`)).toEqual(invite);
	});

	it.each([
		"",
		"http://x/",
		"http://x/#",
		"http://x/#join",
		"http://x/#join=",
		"http://x/#join=AAAA",
		"http://x/?join=AAAA",
	])("is not in %j", (url) => {
		expect(inviteFromUrl(url)).toBeUndefined();
	});

	it("[M2] with characters lost, added or changed is the same invite or none, by a code", () => {
		const token = encodeInvite(invite);
		fc.assert(
			fc.property(
				fc.nat(token.length),
				fc.nat(3),
				fc.string({ maxLength: 3 }),
				(at, cut, insert) => {
					const changed = token.slice(0, at) + insert + token.slice(at + cut);
					try {
						expect(encodeInvite(decodeInvite(changed))).toBe(changed);
					} catch (error) {
						expect(error).toMatchObject({ code: "bad-invite" });
					}
				},
			),
			{ numRuns: 500 },
		);
	});

	const key = new Uint8Array(32);
	it.each<[string, unknown]>([
		["a later version", [2, key, invite.seed, key, key]],
		["a short seed", [1, key, new Uint8Array(15), key, key]],
		["a head that is too long", [1, key, invite.seed, key, new Uint8Array(65)]],
		["a field too many", [1, key, invite.seed, key, key, 0]],
		["another shape", { swarm: key, seed: invite.seed }],
	])("is refused with %s", (_, value) => {
		expect(() => decodeInvite(toBase64Url(encodeCbor(value)))).toThrow(
			expect.objectContaining({ code: "bad-invite" }),
		);
	});

	it("[E3] is refused over its cap", () => {
		expect(() => decodeInvite("A".repeat(1000))).toThrow(
			expect.objectContaining({ code: "bad-invite" }),
		);
	});
});

describe("a proof of joining", () => {
	const keys = inviteKeys(invite.seed);
	const seal = new Uint8Array(32).fill(4);
	let deviceKey: Uint8Array;
	let proof: Uint8Array;

	beforeAll(async () => {
		deviceKey = (await suite.generate()).publicKey;
		proof = await proveJoin(keys.signer, invite.swarm, deviceKey, seal);
	});

	it("[M2] names the invite's key, the device and its seal key", async () => {
		expect(await verifyJoin(suite, proof, invite.swarm)).toEqual({
			invite: keys.publicKey,
			deviceKey,
			seal,
		});
	});

	it("[M2] holds in its own swarm only", async () => {
		await expect(
			verifyJoin(suite, proof, "cd".repeat(32)),
		).rejects.toMatchObject({ code: "bad-signature" });
	});

	it("[M2] is refused with any bit flipped", async () => {
		for (let bit = 0; bit < proof.length * 8; bit += 3)
			await expect(
				verifyJoin(suite, flipped(proof, bit), invite.swarm),
			).rejects.toMatchObject({
				code: expect.stringMatching(/^(malformed|bad-signature)$/),
			});
	});

	it("[E4] is refused for a device key with a torsion component", async () => {
		const mixed = crafted.find(({ name }) => name.includes("with a torsion"));
		const bad = await proveJoin(
			keys.signer,
			invite.swarm,
			unhex(mixed?.publicKey),
			seal,
		);
		await expect(verifyJoin(suite, bad, invite.swarm)).rejects.toMatchObject({
			code: "malformed",
		});
	});

	it("is refused with fields it does not know", async () => {
		const payload = encodeCbor({ device: deviceKey, seal, role: "owner" });
		const aad = aadOf("shoal/v1/join", invite.swarm);
		await expect(
			verifyJoin(suite, await sign1(keys.signer, payload, aad), invite.swarm),
		).rejects.toMatchObject({ code: "malformed" });
	});
});
