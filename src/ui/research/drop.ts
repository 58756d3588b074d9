/** Files out of a drop or a folder picker, folders walked to the bottom, each file named with its path. */

/** Left behind by file systems; nobody means to add them. */
const LITTER = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;
/** A folder that holds more is not what somebody meant to drop (a home directory, a build cache). */
export const MAX_DROPPED_FILES = 5_000;

/**
 * Everything in a drop. Must be called in the drop event itself: the browser empties `items` when it returns.
 * At most `MAX_DROPPED_FILES` come back.
 */
export async function filesOfDrop(
	transfer: Pick<DataTransfer, "items" | "files">,
): Promise<File[]> {
	const entries: FileSystemEntry[] = [];
	for (const item of transfer.items) {
		const entry = item.kind === "file" ? item.webkitGetAsEntry() : null;
		if (entry !== null) entries.push(entry);
	}
	if (entries.length === 0) return filesOfPicker(transfer.files);
	return filesOfEntries(entries);
}

/** The files below entries, depth first, in the order of the names. Litter is left out. */
export async function filesOfEntries(
	entries: readonly FileSystemEntry[],
): Promise<File[]> {
	const files: File[] = [];
	const waiting = [...entries].reverse();
	while (files.length < MAX_DROPPED_FILES) {
		const entry = waiting.pop();
		if (entry === undefined) break;
		const path = entry.fullPath.replace(/^\//, "");
		if (LITTER.test(entry.isDirectory ? `${path}/` : path)) continue;
		if (entry.isDirectory) {
			const children = await childrenOf(entry as FileSystemDirectoryEntry);
			children.sort((a, b) => (a.name < b.name ? 1 : -1));
			waiting.push(...children);
		} else {
			files.push(named(await fileOf(entry as FileSystemFileEntry), path));
		}
	}
	return files;
}

/** The files of an `<input type="file">`, of a folder too. */
export function filesOfPicker(list: Iterable<File>): File[] {
	return [...list]
		.map((file) => named(file, file.webkitRelativePath || file.name))
		.filter((file) => !LITTER.test(file.name))
		.slice(0, MAX_DROPPED_FILES);
}

/** A file whose name is its path: `webkitRelativePath` does not survive the way into a worker. */
function named(file: File, path: string): File {
	if (file.name === path) return file;
	return new File([file], path, {
		type: file.type,
		lastModified: file.lastModified,
	});
}

/** `readEntries` gives a hundred at a time and an empty list at the end. */
async function childrenOf(
	folder: FileSystemDirectoryEntry,
): Promise<FileSystemEntry[]> {
	const reader = folder.createReader();
	const all: FileSystemEntry[] = [];
	while (all.length < MAX_DROPPED_FILES) {
		const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
			reader.readEntries(resolve, reject);
		});
		if (some.length === 0) break;
		all.push(...some);
	}
	return all;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
	return new Promise((resolve, reject) => entry.file(resolve, reject));
}
