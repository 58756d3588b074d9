/** The question field, always at hand. Enter asks, Shift-Enter makes a line. */
import { ArrowUp } from "lucide";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";

/** A question is a sentence or a few, not a document. */
const MAX_QUESTION = 2_000;

export function AskForm() {
	const model = useModel();
	const field = useRef<HTMLTextAreaElement>(null);
	const text = model.question.value;
	const documents = model.documents.value;
	const none = documents !== null && documents.length === 0;

	// As high as what stands in it.
	useLayoutEffect(() => {
		const element = field.current;
		if (element === null || text === undefined) return;
		element.style.height = "auto";
		element.style.height = `${Math.min(element.scrollHeight + 2, 180)}px`;
	}, [text]);

	function ask(): void {
		if (text.trim() === "") field.current?.focus();
		else if (none) {
			model.tell({
				tone: "info",
				title: "There is nothing to ask yet",
				detail:
					"Add documents first: drop them here, or try the sample documents. Your question is kept.",
			});
		} else model.ask(text);
	}

	return (
		<form
			class="ask"
			onSubmit={(event) => {
				event.preventDefault();
				ask();
			}}
		>
			<div class="field">
				<textarea
					ref={field}
					id="question"
					rows={1}
					aria-label="Question"
					placeholder={none ? "Add documents, then ask" : "Ask your documents"}
					maxLength={MAX_QUESTION}
					value={text}
					onInput={(event) => {
						model.question.value = event.currentTarget.value;
					}}
					onKeyDown={(event) => {
						if (event.key !== "Enter" || event.shiftKey || event.isComposing)
							return;
						event.preventDefault();
						ask();
					}}
				/>
				<button type="submit" class="primary" aria-label="Ask the swarm">
					<Icon of={ArrowUp} />
					<span>Ask</span>
				</button>
			</div>
		</form>
	);
}
