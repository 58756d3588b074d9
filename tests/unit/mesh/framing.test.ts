import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutFrames, Reassembler } from "../../../src/mesh/framing.ts";
import { codeOf } from "../../../src/wire/error.ts";

const CAP = 5_000;

describe("framing", () => {
	it("[L4] puts any sequence of messages back together, whole, once and in order", () => {
		fc.assert(
			fc.property(
				fc.array(fc.uint8Array({ maxLength: CAP }), { maxLength: 8 }),
				fc.integer({ min: 1, max: 700 }),
				(messages, size) => {
					const reassembler = new Reassembler(CAP);
					const out: Uint8Array[] = [];
					for (const message of messages)
						for (const frame of cutFrames(message, size)) {
							expect(frame.length).toBeLessThanOrEqual(size + 5);
							const whole = reassembler.take(frame);
							if (whole !== undefined) out.push(whole.slice());
						}
					expect(out).toEqual(messages);
				},
			),
		);
	});

	it("[L4] meets every mutated stream with whole messages or a coded error, and never holds more than the cap", () => {
		fc.assert(
			fc.property(
				fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }),
				(frames) => {
					const reassembler = new Reassembler(CAP);
					try {
						for (const frame of frames) {
							const whole = reassembler.take(frame);
							expect(whole?.length ?? 0).toBeLessThanOrEqual(CAP);
						}
					} catch (error) {
						expect(["malformed", "too-large"]).toContain(codeOf(error));
					}
				},
			),
			{ numRuns: 2000 },
		);
	});

	it("[L4] refuses a message that promises more than its class may carry before any of it arrives", () => {
		const frame = new Uint8Array([1, 0xff, 0xff, 0xff, 0xff, 9]);
		expect(() => new Reassembler(CAP).take(frame)).toThrow(/cap/);
	});

	it("[L4] refuses a message that is shorter or longer than it said", () => {
		const [first, second] = [...cutFrames(new Uint8Array(10), 6)];
		if (first === undefined || second === undefined) throw new Error("two");
		const short = new Reassembler(CAP);
		short.take(first);
		expect(() => short.take(second.subarray(0, 3))).toThrow();
		const long = new Reassembler(CAP);
		long.take(first);
		expect(() => long.take(new Uint8Array([2, 1, 1, 1, 1, 1]))).toThrow();
	});
});
