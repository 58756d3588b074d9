/** The screens on top of the swarm's node, and keeping both without a server. */
import { signal } from "@preact/signals";
import { render } from "preact";
import type { Shoal } from "../node/api.ts";
import { App } from "./app.tsx";
import { fetchParts } from "./later.tsx";
import { createModel } from "./model.ts";
import { whenIdle } from "./shell/idle.ts";
import type { Offline } from "./shell/offline.ts";
import { restoreTheme } from "./theme.ts";

export { restoreTheme };

/** Draws the page. Call once. */
export function show(shoal: Shoal, place: Element): void {
	restoreTheme();
	const model = createModel(shoal);
	const offline = signal<Offline | null>(null);
	const keep = async (): Promise<void> => {
		const { keepOffline } = await import("./shell/offline.ts");
		offline.value = keepOffline(() =>
			(model.status.value?.jobs ?? []).some((job) => job.state === "working"),
		);
	};
	render(<App model={model} offline={offline} />, place);
	void whenIdle(shoal.ready, () => {
		void fetchParts();
		// Without its server the page runs on as it is.
		keep().catch(() => undefined);
	});
}
