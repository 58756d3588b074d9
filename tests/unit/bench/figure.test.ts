import { describe, expect, it } from "vitest";
import { median, rounded, spread, tableOf } from "../../../bench/figure.ts";

describe("figures", () => {
	it("take the middle, or the mean of the two middle ones", () => {
		expect(median([9, 1, 5])).toBe(5);
		expect(median([4, 1, 3, 2])).toBe(2.5);
		expect(() => median([])).toThrow("no median");
	});

	it("keep three digits, and whole numbers from a hundred on", () => {
		expect(rounded(0.0123456)).toBe(0.0123);
		expect(rounded(12.345)).toBe(12.3);
		expect(rounded(1234.5)).toBe(1235);
	});

	it("tell median, least and greatest, and compare the median only", () => {
		const figure = {
			bench: "b",
			case: "c",
			metric: "m",
			unit: "ms",
			ratio: 1.2345,
			against: "a",
		};
		expect(spread(figure, [3, 1, 2])).toEqual([
			{ ...figure, metric: "m, median", value: 2, ratio: 1.23 },
			{ bench: "b", case: "c", metric: "m, min", unit: "ms", value: 1 },
			{ bench: "b", case: "c", metric: "m, max", unit: "ms", value: 3 },
		]);
	});

	it("are lined up for reading", () => {
		const figure = { bench: "b", case: "c", metric: "m", unit: "ms", value: 5 };
		expect(
			tableOf([figure, { ...figure, value: 1500, ratio: 2, against: "x" }]),
		).toEqual([
			"case  metric  value  unit  compared",
			"c     m           5  ms",
			"c     m       1,500  ms    2 × x",
		]);
	});
});
