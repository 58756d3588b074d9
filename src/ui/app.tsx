/** The whole page: rail, bar, one place at a time, and what stands over them. */
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ModelContext } from "./context.ts";
import { later } from "./later.tsx";
import type { Model } from "./model.ts";
import { ResearchScreen } from "./research/research-screen.tsx";
import { Banners } from "./shell/banners.tsx";
import { Bar } from "./shell/bar.tsx";
import { Broken } from "./shell/broken.tsx";
import { DropTarget } from "./shell/drop-target.tsx";
import { Notices } from "./shell/notice-list.tsx";
import type { Offline } from "./shell/offline.ts";
import { Rail } from "./shell/rail.tsx";

const SwarmScreen = later(
	"The swarm cannot be shown",
	async () => (await import("./swarm/swarm-screen.tsx")).SwarmScreen,
);
const DraftsScreen = later(
	"The drafts cannot be shown",
	async () => (await import("./drafts/drafts-screen.tsx")).DraftsScreen,
);
const Dialogs = later(
	"The dialog cannot be opened",
	async () => (await import("./dialogs/dialogs.tsx")).Dialogs,
);

export function App({
	model,
	offline,
}: {
	model: Model;
	/** Null until the page is being kept. */
	offline: ReadonlySignal<Offline | null>;
}) {
	useShortcuts(model);
	const broken = model.broken.value;
	if (broken !== null) return <Broken reason={broken} />;
	const place = model.route.value.place;
	return (
		<ModelContext.Provider value={model}>
			<a class="skip" href="#content">
				Skip to the content
			</a>
			<div class="shell">
				<Rail />
				<Bar />
				<div class="stage">
					<Banners offline={offline} />
					<Notices />
					{place === "swarm" ? (
						<SwarmScreen offline={offline.value} />
					) : place === "drafts" ? (
						<DraftsScreen />
					) : (
						<ResearchScreen />
					)}
				</div>
			</div>
			<DropTarget />
			{model.dialog.value !== null && <Dialogs />}
			<Said model={model} />
		</ModelContext.Provider>
	);
}

/** Progress in words, for screen readers; never more often than they can be spoken. */
function Said({ model }: { model: Model }) {
	const words = model.said.value;
	const [spoken, setSpoken] = useState("");
	useEffect(() => {
		const timer = setTimeout(() => setSpoken(words), 300);
		return () => clearTimeout(timer);
	}, [words]);
	return (
		<p class="unseen" role="status" aria-live="polite">
			{spoken}
		</p>
	);
}

function useShortcuts(model: Model): void {
	useEffect(() => {
		function onKey(event: KeyboardEvent): void {
			if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
			if (event.key.toLowerCase() !== "k") return;
			event.preventDefault();
			if (model.dialog.value?.kind === "palette") model.close();
			else model.open({ kind: "palette" });
		}
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, [model]);
}
