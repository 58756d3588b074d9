/** The two hidden inputs behind every "add files" and "add a folder". */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useModel } from "../context.ts";
import { filesOfPicker } from "./drop.ts";

interface Pick {
	files(): void;
	folder(): void;
}

export const ACCEPTED =
	".pdf,.docx,.md,.markdown,.html,.htm,.txt,.text,text/*,application/pdf";

export function FileButtons(props: {
	class: string;
	children: (pick: Pick) => ComponentChildren;
}) {
	const model = useModel();
	const files = useRef<HTMLInputElement>(null);
	const folder = useRef<HTMLInputElement>(null);
	const add = (event: Event) => {
		const input = event.currentTarget;
		if (!(input instanceof HTMLInputElement)) return;
		model.addFiles(filesOfPicker(input.files ?? []));
		// Choosing the same file again is a change again.
		input.value = "";
	};
	return (
		<div class={props.class}>
			{props.children({
				files: () => files.current?.click(),
				folder: () => folder.current?.click(),
			})}
			<input
				ref={files}
				type="file"
				multiple
				hidden
				accept={ACCEPTED}
				aria-label="Files to add"
				onChange={add}
			/>
			<input
				ref={(input) => {
					folder.current = input;
					if (input !== null) input.webkitdirectory = true;
				}}
				type="file"
				hidden
				aria-label="Folder to add"
				onChange={add}
			/>
		</div>
	);
}
