/** A draft's text in a field, with what came from outside marked under its words. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { DraftSpan } from "../../node/api.ts";
import { fillField, type ShowText, type TextSource } from "./text-field.ts";

export function TextEditor({
	open,
	label,
	spans,
}: {
	/** Begins showing the text; once for each function that is given. */
	open: (show: ShowText) => TextSource;
	label: string;
	spans: readonly DraftSpan[];
}) {
	const area = useRef<HTMLTextAreaElement>(null);
	const [text, setText] = useState("");
	useLayoutEffect(
		() =>
			area.current === null
				? undefined
				: fillField(area.current, open, setText),
		[open],
	);
	return (
		<div class="text-field">
			<textarea
				ref={area}
				aria-label={label}
				spellcheck
				placeholder="Write here. Every device of this swarm sees it as you do."
			/>
			{/* A last line that is empty would have no height without the space. */}
			<div class="under" aria-hidden="true">
				{marked(text, spans)}{" "}
			</div>
		</div>
	);
}

function marked(
	text: string,
	spans: readonly DraftSpan[],
): ComponentChildren[] {
	const parts: ComponentChildren[] = [];
	let at = 0;
	for (const { start, end, outside } of spans) {
		if (!outside || start < at || end > text.length) continue;
		parts.push(
			text.slice(at, start),
			<mark key={start}>{text.slice(start, end)}</mark>,
		);
		at = end;
	}
	parts.push(text.slice(at));
	return parts;
}
