/** The steps of `npm run check`. Each is independent of the others; all run even where one fails. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, isBuildable } from "./build.ts";
import { firstLoadBudget, sum, weighFirstLoad } from "./bundle.ts";
import { checkLayers } from "./layers.ts";
import { type LockFile, missingOptionals } from "./lockfile.ts";
import { type Outcome, root, runTool } from "./process.ts";
import { checkPurity } from "./purity.ts";
import { describe, type Finding } from "./source.ts";

/** What a step says: done, failed with its output, or nothing to check yet. `note` goes on the step's line. */
type Verdict =
	| { readonly kind: "passed"; readonly note: string }
	| { readonly kind: "failed"; readonly output: string }
	| { readonly kind: "skipped"; readonly note: string };

interface Step {
	readonly name: string;
	check(): Verdict | Promise<Verdict>;
}

/** How many steps ended which way. */
export interface Tally {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

const steps: readonly Step[] = [
	{ name: "bundle budget", check: checkBundle },
	{
		name: "types",
		check: async () => fromTool(await runTool("typescript", ["-p", "."])),
	},
	{
		name: "lint",
		check: async () =>
			fromTool(
				await runTool("@biomejs/biome", ["check", "--error-on-warnings"]),
			),
	},
	{ name: "layers", check: () => fromFindings(checkLayers(root)) },
	{ name: "time and chance", check: () => fromFindings(checkPurity(root)) },
	{ name: "unused code", check: checkUnused },
	{ name: "lock file", check: checkLockFile },
];

/** Runs every step, two at a time, printing a line for each as it ends. */
export async function runChecks(): Promise<Tally> {
	const tally = { passed: 0, failed: 0, skipped: 0 };
	const queue = [...steps];
	async function work(): Promise<void> {
		for (let step = queue.shift(); step; step = queue.shift()) {
			const start = performance.now();
			const verdict = await attempt(step);
			const seconds = ((performance.now() - start) / 1000).toFixed(1);
			tally[verdict.kind] += 1;
			const note = verdict.kind === "failed" ? "" : verdict.note;
			const head = `${marks[verdict.kind]} ${step.name} (${seconds} s)`;
			console.log(note ? `${head}  ${note}` : head);
			if (verdict.kind === "failed") console.log(verdict.output.trimEnd());
		}
	}
	await Promise.all([work(), work()]);
	return tally;
}

const marks = { passed: "✓", failed: "✗", skipped: "–" } as const;

async function attempt(step: Step): Promise<Verdict> {
	try {
		return await step.check();
	} catch (error) {
		const output = error instanceof Error ? error.message : String(error);
		return { kind: "failed", output };
	}
}

async function checkBundle(): Promise<Verdict> {
	if (!isBuildable())
		return { kind: "skipped", note: "there is no index.html yet" };
	const built = await ensureBuilt();
	if (!built.ok) return fromTool(built);
	const load = weighFirstLoad(join(root, "dist"));
	const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
	const figures = `page ${kB(sum(load.page))} + node worker ${kB(sum(load.worker))} = ${kB(load.total)} of ${kB(firstLoadBudget)} gzip`;
	if (load.total <= firstLoadBudget) return { kind: "passed", note: figures };
	const files = [...load.page, ...load.worker]
		.sort((a, b) => b.gzip - a.gzip)
		.map((file) => `  ${kB(file.gzip).padStart(9)}  ${file.path}`);
	return {
		kind: "failed",
		output: [`${figures}: the first load is too heavy`, ...files].join("\n"),
	};
}

async function checkUnused(): Promise<Verdict> {
	const entry = "src/ui/main.ts";
	if (!existsSync(join(root, entry)))
		return { kind: "skipped", note: `there is no ${entry} yet` };
	const quiet = ["--no-progress", "--no-config-hints"];
	const anywhere = await runTool("knip", quiet);
	if (!anywhere.ok) return fromTool(anywhere);
	// A file that only unit tests reach is dead, however well tested; single exports may be there for a test.
	const shipped = ["--production", "--include", "files"];
	return fromTool(await runTool("knip", [...quiet, ...shipped]));
}

function checkLockFile(): Verdict {
	const text = readFileSync(join(root, "package-lock.json"), "utf8");
	const lock: LockFile = JSON.parse(text);
	const missing = Object.keys(missingOptionals(lock));
	if (missing.length === 0) return { kind: "passed", note: "" };
	const advice =
		"npm ci will refuse this lock file; run npx tsx scripts/complete-lockfile.ts. It lacks:";
	return { kind: "failed", output: [advice, ...missing].join("\n  ") };
}

function fromTool({ ok, output }: Outcome): Verdict {
	return ok ? { kind: "passed", note: "" } : { kind: "failed", output };
}

function fromFindings(findings: readonly Finding[]): Verdict {
	return findings.length === 0
		? { kind: "passed", note: "" }
		: { kind: "failed", output: findings.map(describe).join("\n") };
}
