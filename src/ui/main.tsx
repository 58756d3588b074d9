/** Starts the page: the swarm's node, the screens on top of it, and keeping both without a server. */
import { render } from "preact";
import { isOutside, startShoal } from "../node/page.ts";
import { App } from "./app.tsx";
import { fetchParts } from "./later.tsx";
import { createModel } from "./model.ts";
import { whenIdle } from "./shell/idle.ts";
import { keepOffline } from "./shell/offline.ts";
import "./styles.css";
import { restoreTheme } from "./theme.ts";

restoreTheme();
const root = document.querySelector("#app");
if (root === null) throw new Error("The page has no place for the screens");
if (isOutside()) void startGuest(root);
else startPeer(root);
// A link to a draft is for another kind of page.
addEventListener("hashchange", () => {
	if (isOutside()) location.reload();
});

function startPeer(place: Element): void {
	const model = createModel(startShoal());
	const offline = keepOffline(() =>
		(model.status.value?.jobs ?? []).some((job) => job.state === "working"),
	);
	render(<App model={model} offline={offline} />, place);
	whenIdle(() => void fetchParts());
}

async function startGuest(place: Element): Promise<void> {
	const { start } = await import("../guest/guest.ts");
	start(place);
}
