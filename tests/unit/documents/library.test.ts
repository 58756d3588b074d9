import { describe, expect, it } from "vitest";
import {
	additionRecord,
	documentsOf,
	type LibraryFact,
	readDocumentInfo,
	removalRecord,
} from "../../../src/documents/library.ts";
import type { DocumentInfo } from "../../../src/documents/types.ts";

const info = (device: string, name = "a.md"): DocumentInfo => ({
	id: "1".repeat(64),
	name,
	format: "markdown",
	size: 10,
	characters: 9,
	passages: 1,
	textBlob: "2".repeat(64),
	device,
	policy: "swarm",
});

describe("the library of a swarm", () => {
	it("is what was added and not removed since, in any order of the facts", () => {
		const facts: LibraryFact[] = [];
		const add = (device: string): void => {
			facts.push({ ...additionRecord(facts, info(device)), device });
		};
		const remove = (device: string): void => {
			facts.push({ ...removalRecord(facts, "1".repeat(64)), device });
		};
		const listed = (): number => {
			expect(documentsOf([...facts].reverse())).toEqual(documentsOf(facts));
			return documentsOf(facts).length;
		};
		add("A");
		add("B");
		expect(listed()).toBe(1);
		remove("C");
		expect(listed()).toBe(0);
		add("B");
		expect(listed()).toBe(1);
		remove("A");
		expect(listed()).toBe(0);
	});

	it("believes nobody who speaks for another device, or writes nonsense", () => {
		const { key, value } = additionRecord([], info("A"));
		expect(documentsOf([{ key, value, device: "B" }])).toEqual([]);
		for (const bad of [
			null,
			{},
			{ ...value, id: "x" },
			{ ...value, passages: -1 },
			{ ...value, format: "exe" },
		])
			expect(readDocumentInfo(bad)).toBeUndefined();
		expect(
			documentsOf([{ key, value: { ...value, round: "9" }, device: "A" }]),
		).toEqual([]);
	});
});
