import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	count,
	fileSize,
	listed,
	moment,
	ofAll,
	roundTrip,
	splitName,
	splitPath,
	timeLeft,
} from "../../../src/ui/format.ts";

describe("numbers in words", () => {
	it("counts one and many, with thousands apart", () => {
		expect(count(1, "passage")).toBe("1 passage");
		expect(count(0, "passage")).toBe("0 passages");
		expect(count(1312, "passage")).toBe("1,312 passages");
		expect(count(2, "copy", "copies")).toBe("2 copies");
		expect(ofAll(96, 1220)).toBe("96 of 1,220");
	});

	it.each([
		[null, null],
		[Number.POSITIVE_INFINITY, null],
		[Number.NaN, null],
		[0, "about 1 s left"],
		[4_400, "about 4 s left"],
		[89_000, "about 89 s left"],
		[90_000, "about 2 min left"],
		[60 * 60_000, "about 60 min left"],
		[2 * 60 * 60_000, "about 2 h left"],
	])("says of %s ms that are left: %s", (ms, words) => {
		expect(timeLeft(ms)).toBe(words);
	});

	it.each([
		[null, null],
		[0.4, "under 1 ms"],
		[2.6, "3 ms"],
	])("says of a round trip of %s ms: %s", (ms, words) => {
		expect(roundTrip(ms)).toBe(words);
	});

	it.each([
		[0, "0 B"],
		[999, "999 B"],
		[1_000, "1.0 kB"],
		[4_210, "4.2 kB"],
		[9_960, "10 kB"],
		[999_400, "999 kB"],
		[999_600, "1.0 MB"],
		[31_000_000, "31 MB"],
		[5_000_000_000_000, "5000 GB"],
	])("says of %s bytes: %s", (bytes, words) => {
		expect(fileSize(bytes)).toBe(words);
	});

	it("never needs more than three digits below a thousand gigabytes", () => {
		fc.assert(
			fc.property(fc.nat(999_000_000_000), (bytes) => {
				expect(fileSize(bytes)).toMatch(/^(\d{1,3}|\d\.\d) (B|kB|MB|GB)$/);
			}),
		);
	});
});

describe("moments", () => {
	const now = new Date(2026, 4, 20, 15, 30).getTime();
	it("are a time today, a weekday this week, a date before", () => {
		expect(moment(new Date(2026, 4, 20, 9, 5).getTime(), now)).toBe("09:05");
		expect(moment(new Date(2026, 4, 18, 9, 5).getTime(), now)).toBe("Monday");
		expect(moment(new Date(2026, 3, 2).getTime(), now)).toBe("Apr 2, 2026");
	});
});

describe("names", () => {
	it("are parted into folder and file", () => {
		expect(splitPath("a/b/c.md")).toEqual({ folder: "a/b/", file: "c.md" });
		expect(splitPath("c.md")).toEqual({ folder: "", file: "c.md" });
	});

	it("keep the end that tells them from their neighbours", () => {
		expect(splitName("gossipsub-v1.1.md")).toEqual({
			head: "gossipsub-v1.1.md",
			tail: "",
		});
		expect(splitName("pubsub-gossipsub-gossipsub-v1.1.md")).toEqual({
			head: "pubsub-gossipsub-gossipsu",
			tail: "b-v1.1.md",
		});
	});

	it("lose nothing, and no letter is cut in two", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (name) => {
				const { head, tail } = splitName(name);
				expect(head + tail).toBe(name);
				expect(head.isWellFormed() && tail.isWellFormed()).toBe(true);
			}),
		);
	});

	it("are listed as in a sentence", () => {
		expect(listed([])).toBe("");
		expect(listed(["a"])).toBe("a");
		expect(listed(["a", "b", "c"])).toBe("a, b and c");
	});
});
