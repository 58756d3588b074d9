import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FactSum } from "../../../src/replica/fact-sum.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";

/** The sum from the beginning, as it is described. */
function sumOf(facts: ReadonlyMap<string, unknown>): Uint8Array {
	const sum = new Uint8Array(32);
	for (const fact of facts)
		sha256(encodeCbor(fact)).forEach((byte, at) => {
			sum[at] = (sum[at] ?? 0) ^ byte;
		});
	return sum;
}

describe("[S11] the sum of facts", () => {
	it("is that of the facts as they are now, in whatever order they were set", () => {
		const sets = fc.array(
			fc.tuple(fc.constantFrom("a", "b", "c", "", "__proto__"), fc.jsonValue()),
		);
		fc.assert(
			fc.property(sets, (writes) => {
				const sum = new FactSum();
				const facts = new Map<string, unknown>();
				for (const [key, value] of writes) {
					sum.set(key, value);
					facts.set(key, value);
				}
				expect(sum.bytes).toEqual(sumOf(facts));
			}),
		);
	});

	it("holds for more facts than it begins with room for", () => {
		const sum = new FactSum();
		const facts = new Map<string, unknown>();
		for (let n = 0; n < 100; n++)
			for (const value of [n, -n]) {
				sum.set(`${n}`, value);
				facts.set(`${n}`, value);
			}
		expect(sum.bytes).toEqual(sumOf(facts));
	});
});
