import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DraftEditor } from "../../../src/node/draft-editor.ts";
import {
	applySplices,
	moveSplices,
	type Splice,
} from "../../../src/wire/text-splice.ts";

/** A draft in the worker, whose answers the test lets through one by one. */
function draftOf(text: string) {
	const changes: Splice[][] = [];
	const waiting: (() => void)[] = [];
	const draft = {
		text,
		get version() {
			return changes.length + 1;
		},
		/** Somebody else, or the editor, changes it. */
		change(splice: Splice, version = changes.length + 1) {
			const moved = changes.slice(version - 1).reduce(moveSplices, [splice]);
			draft.text = applySplices(draft.text, moved);
			changes.push(moved);
			return { version: draft.version, text: draft.text };
		},
		send: (splice: Splice, version: number) => {
			const after = draft.change(splice, version);
			return new Promise<typeof after>((resolve) => {
				waiting.push(() => resolve(after));
			});
		},
		/** The worker answers the edit that waits longest. */
		async answer() {
			waiting.shift()?.();
			for (let turn = 0; turn < 8; turn++) await Promise.resolve();
		},
	};
	return draft;
}
const told = ({ version, text }: ReturnType<typeof draftOf>) => ({
	version,
	text,
});

describe("a draft in an editor", () => {
	it("shows what others write while nobody types", () => {
		const shown: string[] = [];
		const draft = draftOf("one");
		const editor: DraftEditor = new DraftEditor(draft.send, () =>
			shown.push(editor.text),
		);
		editor.told(told(draft));
		draft.change({ at: 3, remove: 0, insert: " two" });
		editor.told(told(draft));
		expect(shown).toEqual(["one", "one two"]);
	});

	it("tells where a caret stands after what others write", () => {
		const carets: number[] = [];
		const draft = draftOf("one three");
		const editor = new DraftEditor(draft.send, (move) => {
			carets.push(move(0), move(3), move(9));
		});
		editor.told(told(draft));
		carets.length = 0;
		draft.change({ at: 3, remove: 0, insert: " two" });
		editor.told(told(draft));
		expect(carets).toEqual([0, 3, 13]);
	});

	it("keeps what is typed while an edit is under way, and what others write meanwhile", async () => {
		const draft = draftOf("one");
		const editor = new DraftEditor(draft.send, () => undefined);
		editor.told(told(draft));
		const stored = editor.type("one A");
		draft.change({ at: 0, remove: 0, insert: "B " });
		editor.told(told(draft));
		void editor.type("one A and more");
		await draft.answer();
		await draft.answer();
		await stored;
		expect(draft.text).toBe("B one A and more");
		expect(editor.text).toBe(draft.text);
	});

	it("merges what is typed into a text that it has not shown yet", async () => {
		const draft = draftOf("one two");
		const editor = new DraftEditor(draft.send, () => undefined);
		editor.told(told(draft));
		draft.change({ at: 0, remove: 0, insert: "zero " });
		editor.told(told(draft));
		// As in the middle of composing a character, when nothing else may be put into the field.
		const stored = editor.type("one two three", "one two");
		await draft.answer();
		await stored;
		expect(draft.text).toBe("zero one two three");
		expect(editor.text).toBe("zero one two three");
	});

	it("goes on after an edit that was refused, with what was typed", async () => {
		const draft = draftOf("");
		let refuse = true;
		const editor = new DraftEditor(
			(splice, version) =>
				refuse
					? Promise.reject(new Error("not saved"))
					: draft.send(splice, version),
			() => undefined,
		);
		editor.told(told(draft));
		await expect(editor.type("kept")).rejects.toThrow("not saved");
		expect(editor.text).toBe("kept");
		refuse = false;
		const stored = editor.type("kept on");
		await draft.answer();
		await stored;
		expect(draft.text).toBe("kept on");
	});

	it("ends with the draft's own text, and every word typed in it, however the turns fall", async () => {
		const step = fc.oneof(
			fc.record({ kind: fc.constant("type" as const), at: fc.nat(200) }),
			fc.record({ kind: fc.constant("other" as const), at: fc.nat(200) }),
			fc.record({ kind: fc.constantFrom("told", "answer") }),
		);
		await fc.assert(
			fc.asyncProperty(
				fc.array(step as fc.Arbitrary<{ kind: string; at?: number }>, {
					maxLength: 40,
				}),
				async (steps) => {
					const draft = draftOf("");
					const editor = new DraftEditor(draft.send, () => undefined);
					editor.told(told(draft));
					let word = 0;
					let typed = "";
					const place = (text: string, at = 0) => {
						// Between words: what others cut in two is not this test's.
						const places = [...text.matchAll(/ /g)].map(({ index }) => index);
						return places[at % Math.max(1, places.length)] ?? 0;
					};
					const all: Promise<void>[] = [];
					for (const { kind, at } of steps) {
						const insert = ` ${kind === "type" ? "t" : "o"}${word}`;
						if (kind === "type") {
							typed = applySplices(editor.text, [
								{ at: place(editor.text, at), remove: 0, insert },
							]);
							all.push(editor.type(typed));
							word++;
						} else if (kind === "other") {
							draft.change({ at: place(draft.text, at), remove: 0, insert });
							word++;
						} else if (kind === "told") editor.told(told(draft));
						else await draft.answer();
					}
					for (let turn = 0; turn < 50; turn++) await draft.answer();
					await Promise.all(all);
					editor.told(told(draft));
					expect(editor.text).toBe(draft.text);
					const words = draft.text.trim().split(/ +/).filter(Boolean);
					expect(new Set(words).size).toBe(words.length);
					expect(words.length).toBe(word);
				},
			),
			{ numRuns: 500 },
		);
	});
});
