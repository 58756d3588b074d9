/** Lists files. Apart from what parses them, so that `npm start` need not load a parser to see whether to build. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const ignored = new Set(["node_modules", "dist", "test-results"]);

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
