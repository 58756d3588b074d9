/** Files that could not be added, gathered by reason: forty pictures in a folder are one line, not forty. */
import type { AddedDocument } from "../../node/api.ts";

type Failure = Extract<AddedDocument, { ok: false }>;

export interface FailureGroup {
	readonly message: string;
	readonly files: readonly Failure[];
}

/** Groups failures by what they say, a file's own name aside; in the order in which each reason came first. */
export function groupFailures(failures: readonly Failure[]): FailureGroup[] {
	const groups = new Map<string, { message: string; files: Failure[] }>();
	for (const failure of failures) {
		const key = `${failure.code} ${failure.message.replaceAll(failure.name, "")}`;
		const group = groups.get(key);
		if (group === undefined) {
			groups.set(key, { message: failure.message, files: [failure] });
		} else {
			group.files.push(failure);
		}
	}
	return [...groups.values()];
}
