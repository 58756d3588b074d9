/** Every way one file names another: static and type imports, re-exports, dynamic imports, worker URLs. */
import { existsSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { type ESTree, Visitor } from "vite";
import { type Finding, lineAt, type SourceFile } from "./source.ts";

/** One reference to a file of ours. `starts` marks a worker URL: it runs the target elsewhere instead of importing it. */
export interface Edge {
	readonly from: string;
	readonly to: string;
	readonly line: number;
	readonly starts: boolean;
}

/**
 * The edges of one file, and the references that cannot be followed (computed dynamic imports, globs), which are
 * findings: what cannot be read cannot be checked. Packages are not edges.
 */
export function edgesOf(
	root: string,
	file: SourceFile,
): { edges: Edge[]; findings: Finding[] } {
	const edges: Edge[] = [];
	const findings: Finding[] = [];
	const line = (offset: number) => lineAt(file.text, offset);
	function add(specifier: string, offset: number, starts = false): void {
		const bare = specifier.replace(/[?#].*$/, "");
		if (!/^[./]/.test(bare)) return;
		const path = bare.startsWith("/")
			? posix.normalize(bare.slice(1))
			: posix.join(posix.dirname(file.path), bare);
		const to = resolve(root, path);
		edges.push({ from: file.path, to, line: line(offset), starts });
	}
	function follow(node: ESTree.Node, what: string, starts = false): void {
		const specifier = literal(node);
		if (specifier !== undefined) add(specifier, node.start, starts);
		else
			findings.push({
				path: file.path,
				line: line(node.start),
				message: `${what} is computed, so its layer cannot be checked; write the path out`,
			});
	}
	new Visitor({
		ImportDeclaration: (node) => add(node.source.value, node.start),
		ExportAllDeclaration: (node) => add(node.source.value, node.start),
		ExportNamedDeclaration: (node) => {
			if (node.source) add(node.source.value, node.start);
		},
		TSImportType: (node) => add(node.source.value, node.start),
		ImportExpression: (node) => follow(node.source, "a dynamic import"),
		NewExpression: (node) => {
			const [path, base] = node.arguments;
			if (isName(node.callee, "URL") && path && isImportMeta(base, "url"))
				follow(path, "a URL beside import.meta.url", true);
		},
		CallExpression: (node) => {
			if (isImportMeta(node.callee, "glob"))
				findings.push({
					path: file.path,
					line: line(node.start),
					message: "import.meta.glob hides what is imported; name the files",
				});
		},
	}).visit(file.program);
	return { edges, findings };
}

function resolve(root: string, path: string): string {
	const candidates = [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`];
	const isFile = (candidate: string) => {
		const full = join(root, candidate);
		return existsSync(full) && statSync(full).isFile();
	};
	return candidates.find(isFile) ?? path;
}

function literal(node: ESTree.Node): string | undefined {
	if (node.type === "Literal" && typeof node.value === "string")
		return node.value;
	if (node.type === "TemplateLiteral" && node.expressions.length === 0)
		return node.quasis[0]?.value.cooked ?? undefined;
	return undefined;
}

function isName(node: ESTree.Node, name: string): boolean {
	return node.type === "Identifier" && node.name === name;
}

function isImportMeta(node: ESTree.Node | undefined, key: string): boolean {
	return (
		node?.type === "MemberExpression" &&
		node.object.type === "MetaProperty" &&
		isName(node.property, key)
	);
}
