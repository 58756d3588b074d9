import { describe, expect, it } from "vitest";
import { type Command, matching } from "../../../src/ui/dialogs/commands.ts";
import { codeOf, explain } from "../../../src/ui/notices.ts";
import { groupFailures } from "../../../src/ui/research/failures.ts";
import { samplesFrom } from "../../../src/ui/research/samples.ts";
import { ShoalError } from "../../../src/wire/error.ts";

describe("the command palette", () => {
	const command = (name: string, also = ""): Command => ({
		name,
		also,
		icon: [],
		run: () => undefined,
	});
	const all = [
		command("Go to Swarm", "devices"),
		command("Add a device", "invite phone"),
		command("Add files", "documents"),
	];
	const found = (typed: string) => matching(all, typed).map(({ name }) => name);

	it("finds by any word of a name, or another word for it", () => {
		expect(found("phone")).toEqual(["Add a device"]);
		expect(found("FILES add")).toEqual(["Add files"]);
		expect(found("nothing")).toEqual([]);
	});

	it("shows first what begins as was typed, and everything when nothing was", () => {
		expect(found("a")).toEqual(["Add a device", "Add files", "Go to Swarm"]);
		expect(found(" ")).toEqual(all.map(({ name }) => name));
	});
});

describe("a notice", () => {
	it("says what happened, and what to do where that is known", () => {
		expect(
			explain("Joining did not work", new ShoalError("timeout", "no answer")),
		).toEqual({
			tone: "fail",
			title: "Joining did not work",
			detail: "No answer. Nothing is lost. Try again in a moment.",
		});
		expect(explain("It failed", "odd").detail).toBe("The reason is unknown.");
		expect(explain("It failed", new Error("Really?")).detail).toBe("Really?");
	});

	it("knows the code of an error of the page API only", () => {
		expect(codeOf(new ShoalError("timeout", ""))).toBe("timeout");
		expect(codeOf(new Error("no code"))).toBeUndefined();
		expect(codeOf({ code: "timeout" })).toBeUndefined();
	});
});

describe("files that could not be added", () => {
	it("are one line a reason, whatever they are called", () => {
		const failure = (name: string, says: string) => ({
			ok: false as const,
			name,
			code: "document-unreadable" as const,
			message: says,
		});
		const groups = groupFailures([
			failure("a.png", "a.png is a picture"),
			failure("b.pdf", "b.pdf is locked"),
			failure("c.png", "c.png is a picture"),
		]);
		expect(groups.map(({ files }) => files.map(({ name }) => name))).toEqual([
			["a.png", "c.png"],
			["b.pdf"],
		]);
	});
});

describe("the list of samples", () => {
	it("is taken as far as it has the right shape", () => {
		const base = new URL("http://localhost/samples/samples.json");
		expect(
			samplesFrom([{ file: "a.md", question: "Why?" }, { file: 3 }, null], base)
				?.list,
		).toEqual([{ name: "a.md", question: "Why?" }]);
		for (const odd of [null, {}, [], "x", [{}]])
			expect(samplesFrom(odd, base)).toBeNull();
	});
});
