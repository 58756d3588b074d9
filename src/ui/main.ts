/**
 * Starts the page. The node comes first, in a file of its own: it has the longest way, and the screens arrive while it
 * opens (`npm run bench -- join`).
 */
import { isOutside, startShoal } from "../node/page.ts";
import "./styles.css";

const shown = isOutside() ? showGuest() : showScreens();
shown.catch((error: unknown) => console.error(error));
// A link to a draft is for another kind of page.
addEventListener("hashchange", () => {
	if (isOutside()) location.reload();
});

async function showScreens(): Promise<void> {
	const shoal = startShoal();
	const screens = await import("./screens.tsx");
	screens.show(shoal, await place());
}

async function showGuest(): Promise<void> {
	const [guest, { restoreTheme }] = await Promise.all([
		import("../guest/guest.ts"),
		import("./screens.tsx"),
	]);
	restoreTheme();
	guest.start(await place());
}

/** Where the page has its content. This file may run before all of the page is read. */
async function place(): Promise<Element> {
	if (document.readyState === "loading")
		await new Promise((resolve) => {
			document.addEventListener("DOMContentLoaded", resolve, { once: true });
		});
	const root = document.querySelector("#app");
	if (root === null) throw new Error("The page has no place for the screens");
	return root;
}
