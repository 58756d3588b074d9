/** Session slots where there are no Web Locks: the other tabs are asked (E1). */
import type { Clock } from "../wire/clock.ts";
import { SLOT_ANSWER_MS } from "../wire/constants.ts";

type SlotMessage = { readonly ask: string } | { readonly held: string };

/** @returns whether nobody holds a slot; from then on this page does */
export function keepByAsking(clock: Clock): (slot: string) => Promise<boolean> {
	const held = new Set<string>();
	if (typeof BroadcastChannel === "undefined") return async () => true;
	const channel = new BroadcastChannel("shoal/slots");
	const answers = new Map<string, () => void>();
	channel.onmessage = ({ data }: MessageEvent<SlotMessage>) => {
		if ("held" in data) answers.get(data.held)?.();
		else if (held.has(data.ask)) channel.postMessage({ held: data.ask });
	};
	return (slot) =>
		new Promise((resolve) => {
			const cancel = clock.after(SLOT_ANSWER_MS, () => {
				answers.delete(slot);
				held.add(slot);
				resolve(true);
			});
			answers.set(slot, () => {
				answers.delete(slot);
				cancel();
				resolve(false);
			});
			channel.postMessage({ ask: slot });
		});
}
