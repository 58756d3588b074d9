import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeviceId, Progress } from "../../../src/node/api.ts";
import {
	MAX_TICKS,
	packTicks,
	readBy,
	tickPaths,
} from "../../../src/ui/research/strip.ts";

type Reading = Progress["readings"][number];

const A: DeviceId = "did:key:a";
const B: DeviceId = "did:key:b";

function reading(device: DeviceId, from: number, to: number): Reading {
	return { document: "doc", device, peer: `${device}/1`, from, to };
}

const someReadings = fc.array(
	fc
		.record({
			device: fc.constantFrom(A, B),
			from: fc.nat(2_000),
			many: fc.nat(900),
		})
		.map(({ device, from, many }) => reading(device, from, from + many)),
	{ maxLength: 12 },
);

describe("the passage strip", () => {
	it("has one tick a passage while they are few", () => {
		const ticks = packTicks("doc", 4, [reading(A, 0, 1), reading(B, 2, 3)]);
		expect(ticks).toEqual([
			{ device: A, share: 1 },
			{ device: null, share: 0 },
			{ device: B, share: 1 },
			{ device: null, share: 0 },
		]);
	});

	it("gives a passage to the device that read it first", () => {
		const ticks = packTicks("doc", 2, [reading(A, 0, 1), reading(B, 0, 2)]);
		expect(ticks.map((tick) => tick.device)).toEqual([A, B]);
	});

	it("leaves out what was read of other documents", () => {
		expect(packTicks("other", 3, [reading(A, 0, 3)])).toEqual(
			Array(3).fill({ device: null, share: 0 }),
		);
	});

	it("never has more ticks than fit, and loses no reading", () => {
		fc.assert(
			fc.property(fc.nat(2_000), someReadings, (passages, readings) => {
				const ticks = packTicks("doc", passages, readings);
				expect(ticks.length).toBe(Math.min(passages, MAX_TICKS));
				const read = new Set(
					readings.flatMap(({ from, to }) =>
						Array.from({ length: to - from }, (_, at) => from + at),
					),
				);
				const inside = [...read].filter((at) => at < passages).length;
				const shares = ticks.reduce((sum, { share }) => sum + share, 0);
				// Ticks hold one passage more or less; the sum of their shares tells how much was read.
				if (ticks.length > 0)
					expect(shares / ticks.length).toBeCloseTo(inside / passages, 1);
				for (const { device, share } of ticks) {
					expect(device === null).toBe(share === 0);
					expect(share).toBeLessThanOrEqual(1);
				}
			}),
		);
	});

	it("counts by device what was read, each passage once, most first", () => {
		const by = readBy("doc", [
			reading(B, 0, 2),
			reading(A, 1, 6),
			reading(A, 4, 6),
		]);
		expect(by).toEqual([
			{ device: A, passages: 4 },
			{ device: B, passages: 2 },
		]);
	});

	it("draws neighbours that are alike as one when there are no gaps", () => {
		const ticks = packTicks("doc", 5, [reading(A, 0, 3)]);
		expect(tickPaths(ticks, 0)).toEqual([
			{ device: A, path: "M0 0h3V1h-3z" },
			{ device: null, path: "M3 0h2V1h-2z" },
		]);
		expect(tickPaths(ticks, 0.2)[1]?.path).toBe(
			"M3 0h0.8V1h-0.8zM4 0h0.8V1h-0.8z",
		);
	});

	it("draws what is read in part lower, but never out of sight", () => {
		const [path] = tickPaths([{ device: A, share: 0.01 }], 0);
		expect(path?.path).toBe("M0 0.65h1V1h-1z");
	});
});
