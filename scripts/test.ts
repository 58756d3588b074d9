/**
 * `npm test`: everything that CI runs, in order, closed by one line with the counts.
 *
 * `--only unit,relay` runs only the named parts (`check`, `unit`, `sim`, `relay`, `browser`, `lan`); `-t pattern` only
 * the tests whose names match.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureChromium, installFirefox } from "./browser.ts";
import { ensureBuilt } from "./build.ts";
import { runChecks, type Tally } from "./checks.ts";
import { root, runTool } from "./process.ts";
import { countReport, summarize } from "./tally.ts";

const parts = ["check", "unit", "sim", "relay", "browser", "lan"] as const;
type Part = (typeof parts)[number];

const oneFailed: Tally = { passed: 0, failed: 1, skipped: 0 };

const { values } = parseArgs({
	options: {
		only: { type: "string" },
		testNamePattern: { type: "string", short: "t" },
	},
});
const wanted = values.only?.split(",") ?? parts;
const unknown = wanted.filter((name) => !parts.some((part) => part === name));
if (unknown.length > 0) {
	console.error(
		`There is no part ${unknown.join(", ")}; there are ${parts.join(", ")}.`,
	);
	process.exit(2);
}

const tallies: Tally[] = [];
for (const part of parts.filter((name) => wanted.includes(name))) {
	console.log(`\n── ${part}`);
	tallies.push(await attempt(part));
}
const summary = summarize(tallies);
console.log(`\n${summary.line}`);
process.exitCode = summary.ok ? 0 : 1;

async function attempt(part: Part): Promise<Tally> {
	try {
		if (part === "check") return await runChecks();
		return await runProject(
			part,
			part === "browser" || part === "lan" ? await prepareBrowser() : {},
		);
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		return oneFailed;
	}
}

/** Finds the browser and builds the page before the tests start, so that what goes wrong there is said once. */
async function prepareBrowser(): Promise<Record<string, string>> {
	const path = await ensureChromium();
	await installFirefox();
	const { ok, output } = await ensureBuilt();
	if (!ok) throw new Error(`The page does not build:\n${output}`);
	return { SHOAL_CHROMIUM: path };
}

async function runProject(
	project: Part,
	env: Record<string, string>,
): Promise<Tally> {
	const folder = join(root, ".cache", "reports");
	const report = join(folder, `${project}.json`);
	mkdirSync(folder, { recursive: true });
	rmSync(report, { force: true });
	const pattern = values.testNamePattern;
	const { ok } = await runTool(
		"vitest",
		[
			"run",
			"--project",
			project,
			"--passWithNoTests",
			"--reporter=default",
			"--reporter=json",
			`--outputFile.json=${report}`,
			...(pattern === undefined ? [] : ["--testNamePattern", pattern]),
		],
		{ show: true, env, limitMs: 30 * 60_000 },
	);
	const text = existsSync(report) ? readFileSync(report, "utf8") : undefined;
	return countReport(text, ok);
}
