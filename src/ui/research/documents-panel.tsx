/** The documents, each with its passage strip, the files that could not be read, and the ways to add more. */
import { ChevronRight, FilePlus, FolderPlus, Trash2, X } from "lucide";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { DocumentInfo, Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { count, fileSize, ofAll, splitName, splitPath } from "../format.ts";
import { Icon } from "../icon.tsx";
import { later } from "../later.tsx";
import { useWide } from "../shell/use-wide.ts";
import { FileButtons } from "./file-buttons.tsx";

const FailedFiles = later(
	"What was not added cannot be listed",
	async () => (await import("./failed-files.tsx")).FailedFiles,
);
const PassageStrip = later(
	"What was read cannot be drawn",
	async () => (await import("./passage-strip.tsx")).PassageStrip,
);

const byName = new Intl.Collator("en", { numeric: true });

type Readings = Progress["readings"];

export function DocumentsPanel({ readings }: { readings: Readings }) {
	const model = useModel();
	const column = useWide(761);
	const [open, setOpen] = useState(false);
	const documents = model.documents.value ?? [];
	const passages = documents.reduce((sum, d) => sum + d.passages, 0);
	const sorted = [...documents].sort(inFolders);
	const shown = column || open;
	const summary =
		documents.length === 0
			? "none yet"
			: `${documents.length} · ${count(passages, "passage")}`;
	return (
		<section class="documents" aria-label="Documents">
			<h2>
				{column ? (
					<>
						Documents <small>{summary}</small>
					</>
				) : (
					<button
						type="button"
						class="plain fold"
						aria-expanded={open}
						onClick={() => setOpen(!open)}
					>
						<Icon of={ChevronRight} size={16} />
						Documents <small>{summary}</small>
					</button>
				)}
			</h2>
			<Adding />
			{model.failedFiles.value.length > 0 && <FailedFiles />}
			{shown && (
				<>
					<ol>
						{sorted.map((document, at) => (
							<Fragment key={document.id}>
								<Folder
									name={document.name}
									before={sorted[at - 1]?.name ?? ""}
								/>
								<Document document={document} readings={readings} />
							</Fragment>
						))}
					</ol>
					<FileButtons class="drop-hint">
						{(pick) => (
							<>
								<p>
									Drop files or a folder
									<small>
										PDF, DOCX, Markdown, HTML, text. They stay on your devices.
									</small>
								</p>
								<span>
									<button type="button" class="quiet" onClick={pick.files}>
										<Icon of={FilePlus} /> Files
									</button>
									<button type="button" class="quiet" onClick={pick.folder}>
										<Icon of={FolderPlus} /> Folder
									</button>
								</span>
							</>
						)}
					</FileButtons>
				</>
			)}
		</section>
	);
}

/** Single files first, then folder by folder. */
function inFolders(a: DocumentInfo, b: DocumentInfo): number {
	const [one, other] = [splitPath(a.name), splitPath(b.name)];
	return (
		byName.compare(one.folder, other.folder) ||
		byName.compare(one.file, other.file)
	);
}

/** A folder's name above the first of its documents. */
function Folder({ name, before }: { name: string; before: string }) {
	const { folder } = splitPath(name);
	if (folder === "" || folder === splitPath(before).folder) return null;
	return (
		<li class="folder" title={folder}>
			{folder}
		</li>
	);
}

function Document(props: { document: DocumentInfo; readings: Readings }) {
	const model = useModel();
	const [asking, setAsking] = useState(false);
	const { document, readings } = props;
	const { head, tail } = splitName(splitPath(document.name).file);
	const read = readings
		.filter((reading) => reading.document === document.id)
		.reduce((sum, reading) => sum + reading.to - reading.from, 0);
	const words =
		read > 0 && read < document.passages
			? ofAll(read, document.passages)
			: count(document.passages, "passage");
	return (
		<li class="document">
			<button
				type="button"
				class="plain name"
				title={`${document.name} · ${fileSize(document.size)}${document.pages === undefined ? "" : ` · ${count(document.pages, "page")}`}`}
				onClick={() => model.open({ kind: "reader", document: document.id })}
			>
				<span>{head}</span>
				{tail}
			</button>
			{asking ? (
				<span class="confirm">
					<button
						type="button"
						class="link danger"
						// The button that was pressed is gone: the focus goes to what took its place.
						ref={focusOnce}
						onClick={() => model.removeDocument(document)}
					>
						Remove
					</button>
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Keep it"
						onClick={() => setAsking(false)}
					>
						<Icon of={X} size={16} />
					</button>
				</span>
			) : (
				<>
					<small>{words}</small>
					<button
						type="button"
						class="ghost only-icon remove"
						aria-label={`Remove ${document.name}`}
						title="Remove"
						onClick={() => setAsking(true)}
					>
						<Icon of={Trash2} size={16} />
					</button>
				</>
			)}
			<PassageStrip document={document} readings={readings} />
		</li>
	);
}

function focusOnce(element: HTMLElement | null): void {
	element?.focus();
}

function Adding() {
	const adding = useModel().adding.value;
	if (adding === null) return null;
	return (
		<div class="adding">
			<p>
				Opening files <small>{ofAll(adding.done, adding.total)}</small>
			</p>
			<progress value={adding.done} max={adding.total} aria-label="Opening" />
		</div>
	);
}
