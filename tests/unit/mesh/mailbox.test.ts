/** Letters to devices that slept through a new epoch (M3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateSealKey, sealTo } from "../../../src/identity/agreement.ts";
import { issueCertificate } from "../../../src/identity/certificate.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import {
	decodeLetter,
	encodeLetter,
	type Letter,
	Mailbox,
	mailboxTopic,
	signNotice,
} from "../../../src/mesh/mailbox.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import { MAX_LETTER_BYTES } from "../../../src/wire/constants.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { meshWorld, SWARM } from "../../helpers/mesh-world.ts";

const secret = new Uint8Array(32).fill(9);

async function post() {
	const world = await meshWorld();
	const { suite, random, network } = world;
	const open = async (host: string) => {
		const deviceKey = await suite.generate();
		const session = await suite.open(await suite.generate());
		const seal = generateSealKey(random);
		const device = await suite.open(deviceKey);
		const heard: unknown[] = [];
		const box = new Mailbox({
			swarm: SWARM,
			random,
			verifier: suite,
			signaling: network.signaling(host),
			key: device.publicKey,
			seal,
			onEpoch: (number, of) => heard.push([number, of]),
			onRemoved: (by) => heard.push(by),
			onEntries: (entries) => heard.push(entries),
		});
		const certificate = await issueCertificate(
			device,
			session.publicKey,
			seal.publicKey,
		);
		const key = device.publicKey;
		return { box, heard, key, seal: seal.publicKey, session, certificate };
	};
	const [one, two] = [await open("one"), await open("two")];
	await world.clock.run(100);
	return { world, one, two };
}

describe("a mailbox", () => {
	it("[M3] brings a letter to its device alone, which learns where to look", async () => {
		const { world, one, two } = await post();
		one.box.post(two, { kind: "epoch", number: 3, secret });
		await world.clock.run(100);
		const entries = [new Uint8Array(5_000), new Uint8Array(9)];
		one.box.post(two, { kind: "entries", entries });
		await world.clock.run(100);
		expect(two.heard).toEqual([[3, secret], entries]);
		expect(one.heard).toEqual([]);
	});

	it("[M3] tells a device that it was removed, and who says so", async () => {
		const { world, one, two } = await post();
		const { certificate, session } = one;
		const notice = await signNotice(session, SWARM, two.key);
		one.box.post(two, { kind: "removed", certificate, notice });
		await world.clock.run(100);
		expect(two.heard).toEqual([deviceIdOf(one.key)]);
	});

	it("[M3] believes no notice that is another's, or signed by another than it names", async () => {
		const { world, one, two } = await post();
		const { certificate, session } = one;
		for (const notice of [
			await signNotice(session, SWARM, one.key),
			await signNotice(two.session, SWARM, two.key),
			await signNotice(session, "11".repeat(32), two.key),
			new Uint8Array(10),
		])
			one.box.post(two, { kind: "removed", certificate, notice });
		await world.clock.run(100);
		expect(two.heard).toEqual([]);
	});

	it("[E3] drops what is no letter, and goes on", async () => {
		const { world, one, two } = await post();
		const signaling = world.network.signaling("three");
		const topic = mailboxTopic(SWARM, two.key);
		const aad = encodeCbor(["another", SWARM]);
		for (const bytes of [
			new Uint8Array(0),
			new Uint8Array(5000),
			sealTo(two.seal, world.random, new Uint8Array(1024), aad),
		])
			signaling.publish(topic, "00".repeat(32), bytes);
		one.box.post(two, { kind: "epoch", number: 1, secret });
		await world.clock.run(100);
		expect(two.heard).toEqual([[1, secret]]);
	});

	it("[M3] has a topic that tells neither the swarm nor the device", () => {
		const topics = [
			mailboxTopic(SWARM, secret),
			mailboxTopic(SWARM, new Uint8Array(32)),
			mailboxTopic("22".repeat(32), secret),
		];
		expect(new Set(topics).size).toBe(3);
		for (const topic of topics) expect(topic).toMatch(/^[0-9a-f]{64}$/);
	});
});

describe("letters", () => {
	const letters: readonly Letter[] = [
		{ kind: "epoch", number: 7, secret },
		{
			kind: "removed",
			certificate: new Uint8Array(300),
			notice: new Uint8Array(200),
		},
		{ kind: "entries", entries: [new Uint8Array(100)] },
	];

	it("[M3] give back what was written, and are all of one length", () => {
		for (const letter of letters)
			expect(decodeLetter(encodeLetter(letter))).toEqual(letter);
		expect(new Set(letters.map((one) => encodeLetter(one).length)).size).toBe(
			1,
		);
	});

	it("[E3] are not longer than the relay takes", () => {
		const entries = [new Uint8Array(MAX_LETTER_BYTES)];
		expect(() => encodeLetter({ kind: "entries", entries })).toThrow(
			expect.objectContaining({ code: "too-large" }),
		);
	});

	it("[E3] changed anywhere are read or refused by a code", () => {
		fc.assert(
			fc.property(fc.nat(2), fc.nat(400), fc.nat(255), (which, at, byte) => {
				const [one] = letters;
				const bytes = encodeLetter(letters[which] ?? (one as Letter));
				bytes[at] = byte;
				try {
					decodeLetter(bytes);
				} catch (error) {
					expect(["malformed", "too-large"]).toContain(codeOf(error));
				}
			}),
			{ numRuns: 2000 },
		);
	});
});
