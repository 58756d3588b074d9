import { describe, expect, it } from "vitest";
import { EpochWindow } from "../../../src/mesh/epoch-window.ts";
import { Messenger } from "../../../src/mesh/messenger.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import { ANSWER_AGAIN_MS } from "../../../src/wire/constants.ts";
import { SWARM } from "../../helpers/mesh-world.ts";
import { VirtualClock } from "../../sim/world/clock.ts";
import { seededRandom } from "../../sim/world/random.ts";
import { suite } from "../identity/fixtures.ts";

/** Two pages; what each says reaches the other while its way is open. */
async function twoPages() {
	const clock = new VirtualClock();
	const random = seededRandom(1);
	const signers = await Promise.all(
		[1, 2].map((n) => suite.fromSeed(new Uint8Array(32).fill(n))),
	);
	const isOpen = [true, true];
	const sent = [0, 0];
	const pages: Messenger[] = signers.map((signer, at) => {
		const self = toHex(signer.publicKey);
		return new Messenger({
			clock,
			random,
			signer,
			verifier: suite,
			swarm: SWARM,
			epochs: new EpochWindow(clock, 0),
			self,
			async sendEnvelope(_, envelope) {
				sent[at] = (sent[at] ?? 0) + 1;
				if (isOpen[at]) void pages[1 - at]?.receive(self, envelope);
			},
			isReachable: () => true,
			linked: () => [],
			onOffence: () => undefined,
		});
	});
	const [asker, answerer] = pages;
	const [from, to] = signers.map(({ publicKey }) => toHex(publicKey));
	if (!asker || !answerer || !from || !to) throw new Error("two pages");
	return { clock, asker, answerer, from, to, isOpen, sent };
}

describe("messenger", () => {
	it("[L5] says an answer again that went into a link which only its asker had left", async () => {
		const { clock, asker, answerer, from, to, isOpen } = await twoPages();
		let deeds = 0;
		answerer.handle("deed", () => ++deeds);
		isOpen[1] = false;
		const asked = asker.request(to, "deed");
		await clock.run(ANSWER_AGAIN_MS - 1);
		isOpen[1] = true;
		// The asker's link stays as it is: nobody tells it to ask again.
		answerer.linkUp(from);
		await clock.run(1);
		expect(await asked).toBe(1);
		expect(deeds).toBe(1);
	});

	it("[L5] says no old answer again, and none to others", async () => {
		const { clock, asker, answerer, from, to, sent } = await twoPages();
		const asked = asker.request(to, "ping");
		await clock.run(1);
		expect(await asked).toBe("pong");
		const before = sent[1];
		answerer.linkUp(to);
		await clock.run(ANSWER_AGAIN_MS);
		answerer.linkUp(from);
		await clock.run(1);
		expect(sent[1]).toBe(before);
	});
});
