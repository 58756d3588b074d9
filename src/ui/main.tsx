/** Starts the page: the swarm's node, the screens on top of it, and keeping both without a server. */
import { render } from "preact";
import { startShoal } from "../node/page.ts";
import { App } from "./app.tsx";
import { fetchParts } from "./later.tsx";
import { createModel } from "./model.ts";
import { whenIdle } from "./shell/idle.ts";
import { keepOffline } from "./shell/offline.ts";
import "./styles.css";
import { restoreTheme } from "./theme.ts";

restoreTheme();
const model = createModel(startShoal());
const offline = keepOffline(() =>
	(model.status.value?.jobs ?? []).some((job) => job.state === "working"),
);
const root = document.querySelector("#app");
if (root === null) throw new Error("The page has no place for the screens");
render(<App model={model} offline={offline} />, root);
whenIdle(() => void fetchParts());
