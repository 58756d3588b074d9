import { describe, expect, it } from "vitest";
import { generateSealKey } from "../../../src/identity/agreement.ts";
import { issueCertificate } from "../../../src/identity/certificate.ts";
import { nobleSuite } from "../../../src/identity/noble.ts";
import { Byways, type BywaysDeps } from "../../../src/mesh/byways.ts";
import { encodeSide } from "../../../src/mesh/side-messages.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import { VirtualClock } from "../../sim/world/clock.ts";
import { seededRandom } from "../../sim/world/random.ts";

const [SELF, CARRIER, OTHER] = ["0a", "0b", "0c"].map((id) =>
	id.repeat(32),
) as [string, string, string];

function page(override: Partial<BywaysDeps> = {}) {
	const clock = new VirtualClock();
	const random = seededRandom(1);
	const offences: string[] = [];
	const signals: string[] = [];
	const sent: Uint8Array[] = [];
	const byways = new Byways({
		clock,
		random,
		verifier: nobleSuite(random),
		self: SELF,
		swarm: "ab".repeat(32),
		certificate: Uint8Array.of(1),
		seal: generateSealKey(random),
		epoch: () => 0,
		isLinked: (peer) => peer === CARRIER,
		expectsLink: () => false,
		isNear: (peer) => peer === CARRIER,
		near: () => [CARRIER],
		send: async (_to, _lane, bytes) => {
			sent.push(bytes);
		},
		sendCarried: () => undefined,
		onSignal: (from) => signals.push(from),
		onRole: () => undefined,
		onOffence: (from, code) => offences.push(`${from} ${code}`),
		onTransport: () => ({
			onFrame: () => undefined,
			onDrain: () => undefined,
			onClose: () => undefined,
		}),
		...override,
	});
	const take = (bytes: Uint8Array, isNear = true): void =>
		byways.take(CARRIER, "control", isNear, bytes);
	return { clock, byways, take, offences, signals, sent };
}

const routes = encodeSide({ kind: "routes", routes: [[OTHER]] });
const packet = (body: Uint8Array, path = [OTHER, CARRIER, SELF]): Uint8Array =>
	encodeSide({ kind: "packet", path, at: path.length - 1, body });

describe("hostile words about ways", () => {
	it("[E3] end the link of who says what is none", () => {
		const { take, offences } = page();
		take(Uint8Array.of(0xff));
		take(encodeCbor([9, 9]));
		take(encodeCbor([0, [[new Uint8Array(32), new Uint8Array(32)]]]));
		// It did not come the way that it says.
		take(packet(Uint8Array.of(1), [CARRIER, OTHER, SELF]));
		expect(offences).toEqual(Array(4).fill(`${CARRIER} malformed`));
	});

	it("[L6] are heard of neighbours only; over a detour come signals and nothing else", () => {
		const { take, offences, signals } = page();
		take(encodeSide({ kind: "signal", message: Uint8Array.of(1) }), false);
		expect(signals).toEqual([CARRIER]);
		expect(offences).toEqual([]);
		take(routes, false);
		take(packet(Uint8Array.of(1)), false);
		take(encodeSide({ kind: "role", isUplink: true }), false);
		expect(offences).toEqual(Array(3).fill(`${CARRIER} malformed`));
	});

	it("[L6] are no offence of who carried them, unread", async () => {
		const { clock, take, offences, sent } = page();
		take(routes);
		const message = [0, "id", "nonce", 0, Uint8Array.of(1)];
		// No message, no certificate, and of another epoch.
		for (const body of [
			Uint8Array.of(0xff),
			encodeCbor(message),
			encodeCbor(message.with(3, 7)),
		])
			take(packet(body));
		await clock.run(0);
		expect(offences).toEqual([]);
		expect(sent).toEqual([]);
	});

	it("[E3] open no more detours than a page answers in a second", async () => {
		const suite = nobleSuite(seededRandom(2));
		const device = await suite.open(await suite.generate());
		const certificate = await issueCertificate(
			device,
			device.publicKey,
			new Uint8Array(32).fill(9),
		);
		let asked = 0;
		const { clock, take } = page({
			self: "0d".repeat(32),
			verifier: {
				verify: async () => {
					asked++;
					return false;
				},
			},
		});
		for (let i = 0; i < 1000; i++)
			take(
				packet(encodeCbor([0, `id ${i}`, "nonce", 0, certificate]), [
					OTHER,
					CARRIER,
					"0d".repeat(32),
				]),
			);
		await clock.run(0);
		expect(asked).toBeGreaterThan(0);
		expect(asked).toBeLessThan(100);
	});
});
