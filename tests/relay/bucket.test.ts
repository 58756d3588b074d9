import { describe, expect, it } from "vitest";
import { Bucket, takeFromAll } from "../../relay/bucket.ts";
import { defaultLimits } from "../../relay/limits.ts";

const frame = (bytes = 1) => ({ frames: 1, bytes });

describe("token buckets", () => {
	it("gives its allowance at once and then refuses", () => {
		const bucket = new Bucket({ frames: 3, bytes: 100 }, 10_000, 0);
		const taken = [1, 2, 3, 4].map(() => takeFromAll([bucket], frame(), 0));
		expect(taken).toEqual([true, true, true, false]);
	});

	it("is full again after the refill time, from empty, and never fuller", () => {
		const bucket = new Bucket({ frames: 1, bytes: 100 }, 10_000, 0);
		bucket.take(frame(100));
		expect(bucket.has(frame(0), 9_999)).toBe(false);
		expect(bucket.isFull(10_000)).toBe(true);
		expect(bucket.has({ frames: 2, bytes: 0 }, 1_000_000)).toBe(false);
	});

	it("does not go below empty, so refused frames delay nothing", () => {
		const bucket = new Bucket({ frames: 10, bytes: 100 }, 10_000, 0);
		for (let i = 0; i < 1_000; i++) takeFromAll([bucket], frame(), 0);
		expect(bucket.has(frame(), 1_000)).toBe(true);
	});

	it("takes from all buckets or from none", () => {
		const rich = new Bucket({ frames: 10, bytes: 100 }, 10_000, 0);
		const poor = new Bucket({ frames: 10, bytes: 1 }, 10_000, 0);
		expect(takeFromAll([rich, poor], frame(50), 0)).toBe(false);
		expect(rich.isFull(0)).toBe(true);
	});

	it("does not lose by a clock that goes back", () => {
		const bucket = new Bucket({ frames: 1, bytes: 1 }, 10_000, 5_000);
		expect(bucket.has(frame(), 0)).toBe(true);
	});
});

describe("the defaults", () => {
	const { perConnection, perAddress, frameBytes, membersPerTopic, refillMs } =
		defaultLimits;

	it("refill completely within 10 s", () => {
		expect(refillMs).toBeLessThanOrEqual(10_000);
	});

	it("let the largest frame reach a full topic", () => {
		expect(perConnection.bytes).toBeGreaterThan(
			frameBytes * (membersPerTopic + 2),
		);
	});

	it("leave the neighbours of a flooding connection their share", () => {
		expect(perAddress.frames).toBeGreaterThanOrEqual(2 * perConnection.frames);
		expect(perAddress.bytes).toBeGreaterThanOrEqual(2 * perConnection.bytes);
	});
});
