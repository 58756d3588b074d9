/** Counts tests so that nothing that went wrong can end as `0 failed`. */
import type { Tally } from "./checks.ts";

/** The parts of Vitest's JSON report that are counted. */
interface Report {
	readonly testResults: readonly {
		readonly status: string;
		readonly assertionResults: readonly { readonly status: string }[];
	}[];
}

/**
 * Counts one run of Vitest. A file that could not be loaded, a crash without a report and an error outside any test
 * each count as a failed test.
 *
 * @param json Vitest's JSON report, or undefined when it wrote none.
 * @param ok Whether Vitest ended with exit code 0.
 */
export function countReport(json: string | undefined, ok: boolean): Tally {
	const files = json === undefined ? [] : parse(json);
	const tests = files.flatMap((file) => file.assertionResults);
	const having = (...states: string[]) =>
		tests.filter((test) => states.includes(test.status)).length;
	const passed = having("passed");
	const skipped = having("skipped", "pending", "todo", "disabled");
	const broken = files.filter(
		(file) =>
			file.status === "failed" &&
			file.assertionResults.every((test) => test.status !== "failed"),
	).length;
	const failed = tests.length - passed - skipped + broken;
	const unreported = (ok && json !== undefined) || failed > 0 ? 0 : 1;
	return { passed, failed: failed + unreported, skipped };
}

/** The closing line, and whether all is well. A run in which nothing passed is not. */
export function summarize(tallies: readonly Tally[]): {
	line: string;
	ok: boolean;
} {
	const total = (key: keyof Tally) =>
		tallies.reduce((count, tally) => count + tally[key], 0);
	const skipped = total("skipped");
	const line = `${total("passed")} passed, ${total("failed")} failed`;
	return {
		line: skipped > 0 ? `${line}, ${skipped} skipped` : line,
		ok: total("failed") === 0 && total("passed") > 0,
	};
}

function parse(json: string): Report["testResults"] {
	const report: Report = JSON.parse(json);
	return report.testResults;
}
