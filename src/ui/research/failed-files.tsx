/** What could not be read of the files that were added, by reason; it stays until it is dismissed. */
import { FileWarning, X } from "lucide";
import { useModel } from "../context.ts";
import { count, splitPath } from "../format.ts";
import { Icon } from "../icon.tsx";
import type { FailedFile } from "../model.ts";
import "./failed-files.css";
import { groupFailures } from "./failures.ts";

export function FailedFiles() {
	const model = useModel();
	const failed = model.failedFiles.value;
	return (
		<div class="failed-files" role="alert">
			<div class="head">
				<Icon of={FileWarning} />
				<b>{count(failed.length, "file")} not added</b>
				<button
					type="button"
					class="ghost only-icon"
					aria-label="Dismiss"
					onClick={() => model.dismissFiles()}
				>
					<Icon of={X} size={16} />
				</button>
			</div>
			<ul>
				{groupFailures(failed).map((group) => (
					<li key={group.message}>
						<FileNames files={group.files} />
						<small>{group.message}</small>
					</li>
				))}
			</ul>
		</div>
	);
}

function FileNames({ files }: { files: readonly FailedFile[] }) {
	const [first] = files;
	if (first === undefined) return null;
	if (files.length === 1) {
		return <b title={first.name}>{splitPath(first.name).file}</b>;
	}
	return (
		<details>
			<summary>
				<b>{count(files.length, "file")}</b>
			</summary>
			{files.slice(0, 100).map((file) => (
				<span key={file.name}>{file.name}</span>
			))}
			{files.length > 100 && <span>and {files.length - 100} more</span>}
		</details>
	);
}
