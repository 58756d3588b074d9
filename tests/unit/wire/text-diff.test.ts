import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splicesBetween } from "../../../src/wire/text-diff.ts";
import { applySplices, wellFormed } from "../../../src/wire/text-splice.ts";

const text = fc.string({
	unit: fc.constantFrom("a", "b", "c", " ", "😀", "😁", "é"),
	maxLength: 60,
});

describe("the splices between two texts", () => {
	it("make one of the other, from left to right, cutting no character", () => {
		fc.assert(
			fc.property(text, text, (from, to) => {
				const splices = splicesBetween(from, to);
				expect(applySplices(from, splices)).toBe(to);
				let end = -1;
				for (const { at, remove, insert } of splices) {
					expect(at).toBeGreaterThan(end);
					end = at + remove;
					for (const part of [insert, from.slice(0, at), from.slice(end)])
						expect(wellFormed(part)).toBe(part);
					expect(remove > 0 || insert !== "").toBe(true);
				}
			}),
			{ numRuns: 3_000 },
		);
	});

	it("are one a hand, where several write at once", () => {
		const middle = " the middle of a long text ".repeat(4_000);
		const splices = splicesBetween(
			`one${middle}three`,
			`one!${middle}thirty-three`,
		);
		expect(splices).toEqual([
			{ at: 3, remove: 0, insert: "!" },
			{ at: 3 + middle.length, remove: 0, insert: "thirty-" },
		]);
	});

	it("leave what stands between them alone", () => {
		const splices = splicesBetween("aXXb the middle cYYd", "ab the middle cd");
		expect(splices).toEqual([
			{ at: 1, remove: 2, insert: "" },
			{ at: 17, remove: 2, insert: "" },
		]);
	});

	it("are one where nearly everything differs, and for texts that would take long to compare", () => {
		const old = "x".repeat(2_000);
		expect(splicesBetween(`${old}.`, `!${"y".repeat(2_000)}`)).toHaveLength(1);
		const like = "ab".repeat(100_000);
		const splices = splicesBetween(`1${like}2`, `3${like.slice(200)}4`);
		expect(applySplices(`1${like}2`, splices)).toBe(`3${like.slice(200)}4`);
	});
});
