/**
 * The saved corpus: a file a target, a line an input: its outcome and its bytes in hex; what a `#` begins is for people.
 * A part that comes again and again is written once: `4x7b` is 7b four times over.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fromHex, toHex } from "../../src/wire/bytes.ts";
import type { Outcome } from "./target.ts";

export interface Saved {
	readonly outcome: Outcome;
	readonly input: Uint8Array;
	/** Why it is kept. */
	readonly why: string;
}

const pathOf = (target: string): URL =>
	new URL(`./corpus/${target}.txt`, import.meta.url);

export function readCorpus(target: string): Saved[] {
	const path = pathOf(target);
	if (!existsSync(path)) return [];
	return readFileSync(path, "utf8")
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => {
			const [data = "", why = ""] = line.split("#");
			const [outcome = "", ...parts] = data.trim().split(/\s+/);
			return { outcome, input: bytesOf(parts), why: why.trim() };
		});
}

export function addToCorpus(target: string, added: readonly Saved[]): void {
	const path = pathOf(target);
	const before = existsSync(path) ? readFileSync(path, "utf8") : "";
	const lines = added.map(({ outcome, input, why }) =>
		[outcome, toHex(input), why && `# ${why}`].filter(Boolean).join(" "),
	);
	writeFileSync(path, before + lines.map((line) => `${line}\n`).join(""));
}

function bytesOf(parts: readonly string[]): Uint8Array {
	const hex = parts.map((part) => {
		const [times, repeated] = part.split("x");
		return repeated === undefined ? part : repeated.repeat(Number(times));
	});
	const bytes = fromHex(hex.join(""));
	if (bytes === undefined) throw new Error("not a line of a corpus");
	return bytes;
}
