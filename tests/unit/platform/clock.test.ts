import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../src/platform/clock.ts";
import { toHex } from "../../../src/wire/bytes.ts";

describe("the system's chance", () => {
	it("gives as many bytes as asked for, in a buffer of their own", () => {
		for (const length of [0, 1, 12, 63, 64, 65, 4096, 10_000]) {
			const bytes = systemRandom.bytes(length);
			expect(bytes).toHaveLength(length);
			expect(bytes.buffer.byteLength).toBe(length);
		}
	});

	it("never gives the same bytes twice, nor zeros", () => {
		const seen = new Set<string>();
		for (let n = 0; n < 20_000; n++)
			seen.add(toHex(systemRandom.bytes(12 + (n % 5))));
		expect(seen.size).toBe(20_000);
		for (const text of seen) expect(text).not.toMatch(/0{14}/);
	});

	it("uses every value of a byte", () => {
		const counts = new Array<number>(256).fill(0);
		for (let n = 0; n < 2_000; n++)
			for (const byte of systemRandom.bytes(32))
				counts[byte] = (counts[byte] ?? 0) + 1;
		// 250 are expected; one in 10^15 is below 130.
		expect(Math.min(...counts)).toBeGreaterThan(120);
		expect(Math.max(...counts)).toBeLessThan(400);
	});
});
