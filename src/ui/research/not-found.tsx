/** The documents do not answer the question: what was done to find out, and what to try. */
import { FilePlus, PenLine, SearchX } from "lucide";
import type { Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { count } from "../format.ts";
import { Icon } from "../icon.tsx";
import { FileButtons } from "./file-buttons.tsx";

export function NotFound({ progress }: { progress: Progress }) {
	const model = useModel();
	const { read } = progress.passages;
	const documents = progress.draft.coverage.length;
	return (
		<section class="not-found">
			<Icon of={SearchX} size={28} />
			<h3>Your documents do not answer this</h3>
			<p>
				{count(read, "passage")} in {count(documents, "document")}{" "}
				{read === 1 ? "was" : "were"} read, and none says enough to cite.
				Nothing was made up in its place.
			</p>
			<p>
				Add a document that might say it, or ask in the words your documents
				use.
			</p>
			<FileButtons class="ways">
				{(pick) => (
					<>
						<button
							type="button"
							class="quiet"
							onClick={() => {
								model.question.value = progress.draft.question;
								document.querySelector<HTMLElement>("#question")?.focus();
							}}
						>
							<Icon of={PenLine} /> Ask in other words
						</button>
						<button type="button" class="quiet" onClick={pick.files}>
							<Icon of={FilePlus} /> Add files
						</button>
					</>
				)}
			</FileButtons>
		</section>
	);
}
