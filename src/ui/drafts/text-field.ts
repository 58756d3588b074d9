/**
 * A field for a text that others write into at the same time: the caret stays where its words are. Its words lie under it
 * a second time; that makes the field as high as they are, and lets marks be drawn.
 */

/** Puts a text into the field; `move` tells where a position in the text before stands now. */
export type ShowText = (
	text: string,
	move: (position: number) => number,
) => void;

/** Where a field's text comes from, and goes. */
export interface TextSource {
	/** @param shown what stood in the field before it was typed into */
	type(text: string, shown: string): void;
	close(): void;
}

/**
 * Begins showing a text in a field.
 *
 * @param onText the field shows another text, or shows it anew
 * @returns what ends it
 */
export function fillField(
	area: HTMLTextAreaElement,
	open: (show: ShowText) => TextSource,
	onText: (text: string) => void,
): () => void {
	let shown = area.value;
	let isComposing = false;
	const source = open((text, move) => {
		// A character that is being composed is not touched; what comes meanwhile is merged when it is there.
		if (isComposing) return;
		if (area.value !== text) {
			const start = move(area.selectionStart);
			const end = move(area.selectionEnd);
			area.value = text;
			// Safari takes it for a wish to type here.
			if (document.activeElement === area) area.setSelectionRange(start, end);
		}
		shown = text;
		onText(text);
	});
	const typed = (): void => {
		if (isComposing) return;
		const before = shown;
		shown = area.value;
		onText(shown);
		source.type(shown, before);
	};
	const listening = new AbortController();
	const { signal } = listening;
	area.addEventListener("input", typed, { signal });
	area.addEventListener(
		"compositionstart",
		() => {
			isComposing = true;
		},
		{ signal },
	);
	area.addEventListener(
		"compositionend",
		() => {
			isComposing = false;
			typed();
		},
		{ signal },
	);
	return () => {
		listening.abort();
		source.close();
	};
}
