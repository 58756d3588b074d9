/** How bad the network is: chances and times, drawn from the seed. Who can reach whom is in cables.ts. */
import type { Random } from "../../../src/wire/clock.ts";

export interface Faults {
	/** Share of relay messages lost. */
	relayLoss: number;
	/** Share of relay messages that come twice, the second one late. */
	relayRepeats: number;
	/** Share of packets of a link that are lost and sent again by SCTP: what follows in the channel waits for them. */
	linkLoss: number;
	/** One way, milliseconds: at least, and at most. Relay messages overtake each other, and so do the channels of a link. */
	delay: readonly [number, number];
}

/** SCTP sends again after this, and doubles it (RFC 9260, section 6.3.1). */
const RETRANSMIT_MS = 1_000;
const MAX_RETRANSMITS = 3;

export const calm = (): Faults => ({
	relayLoss: 0,
	relayRepeats: 0,
	linkLoss: 0,
	delay: [2, 20],
});

/** Draws how long the next packet takes. */
export function drawDelay({ delay }: Faults, random: Random): number {
	const [least, most] = delay;
	return least + random.fraction() * (most - least);
}

/** Draws how long the next frame of a link takes, with all the times it is lost. */
export function drawLinkDelay(faults: Faults, random: Random): number {
	let ms = drawDelay(faults, random);
	if (faults.linkLoss === 0) return ms;
	for (let n = 0; n < MAX_RETRANSMITS; n++) {
		if (random.fraction() >= faults.linkLoss) break;
		ms += RETRANSMIT_MS * 2 ** n;
	}
	return ms;
}
