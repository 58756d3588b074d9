/** Keys and bytes for the identity tests. */
import { nobleSuite } from "../../../src/identity/noble.ts";
import { fromHex } from "../../../src/wire/bytes.ts";
import type { Random } from "../../../src/wire/clock.ts";

export const webRandom: Random = {
	bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
	fraction: () => Math.random(),
};

export const suite = nobleSuite(webRandom);

/** Bytes of hex that a test wrote. */
export function unhex(text: string | undefined): Uint8Array {
	const bytes = fromHex(text ?? "?");
	if (bytes === undefined) throw new TypeError("not hex");
	return bytes;
}

/** The same bytes with one bit flipped. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
	const copy = Uint8Array.from(bytes);
	const at = (bit >> 3) % bytes.length;
	copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
	return copy;
}
