/**
 * `npm run sim`: bundles the simulator and runs it with the given arguments. Run from its sources it takes a fifth longer,
 * for a loader's calls that keep the names of functions.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build } from "vite";
import { root } from "./process.ts";

const folder = join(root, "node_modules", ".cache", "tests", "sim");
await build({
	root,
	configFile: false,
	logLevel: "warn",
	build: {
		ssr: join("tests", "sim", "main.ts"),
		outDir: folder,
		target: "node20",
		rolldownOptions: { output: { entryFileNames: "main.ts.js" } },
	},
});
const { status } = spawnSync(
	process.execPath,
	// Most of what a run makes is let go of soon: with more room for it, less of it is copied.
	[
		"--max-semi-space-size=64",
		join(folder, "main.ts.js"),
		...process.argv.slice(2),
	],
	{ stdio: "inherit" },
);
process.exitCode = status ?? 1;
