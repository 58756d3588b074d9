import { describe, expect, it } from "vitest";
import {
	filesOfDrop,
	filesOfEntries,
	filesOfPicker,
	MAX_DROPPED_FILES,
} from "../../../src/ui/research/drop.ts";

interface Tree {
	readonly [name: string]: Tree | string;
}

/** File system entries as browsers give them: a folder answers a hundred at a time, then an empty list. */
function entriesOf(tree: Tree, above = ""): FileSystemEntry[] {
	return Object.entries(tree).map(([name, content]) => {
		const fullPath = `${above}/${name}`;
		const common = { name, fullPath };
		if (typeof content === "string") {
			return {
				...common,
				isDirectory: false,
				isFile: true,
				file: (done: (file: File) => void) => done(new File([content], name)),
			} as unknown as FileSystemEntry;
		}
		return {
			...common,
			isDirectory: true,
			isFile: false,
			createReader() {
				const left = entriesOf(content, fullPath);
				return {
					readEntries: (done: (some: FileSystemEntry[]) => void) =>
						done(left.splice(0, 100)),
				};
			},
		} as unknown as FileSystemEntry;
	});
}

const names = (files: readonly File[]) => files.map((file) => file.name);

describe("files of a drop", () => {
	it("come from the bottom of folders, named by their path, in the order of their names", async () => {
		const files = await filesOfEntries(
			entriesOf({
				trials: { "b.md": "b", deep: { "c.md": "c" }, "a.md": "a" },
				"z.txt": "z",
			}),
		);
		expect(names(files)).toEqual([
			"trials/a.md",
			"trials/b.md",
			"trials/deep/c.md",
			"z.txt",
		]);
		expect(await files[2]?.text()).toBe("c");
	});

	it("leave out what file systems leave behind", async () => {
		const files = await filesOfEntries(
			entriesOf({
				docs: {
					".DS_Store": "",
					".git": { config: "" },
					__MACOSX: { "a.md": "" },
					"Thumbs.db": "",
					"kept.md": "",
				},
			}),
		);
		expect(names(files)).toEqual(["docs/kept.md"]);
	});

	it("come whole from folders of more than a hundred", async () => {
		const folder = Object.fromEntries(
			Array.from({ length: 250 }, (_, n) => [`${n}.md`, ""]),
		);
		expect(await filesOfEntries(entriesOf({ folder }))).toHaveLength(250);
	});

	it("stop where it can only be a mistake", async () => {
		const folder = Object.fromEntries(
			Array.from({ length: MAX_DROPPED_FILES + 10 }, (_, n) => [`${n}`, ""]),
		);
		const files = await filesOfEntries(entriesOf({ folder }));
		expect(files).toHaveLength(MAX_DROPPED_FILES);
	});

	it("come from the plain list where the browser gives no entries", async () => {
		const file = new File(["x"], "x.md");
		const transfer = { items: [], files: [file] };
		expect(
			names(
				await filesOfDrop(
					transfer as unknown as Pick<DataTransfer, "items" | "files">,
				),
			),
		).toEqual(["x.md"]);
	});

	it("of a folder picker keep their path too", () => {
		const file = Object.assign(new File(["x"], "x.md"), {
			webkitRelativePath: "docs/x.md",
		});
		expect(names(filesOfPicker([file]))).toEqual(["docs/x.md"]);
	});
});
