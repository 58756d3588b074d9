/** Markdown as nobody means it: signs that nothing closes, and a great many of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inlineText } from "../../../src/documents/markdown-inline.ts";
import { parseDocument } from "../../../src/documents/parse.ts";
import { utf8 } from "../../../src/wire/bytes.ts";

const read = async (name: string, text: string): Promise<string> =>
	(await parseDocument({ name, bytes: utf8(text) })).text;

describe("the words of a line", () => {
	it.each([
		["*a* **b** ***c*** _d_ __e__ ~~f~~", "a b c d e f"],
		["**a *b* c** and *a **b** c*", "a b c and a b c"],
		["***a* b**", "a b"],
		["2 * 3 * 4, snake_case_name, ~ 5", "2 * 3 * 4, snake_case_name, ~ 5"],
		["_open and *open", "_open and *open"],
		["a * b* c", "a * b* c"],
		["`a*b` *c*", "a*b c"],
		["`` a`b `` `open", "a`b `open"],
		["\\*a\\* \\[b\\]", "*a* [b]"],
		["[a [b] c](d(e)f) g", "a b c g"],
		["![a](b) [c][d] [e] x[^1]", "a c e x"],
		["[ ] [] [a", "[ ] [] [a"],
		[
			"<b>a</b> <http://b.c> &amp; &#65; &nothing;",
			"a http://b.c & A &nothing;",
		],
	])("%s", (source, words) => {
		expect(inlineText(source)).toBe(words);
	});

	it("keep every letter, whatever the signs around them", () => {
		const signs = fc.constantFrom(
			...["*", "_", "~~", "`", " ", "a", "b", "\\"],
		);
		fc.assert(
			fc.property(fc.string({ unit: signs, maxLength: 60 }), (source) => {
				const letters = (text: string) => text.replace(/[^ab]/g, "");
				expect(letters(inlineText(source))).toBe(letters(source));
			}),
		);
	});
});

// Were a length squared in any of these, the test would never end.
describe("[X4] a file may repeat a sign for ever and is still read", () => {
	const times = 200_000;

	it.each(["[", "](", "*a ", " _a", "~~a ", "`a``", "<!--", "<a", "\\*", "|a"])(
		"in Markdown: %s",
		async (sign) => {
			expect(await read("a.md", `${sign.repeat(times)}end`)).toContain("end");
		},
	);

	it.each([
		["a.md", "- a\n"],
		["a.md", "> "],
		["a.md", "a\n-\n"],
		["a.txt", "a\n\n"],
		["a.html", "<p>a"],
	])("in %s, blocks: %j", async (name, block) => {
		const text = `${name === "a.html" ? "<html>" : ""}${block.repeat(times)}end`;
		expect(await read(name, text)).toContain("end");
	});

	it("but HTML in HTML in HTML is refused", async () => {
		await expect(
			read("a.html", `<html>${"<b>a".repeat(times)}`),
		).rejects.toMatchObject({ code: "document-unreadable" });
	});

	it("quotes in quotes keep their words", async () => {
		expect(await read("a.md", `${"> ".repeat(5_000)}deep\n> flat`)).toBe(
			"deep\n\nflat",
		);
	});
});
