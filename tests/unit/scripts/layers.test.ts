/** Plants each kind of violation in a temporary project and sees it found: a check that cannot fail checks nothing (V5). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkLayers } from "../../../scripts/layers.ts";
import { checkPurity } from "../../../scripts/purity.ts";

let root: string;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "shoal-layers-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function plant(files: Record<string, string>): void {
	for (const [path, text] of Object.entries(files)) {
		const full = join(root, path);
		mkdirSync(dirname(full), { recursive: true });
		writeFileSync(full, text);
	}
}

const places = () =>
	checkLayers(root).map(({ path, line }) => `${path}:${line}`);
const messages = () => checkLayers(root).map(({ message }) => message);

describe("layers", () => {
	it("accepts imports from below, and an empty project", () => {
		expect(checkLayers(root)).toEqual([]);
		plant({
			"src/wire/ids.ts": "export const id = 1;",
			"src/identity/key.ts": 'export { id } from "../wire/ids.ts";',
			"src/replica/log.ts": 'export { id } from "../identity/key.ts";',
			"src/agents/host.ts": 'import "../replica/log.ts"; import "yjs";',
			"src/platform/idb.ts":
				'import type { id } from "../replica/log.ts"; export type T = typeof id;',
			"src/node/api.ts": 'import "../agents/host.ts";',
			"src/node/ports.ts": "export interface Port {}",
			"src/platform/channel.ts":
				'import type { Port } from "../node/ports.ts"; export type P = Port;',
			"src/node/page.ts":
				'new Worker(new URL("../../workers/node.worker.ts", import.meta.url));',
			"src/ui/main.ts":
				'import "../node/page.ts"; import "../node/api.ts"; import "./app.css";',
			"workers/node.worker.ts":
				'import "../src/node/api.ts"; import "../src/platform/idb.ts";',
			"relay/main.ts": 'import "../src/wire/ids.ts";',
			"tests/unit/x.test.ts": 'import "../../src/ui/main.ts";',
		});
		expect(checkLayers(root)).toEqual([]);
	});

	const violations: Record<string, [path: string, text: string]> = {
		"an upward import": [
			"src/wire/a.ts",
			'import { x } from "../mesh/x.ts"; x();',
		],
		"a type-only import": [
			"src/wire/a.ts",
			'import type { X } from "../mesh/x.ts"; export type Y = X;',
		],
		"an import type in an annotation": [
			"src/wire/a.ts",
			'export type Y = import("../mesh/x.ts").X;',
		],
		"a re-export": ["src/wire/a.ts", 'export * from "../mesh/x.ts";'],
		"a named re-export": ["src/wire/a.ts", 'export { x } from "../mesh/x.ts";'],
		"a dynamic import": [
			"src/wire/a.ts",
			'export const x = () => import("../mesh/x.ts");',
		],
		"a dynamic import in a template": [
			"src/wire/a.ts",
			"export const x = () => import(`../mesh/x.ts`);",
		],
		"a computed dynamic import": [
			"src/wire/a.ts",
			"export const x = (n: string) => import('./' + n);",
		],
		"a glob": ["src/wire/a.ts", 'import.meta.glob("../mesh/*.ts");'],
		"an import from the root": ["src/wire/a.ts", 'import "/src/mesh/x.ts";'],
		"an import with a query": [
			"src/wire/a.ts",
			'import url from "../mesh/x.ts?url"; url;',
		],
		"a sibling import": ["src/documents/a.ts", 'import "../tasks/x.ts";'],
		"a sibling import the other way": [
			"src/tasks/a.ts",
			'import "../documents/x.ts";',
		],
		"siblings further down": ["src/mesh/a.ts", 'import "../replica/x.ts";'],
		"a worker URL below node": [
			"src/agents/a.ts",
			'new Worker(new URL("../../workers/x.worker.ts", import.meta.url));',
		],
		"a worker outside workers/": [
			"src/wire/a.ts",
			'new Worker(new URL("../mesh/x.worker.ts", import.meta.url));',
		],
		"an ordinary import of a worker": [
			"src/node/a.ts",
			'import "../../workers/x.worker.ts";',
		],
		"the ui reaching around the page API": [
			"src/ui/a.tsx",
			'import "../node/page.ts";',
		],
		"the ui importing a lower layer": [
			"src/ui/a.tsx",
			'import "../wire/x.ts";',
		],
		"platform imported below node": [
			"src/mesh/a.ts",
			'import "../platform/x.ts";',
		],
		"platform importing node": ["src/platform/a.ts", 'import "../node/x.ts";'],
		"the relay importing more than wire": [
			"relay/a.ts",
			'import "../src/identity/x.ts";',
		],
		"the product importing a test": [
			"src/node/a.ts",
			'import "../../tests/x.ts";',
		],
		"a folder that no layer names": ["src/utils/a.ts", "export const x = 1;"],
	};
	for (const [name, [path, text]] of Object.entries(violations))
		it(`finds ${name}`, () => {
			plant({ [path]: `\n${text}` });
			const found = checkLayers(root);
			expect(found.map((finding) => finding.path)).toEqual([path]);
		});

	it("names the line and what would be allowed", () => {
		plant({ "src/wire/a.ts": '// one\n\nimport "../mesh/x.ts";' });
		expect(places()).toEqual(["src/wire/a.ts:3"]);
		expect(messages()[0]).toContain("src/wire may not import src/mesh/x.ts");
	});

	it("is not fooled by comments and strings", () => {
		plant({
			"src/wire/a.ts":
				'// import "../mesh/x.ts";\nexport const s = \'import "../mesh/x.ts"\';',
		});
		expect(checkLayers(root)).toEqual([]);
	});

	it("finds a cycle of files within a layer, type imports and index files included", () => {
		plant({
			"src/wire/a.ts": 'import "./b.ts";',
			"src/wire/b.ts": 'import type { X } from "./sub"; export type Y = X;',
			"src/wire/sub/index.ts": 'export * from "../a.ts";',
		});
		expect(messages()).toEqual([
			"cycle: src/wire/a.ts → src/wire/b.ts → src/wire/sub/index.ts → src/wire/a.ts",
		]);
	});

	it("finds a cycle in tests, where any layer may be imported", () => {
		plant({
			"tests/a.ts": 'import "./b.ts";',
			"tests/b.ts": 'import "./a.ts";',
		});
		expect(messages()).toHaveLength(1);
	});
});

describe("time and chance", () => {
	const impure = [
		"Date.now()",
		"new Date()",
		"performance.now()",
		"globalThis.performance.now()",
		"setTimeout(f, 1)",
		"self.setInterval(f, 1)",
		"wrap(setTimeout)",
		"Math.random()",
		"crypto.getRandomValues(bytes)",
		"globalThis.crypto.randomUUID()",
		"AbortSignal.timeout(5)",
		"randomBytes(32)",
		"ed25519.utils.randomSecretKey()",
	];
	for (const expression of impure)
		it(`refuses ${expression} in src, and not in platform or ui`, () => {
			const text = `\nexport const x = () => ${expression};`;
			plant({ "src/node/a.ts": text });
			expect(checkPurity(root)).toMatchObject([
				{ path: "src/node/a.ts", line: 2 },
			]);
			rmSync(join(root, "src/node/a.ts"));
			plant({ "src/platform/a.ts": text, "src/ui/a.ts": text });
			expect(checkPurity(root)).toEqual([]);
		});

	it("accepts the ports and fixed dates", () => {
		plant({
			"src/node/a.ts":
				"export const x = (clock, random) => [clock.now(), random.bytes(2), new Date(0), Math.max(1, 2)];",
		});
		expect(checkPurity(root)).toEqual([]);
	});
});
