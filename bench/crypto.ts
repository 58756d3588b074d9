/** What signing an envelope and checking one costs with the browser's own Ed25519, and with noble where there is none. */
import { sign1, verify1 } from "../src/identity/cose.ts";
import { aadOf } from "../src/identity/domain.ts";
import { nobleSuite } from "../src/identity/noble.ts";
import type { KeySuite } from "../src/identity/signer.ts";
import { webCryptoSuite } from "../src/identity/webcrypto.ts";
import { systemRandom } from "../src/platform/clock.ts";
import { toHex } from "../src/wire/bytes.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	median,
	rounded,
} from "./figure.ts";

const bench = "crypto";
const PAYLOAD_BYTES = 300;
/** One run goes on for this long. */
const RUN_MS = 300;
/** As many as a batch of the replica's verifier has under way. */
const AT_ONCE = 16;

export const crypto: Bench = {
	about: "signing and checking envelopes, in Node: WebCrypto and noble",
	defaultRuns: 5,
	measure,
};

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	onNote(`Node ${process.versions.node}, envelopes of ${PAYLOAD_BYTES} B`);
	const native = webCryptoSuite(globalThis.crypto.subtle);
	const noble = nobleSuite(systemRandom);
	const against = "webcrypto";
	const base = await ratesOf(native, runs);
	const other = await ratesOf(noble, runs);
	for (const metric of ["sign", "verify"] as const) {
		const shared = { bench, metric, unit: "envelopes/s" };
		yield { ...shared, case: against, value: rounded(base[metric]) };
		yield {
			...shared,
			case: "noble",
			value: rounded(other[metric]),
			ratio: rounded(other[metric] / base[metric]),
			against,
		};
	}
}

async function ratesOf(
	suite: KeySuite,
	runs: number,
): Promise<{ sign: number; verify: number }> {
	const signer = await suite.open(await suite.generate());
	const payload = systemRandom.bytes(PAYLOAD_BYTES);
	const aad = aadOf("shoal/v1/message", toHex(systemRandom.bytes(32)), 0);
	const envelope = await sign1(signer, payload, aad);
	const sign = (): Promise<unknown> => sign1(signer, payload, aad);
	const verify = (): Promise<unknown> =>
		verify1(suite, envelope, aad, envelope.length);
	await rate(sign);
	await rate(verify);
	const rates = { sign: [] as number[], verify: [] as number[] };
	for (let run = 0; run < runs; run++) {
		rates.sign.push(await rate(sign));
		rates.verify.push(await rate(verify));
	}
	return { sign: median(rates.sign), verify: median(rates.verify) };
}

/** Calls a second, several under way at once. */
async function rate(call: () => Promise<unknown>): Promise<number> {
	const begun = performance.now();
	let calls = 0;
	let spent = 0;
	while (spent < RUN_MS) {
		await Promise.all(Array.from({ length: AT_ONCE }, call));
		calls += AT_ONCE;
		spent = performance.now() - begun;
	}
	return (calls * 1_000) / spent;
}
