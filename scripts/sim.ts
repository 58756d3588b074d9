/**
 * `npm run sim`: bundles the simulator and runs it with the given arguments. From its sources it would take twice as long:
 * a loader's calls keep the names of functions, and hashing and X25519 are JavaScript there (see `openssl.ts`).
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "vite";
import { root } from "./process.ts";

/** Modules that OpenSSL takes the place of. */
const REPLACED = [
	"@noble/hashes/sha2.js",
	"@noble/hashes/hmac.js",
	"@noble/hashes/hkdf.js",
	"./x25519.ts",
];
const openssl = join(root, "tests", "sim", "world", "openssl.ts");

const replace: Plugin = {
	name: "openssl",
	enforce: "pre",
	resolveId: (id, importer) =>
		REPLACED.includes(id) && importer !== openssl ? openssl : undefined,
};

// A folder for each run: two at once would take each other's bundle away. It finds its packages from there.
const cache = join(root, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "sim-"));
await build({
	root,
	configFile: false,
	publicDir: false,
	logLevel: "warn",
	plugins: [replace],
	build: {
		ssr: join("tests", "sim", "main.ts"),
		outDir: folder,
		target: "node20",
		rolldownOptions: { output: { entryFileNames: "main.ts.js" } },
	},
});
const { status } = spawnSync(
	process.execPath,
	// Most of what a run makes is let go of soon: with more room, less of it is copied; and other cores have other work.
	[
		"--min-semi-space-size=64",
		"--max-semi-space-size=128",
		"--single-threaded-gc",
		join(folder, "main.ts.js"),
		...process.argv.slice(2),
	],
	{ stdio: "inherit" },
);
rmSync(folder, { recursive: true, force: true });
process.exitCode = status ?? 1;
