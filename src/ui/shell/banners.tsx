/** Where states of the whole page are said that somebody should know of. Most of the time there are none. */
import type { ReadonlySignal } from "@preact/signals";
import { useModel } from "../context.ts";
import { later } from "../later.tsx";
import type { Offline } from "./offline.ts";

const BannerList = later(
	"A message cannot be shown",
	async () => (await import("./banner-list.tsx")).BannerList,
);

export function Banners({
	offline,
}: {
	offline: ReadonlySignal<Offline | null>;
}) {
	const status = useModel().status.value;
	const kept = offline.value;
	const isAny =
		(kept !== null && kept.update.value !== "none") ||
		(status !== null &&
			(status.notSaved !== null ||
				status.joining !== null ||
				status.cameFrom !== null ||
				status.warnings.length > 0));
	// The region is there from the start: a screen reader tells of what comes into it.
	return (
		<div class="banners" aria-live="polite">
			{isAny && <BannerList offline={kept} />}
		</div>
	);
}
