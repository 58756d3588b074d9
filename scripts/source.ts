/** Reads the project's source files as syntax trees, for the checks that look at what code says and not at how it is laid out. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type ESTree, parseSync } from "vite";

/** A parsed file. `path` is relative to the root, with forward slashes. */
export interface SourceFile {
	readonly path: string;
	readonly text: string;
	readonly program: ESTree.Program;
}

/** What a check found: `path:line` and a sentence. */
export interface Finding {
	readonly path: string;
	readonly line: number;
	readonly message: string;
}

const code = /\.[cm]?[jt]sx?$/;
const ignored = new Set(["node_modules", "dist", "test-results"]);

/** Every code file below the named folders of `root`; a folder that does not exist yet has none. */
export function readSources(
	root: string,
	folders: readonly string[],
): SourceFile[] {
	return folders
		.flatMap((folder) => list(join(root, folder)))
		.filter((file) => code.test(file))
		.sort()
		.map((file) => {
			const text = readFileSync(file, "utf8");
			const path = relative(root, file).split(sep).join("/");
			const { program, errors } = parseSync(path, text);
			const [error] = errors;
			if (error) throw new Error(`${path}: ${error.message}`);
			return { path, text, program };
		});
}

/** Every file below a folder, recursively, without what tools generate. */
export function list(folder: string): string[] {
	try {
		return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
			if (entry.name.startsWith(".") || ignored.has(entry.name)) return [];
			const path = join(folder, entry.name);
			return entry.isDirectory() ? list(path) : [path];
		});
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT")
			return [];
		throw error;
	}
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
	return text.slice(0, offset).split("\n").length;
}

/** `path:line message`, as editors and terminals link it. */
export function describe(finding: Finding): string {
	return `${finding.path}:${finding.line} ${finding.message}`;
}
