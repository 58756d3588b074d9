import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sum, weighFirstLoad } from "../../../scripts/bundle.ts";

let dist: string;
beforeEach(() => {
	dist = mkdtempSync(join(tmpdir(), "shoal-bundle-"));
});
afterEach(() => rmSync(dist, { recursive: true }));

function plant(files: Record<string, string>): void {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(dist, path)), { recursive: true });
		writeFileSync(join(dist, path), text);
	}
}

const page = {
	"index.html": `<!doctype html><link rel="icon" href="/icon.svg"><link rel="stylesheet" crossorigin href="/assets/index-1.css">
<link rel="modulepreload" href="/assets/vendor-1.js"><script type="module" crossorigin src="/assets/index-1.js"></script>`,
	"assets/index-1.css": "body{}",
	"assets/index-1.js":
		'import{a}from"./shared-1.js";export*from"/assets/other-1.js";a(()=>import("./lazy-1.js"));',
	"assets/shared-1.js": "export const a=1;",
	"assets/other-1.js": "export const b=1;",
	"assets/vendor-1.js": "export const v=1;",
	"assets/lazy-1.js": "export const heavy=1;",
};
const worker = {
	"assets/node.worker-1.js": 'import"./yjs-1.js";import("./lazy-2.js");',
	"assets/yjs-1.js": "export const y=1;",
	"assets/lazy-2.js": "export const heavy=2;",
	"assets/document.worker-1.js": "export const other=1;",
};
const paths = (files: readonly { path: string }[]) =>
	files.map(({ path }) => path).sort();

describe("the first load", () => {
	it("is what the page and the node worker import statically, and nothing lazy", () => {
		plant({ ...page, ...worker });
		const load = weighFirstLoad(dist);
		expect(paths(load.page)).toEqual([
			"assets/index-1.css",
			"assets/index-1.js",
			"assets/other-1.js",
			"assets/shared-1.js",
			"assets/vendor-1.js",
			"index.html",
		]);
		expect(paths(load.worker)).toEqual([
			"assets/node.worker-1.js",
			"assets/yjs-1.js",
		]);
		expect(load.total).toBe(sum(load.page) + sum(load.worker));
		expect(load.total).toBeGreaterThan(0);
	});

	it("is not passed by a page without a script or without a node worker", () => {
		plant(page);
		expect(() => weighFirstLoad(dist)).toThrow("node worker");
		plant({ "index.html": "<p>" });
		expect(() => weighFirstLoad(dist)).toThrow("loads no script");
	});
});
