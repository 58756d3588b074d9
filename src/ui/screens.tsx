/** The screens on top of the swarm's node, and keeping both without a server. */
import { render } from "preact";
import type { Shoal } from "../node/api.ts";
import { App } from "./app.tsx";
import { fetchParts } from "./later.tsx";
import { createModel } from "./model.ts";
import { whenIdle } from "./shell/idle.ts";
import { keepOffline } from "./shell/offline.ts";
import { restoreTheme } from "./theme.ts";

export { restoreTheme };

/** Draws the page. Call once. */
export function show(shoal: Shoal, place: Element): void {
	restoreTheme();
	const model = createModel(shoal);
	const offline = keepOffline(() =>
		(model.status.value?.jobs ?? []).some((job) => job.state === "working"),
	);
	render(<App model={model} offline={offline} />, place);
	void whenIdle(shoal.ready, () => {
		void fetchParts();
		offline.keep();
	});
}
