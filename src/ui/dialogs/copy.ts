/** Copies text, also on a plain-http page, where there is no clipboard API (facts B1). */

/** Rejects where the browser refuses both ways. */
export async function copyText(text: string): Promise<void> {
	const clipboard = (navigator as Partial<Navigator>).clipboard;
	if (clipboard !== undefined) {
		try {
			await clipboard.writeText(text);
			return;
		} catch (error) {
			// Refused (no permission, no focus): the old way below may still do.
			if (!(error instanceof DOMException)) throw error;
		}
	}
	const holder = document.querySelector("dialog[open]") ?? document.body;
	const field = document.createElement("textarea");
	field.value = text;
	field.className = "unseen";
	holder.append(field);
	field.select();
	const copied = document.execCommand("copy");
	field.remove();
	if (!copied) {
		throw new Error(
			"This browser did not allow it. Select the text and copy it by hand",
		);
	}
}
