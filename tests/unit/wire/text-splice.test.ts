import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	applySplices,
	movePosition,
	moveSplices,
	spliceBetween,
	wellFormed,
} from "../../../src/wire/text-splice.ts";

const text = fc.string({ unit: fc.constantFrom("a", "b", "😀", "😁", "é") });

describe("a splice between two texts", () => {
	it("makes one of the other", () => {
		fc.assert(
			fc.property(text, text, (from, to) => {
				const splice = spliceBetween(from, to);
				expect(splice === undefined).toBe(from === to);
				if (splice !== undefined) expect(applySplices(from, [splice])).toBe(to);
			}),
		);
	});

	it("cuts no character in two, though both begin or end alike", () => {
		fc.assert(
			fc.property(text, text, (from, to) => {
				const splice = spliceBetween(from, to);
				if (splice === undefined) return;
				const { at, remove, insert } = splice;
				for (const part of [
					insert,
					from.slice(0, at),
					from.slice(at, at + remove),
					from.slice(at + remove),
				])
					expect(wellFormed(part)).toBe(part);
			}),
		);
	});

	it("touches only what differs", () => {
		expect(spliceBetween("one two three", "one 2 three")).toEqual({
			at: 4,
			remove: 3,
			insert: "2",
		});
	});
});

describe("a splice moved over another", () => {
	const base = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 20 });
	const spliceOf = (text: string, at: number, remove: number, insert: string) =>
		((start) => ({
			at: start,
			remove: Math.min(remove, text.length - start),
			insert,
		}))(at % (text.length + 1));

	it("keeps what both insert, and nothing that either removes", () => {
		fc.assert(
			fc.property(
				fc.nat(20),
				fc.nat(20),
				fc.nat(20),
				fc.nat(20),
				fc.boolean(),
				(at, remove, over, gone, isPure) => {
					const text = "abcdefghijklmnopqrst";
					const own = spliceOf(text, at, remove, "OWN");
					const theirs = spliceOf(text, over, gone, isPure ? "" : "THEIRS");
					const both = applySplices(
						applySplices(text, [theirs]),
						moveSplices([own], [theirs]),
					);
					const left = [...text].filter((_, n) =>
						[own, theirs].every(
							(one) => n < one.at || n >= one.at + one.remove,
						),
					);
					expect(both).toContain("OWN");
					if (!isPure) expect(both).toContain("THEIRS");
					expect(both.replace("OWN", "").replace("THEIRS", "")).toBe(
						left.join(""),
					);
				},
			),
			{ numRuns: 2_000 },
		);
	});

	it("stays in order over any number of others", () => {
		const other = fc.tuple(fc.nat(40), fc.nat(20), base);
		fc.assert(
			fc.property(base, fc.nat(20), fc.nat(20), fc.array(other), (...given) => {
				const [text, at, remove, others] = given;
				let now = text;
				let splices = [spliceOf(text, at, remove, "X")];
				for (const [place, gone, insert] of others) {
					const theirs = spliceOf(now, place, gone, insert);
					splices = moveSplices(splices, [theirs]);
					now = applySplices(now, [theirs]);
				}
				let end = 0;
				for (const splice of splices) {
					expect(splice.at).toBeGreaterThanOrEqual(end);
					end = splice.at + splice.remove;
					expect(end).toBeLessThanOrEqual(now.length);
				}
			}),
		);
	});

	it("carries a caret along", () => {
		const over = { at: 2, remove: 1, insert: "xyz" };
		expect([0, 2, 3, 5].map((at) => movePosition(at, over))).toEqual([
			0, 5, 5, 7,
		]);
	});
});
