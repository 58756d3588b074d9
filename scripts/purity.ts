/** Finds product code that reads time or chance directly instead of through Clock and Random, which would end replay from a seed. */
import { type ESTree, Visitor } from "vite";
import {
	type Finding,
	lineAt,
	readSources,
	type SourceFile,
} from "./source.ts";

/** Folders at the edge of the product, where the real clock and the real dice are. */
const edge = ["src/platform/", "src/ui/"];

const members: Readonly<Record<string, readonly string[]>> = {
	Date: ["now"],
	performance: ["now", "timeOrigin"],
	Math: ["random"],
	crypto: ["getRandomValues", "randomUUID"],
	AbortSignal: ["timeout"],
};
const timers = ["setTimeout", "setInterval", "setImmediate"];
/** Random sources of the crypto libraries, whatever object they hang on. */
const libraryRandom = ["randomBytes", "randomSecretKey", "managedNonce"];
const globals = ["globalThis", "self", "window"];

/** Checks every file of `src` outside the edge folders. */
export function checkPurity(root: string): Finding[] {
	return readSources(root, ["src"])
		.filter((file) => !edge.some((folder) => file.path.startsWith(folder)))
		.flatMap(impurities);
}

function impurities(file: SourceFile): Finding[] {
	const findings: Finding[] = [];
	function report(node: ESTree.Node, name: string): void {
		findings.push({
			path: file.path,
			line: lineAt(file.text, node.start),
			message: `${name}: take Clock or Random (src/wire/clock.ts) instead`,
		});
	}
	const isBare = (node: ESTree.Node) =>
		node.type === "Identifier" &&
		[...timers, ...libraryRandom].includes(node.name);
	new Visitor({
		MemberExpression: (node) => {
			if (node.computed || node.property.type !== "Identifier") return;
			const name = node.property.name;
			const owner = ownerOf(node.object);
			const named = owner !== undefined && members[owner]?.includes(name);
			const timer = globals.includes(owner ?? "") && timers.includes(name);
			if (named || timer || libraryRandom.includes(name))
				report(node, `${owner ?? "…"}.${name}`);
		},
		CallExpression: (node) => {
			for (const part of [node.callee, ...node.arguments])
				if (isBare(part) && part.type === "Identifier") report(part, part.name);
		},
		NewExpression: (node) => {
			if (
				node.callee.type === "Identifier" &&
				node.callee.name === "Date" &&
				node.arguments.length === 0
			)
				report(node, "new Date()");
		},
	}).visit(file.program);
	return findings;
}

/** `performance` of `performance.now` and of `globalThis.performance.now`. */
function ownerOf(node: ESTree.Node): string | undefined {
	if (node.type === "Identifier") return node.name;
	if (
		node.type === "MemberExpression" &&
		node.object.type === "Identifier" &&
		globals.includes(node.object.name) &&
		node.property.type === "Identifier"
	)
		return node.property.name;
	return undefined;
}
