/** Something that scrolls holds the focus, so that the arrow keys can scroll it (not every browser sees to that). */
export function scrollWithKeys(element: HTMLElement | null): void {
	if (element !== null) element.tabIndex = 0;
}
