/** Web Locks, by which the tabs of a browser profile agree on their uplink (L7). Absent in insecure contexts (facts B1). */
import type { UplinkPort } from "../mesh/uplink.ts";

export function createUplinkPort(
	isVisible: () => boolean,
): UplinkPort | undefined {
	if (!("locks" in navigator)) return undefined;
	const { locks } = navigator;
	return {
		isVisible,
		lock(name, steal, { held, lost }) {
			const abort = new AbortController();
			let release: (() => void) | undefined;
			let isOver = false;
			const hold = (): Promise<void> | undefined => {
				if (isOver) return undefined;
				return new Promise((resolve) => {
					release = resolve;
					held();
				});
			};
			locks
				.request(
					`shoal/${name}`,
					// The two do not go together.
					steal ? { steal } : { signal: abort.signal },
					hold,
				)
				.catch(() => {
					// Stolen, or given up here.
					if (!isOver) lost();
				});
			return () => {
				isOver = true;
				if (release === undefined) abort.abort();
				else release();
			};
		},
	};
}
