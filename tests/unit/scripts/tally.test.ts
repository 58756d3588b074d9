import { describe, expect, it } from "vitest";
import { countReport, summarize } from "../../../scripts/tally.ts";

const report = (...files: [status: string, ...tests: string[]][]) =>
	JSON.stringify({
		testResults: files.map(([status, ...tests]) => ({
			status,
			assertionResults: tests.map((test) => ({ status: test })),
		})),
	});

describe("counting tests", () => {
	it("counts what passed, failed and was skipped", () => {
		const json = report(
			["failed", "passed", "failed", "skipped"],
			["passed", "passed", "todo"],
		);
		expect(countReport(json, false)).toEqual({
			passed: 2,
			failed: 1,
			skipped: 2,
		});
	});
	it("counts a file that could not be loaded as a failed test", () => {
		const json = report(["failed"], ["passed", "passed"]);
		expect(countReport(json, false)).toMatchObject({ passed: 1, failed: 1 });
	});
	it("counts a runner that crashed without a report as a failed test", () => {
		expect(countReport(undefined, false).failed).toBe(1);
		expect(countReport(undefined, true).failed).toBe(1);
	});
	it("counts an error outside any test as a failed test", () => {
		expect(countReport(report(["passed", "passed"]), false)).toMatchObject({
			passed: 1,
			failed: 1,
		});
	});
	it("counts a project without tests as nothing", () => {
		expect(countReport(report(), true)).toEqual({
			passed: 0,
			failed: 0,
			skipped: 0,
		});
	});
	it("closes with the sums, and names skipped tests only where there are some", () => {
		const one = { passed: 1, failed: 0, skipped: 0 };
		expect(summarize([one, one])).toEqual({
			line: "2 passed, 0 failed",
			ok: true,
		});
		expect(summarize([one, { ...one, failed: 2, skipped: 3 }])).toEqual({
			line: "2 passed, 2 failed, 3 skipped",
			ok: false,
		});
	});
	it("is not content with nothing", () => {
		expect(summarize([])).toEqual({ line: "0 passed, 0 failed", ok: false });
	});
});
