/** Builds the page when the sources are not those that `dist/` was built from. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { list } from "./files.ts";
import { type Outcome, root, runTool } from "./process.ts";

/** Inside `dist/`, so that whatever else rebuilds the page also forgets it. */
const stamp = join(root, "dist", ".built-from");

/** Whether there is a page to build yet. */
export function isBuildable(): boolean {
	return existsSync(join(root, "index.html"));
}

/** Builds `dist/` unless it is up to date. Never rejects; a failed build carries the bundler's output. */
export async function ensureBuilt(): Promise<Outcome> {
	const wanted = fingerprint();
	const entry = join(root, "dist", "index.html");
	if (existsSync(entry) && existsSync(stamp))
		if (readFileSync(stamp, "utf8") === wanted) return { ok: true, output: "" };
	// A test runner says "test" to what it starts, and the page would be another, larger one.
	const env = { NODE_ENV: "production" };
	const built = await runTool("vite", ["build", "--logLevel", "warn"], { env });
	if (built.ok) writeFileSync(stamp, wanted);
	return built;
}

/** A hash over everything that goes into the page. Contents, not times: a checkout may set those back. */
function fingerprint(): string {
	const files = [
		...["src", "workers", "public"].flatMap((folder) =>
			list(join(root, folder)),
		),
		...[
			"index.html",
			"package.json",
			"package-lock.json",
			"tsconfig.json",
			"vite.config.ts",
		]
			.map((name) => join(root, name))
			.filter((file) => existsSync(file)),
	].sort();
	const hash = createHash("sha256");
	for (const file of files) {
		const text = readFileSync(file);
		hash.update(`${relative(root, file)}\0${text.length}\0`).update(text);
	}
	return hash.digest("hex");
}
