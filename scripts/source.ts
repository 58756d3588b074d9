/** Reads the project's source files as syntax trees, for the checks that look at what code says and not at how it is laid out. */
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type ESTree, parseSync } from "vite";
import { list } from "./files.ts";

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

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
	return text.slice(0, offset).split("\n").length;
}

/** `path:line message`, as editors and terminals link it. */
export function describe(finding: Finding): string {
	return `${finding.path}:${finding.line} ${finding.message}`;
}
