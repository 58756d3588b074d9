/** Weighs the first load: everything the page and the node worker fetch before anything is imported lazily. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";
import { parseSync, Visitor } from "vite";

/** Bytes, gzipped as the relay sends them, of the page and the node worker together (docs/architecture.md). */
export const firstLoadBudget = 150_000;

/** What the node worker imports lazily, and yet at its start: it is there sooner so, not later. */
const FETCHED_AT_ONCE = /^swarm-code-/;

/** One file of the first load; paths relative to the built folder, sizes in bytes. */
export interface Weighed {
	readonly path: string;
	readonly gzip: number;
}

/** The page's and the node worker's files. A file that both load counts once, as the page's. */
export interface FirstLoad {
	readonly page: readonly Weighed[];
	readonly worker: readonly Weighed[];
	readonly total: number;
}

/**
 * Reads the built page instead of the bundler's manifest, which does not list what workers load.
 *
 * @throws Error when the folder holds no page or the page starts no node worker: a weight of nothing would always pass.
 */
export function weighFirstLoad(dist: string): FirstLoad {
	const page = new Set(["index.html"]);
	for (const path of linkedFrom(readFileSync(join(dist, "index.html"), "utf8")))
		follow(dist, path, page);
	if (![...page].some(isScript))
		throw new Error("dist/index.html loads no script");
	const worker = new Set<string>();
	for (const path of nodeWorkers(dist)) follow(dist, path, worker);
	if (worker.size === 0)
		throw new Error(
			"dist holds no node worker (a file named node.worker-….js)",
		);
	const weigh = (path: string): Weighed => ({
		path,
		gzip: gzipSync(readFileSync(join(dist, path)), { level: 9 }).length,
	});
	const weighed = {
		page: [...page].map(weigh),
		worker: [...worker].filter((path) => !page.has(path)).map(weigh),
	};
	return { ...weighed, total: sum(weighed.page) + sum(weighed.worker) };
}

/** The total of some files, in bytes. */
export function sum(files: readonly Weighed[]): number {
	return files.reduce((total, file) => total + file.gzip, 0);
}

function linkedFrom(html: string): string[] {
	const tags = html.match(/<(?:script|link)\b[^>]*>/g) ?? [];
	return tags.flatMap((tag) => {
		const attribute = (name: string) =>
			tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1];
		const rel = attribute("rel");
		const loads =
			tag.startsWith("<script") ||
			rel === "stylesheet" ||
			rel === "modulepreload" ||
			rel === "preload";
		const url = attribute("src") ?? attribute("href");
		return loads && url !== undefined && !/^\w+:/.test(url)
			? [posix.join(".", url.replace(/^\//, ""))]
			: [];
	});
}

function nodeWorkers(dist: string): string[] {
	const assets = join(dist, "assets");
	if (!existsSync(assets)) return [];
	const files = readdirSync(assets).filter((name) => name.endsWith(".js"));
	const isWorker = (name: string): boolean => /^node[.-]worker\b/.test(name);
	if (!files.some(isWorker)) return [];
	return files
		.filter((name) => isWorker(name) || FETCHED_AT_ONCE.test(name))
		.map((name) => `assets/${name}`);
}

/** Adds a built file and all it imports statically. */
function follow(dist: string, path: string, seen: Set<string>): void {
	if (seen.has(path)) return;
	seen.add(path);
	if (!isScript(path)) return;
	const add = (specifier: string) => {
		const next = specifier.startsWith("/")
			? specifier.slice(1)
			: posix.join(posix.dirname(path), specifier);
		follow(dist, next, seen);
	};
	const { program } = parseSync(path, readFileSync(join(dist, path), "utf8"));
	new Visitor({
		ImportDeclaration: (node) => add(node.source.value),
		ExportAllDeclaration: (node) => add(node.source.value),
		ExportNamedDeclaration: (node) => {
			if (node.source) add(node.source.value);
		},
	}).visit(program);
}

function isScript(path: string): boolean {
	return path.endsWith(".js");
}
