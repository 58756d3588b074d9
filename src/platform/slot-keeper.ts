/**
 * Which session slots have a living owner (E1). Web Locks where present: a lock dies with its tab. Elsewhere the tabs
 * are asked. Both only make the choice good: what is safe is the fence, checked in every append's transaction.
 */
import type { Clock } from "../wire/clock.ts";
import { SLOT_ANSWER_MS, SLOT_RELEASE_MS } from "../wire/constants.ts";

export interface SlotKeeper {
	/** Whether nobody holds the slot; from then on this page does. `patient`: its last owner may just be closing. */
	take(slot: string, patient: boolean): Promise<boolean>;
}

export function createSlotKeeper(clock: Clock): SlotKeeper {
	return "locks" in navigator ? keepByLocks(clock) : keepByAsking(clock);
}

function keepByLocks(clock: Clock): SlotKeeper {
	return {
		take: (slot, patient) =>
			new Promise((resolve) => {
				const abort = new AbortController();
				const cancel = patient
					? clock.after(SLOT_RELEASE_MS, () => abort.abort())
					: undefined;
				const hold = (lock: Lock | null): Promise<void> | undefined => {
					cancel?.();
					resolve(lock !== null);
					// Held until this worker dies.
					return lock === null ? undefined : new Promise(() => undefined);
				};
				navigator.locks
					.request(
						`shoal/slot/${slot}`,
						patient ? { signal: abort.signal } : { ifAvailable: true },
						hold,
					)
					.catch(() => resolve(false));
			}),
	};
}

type SlotMessage = { readonly ask: string } | { readonly held: string };

function keepByAsking(clock: Clock): SlotKeeper {
	const held = new Set<string>();
	if (typeof BroadcastChannel === "undefined")
		return { take: async () => true };
	const channel = new BroadcastChannel("shoal/slots");
	const answers = new Map<string, () => void>();
	channel.onmessage = ({ data }: MessageEvent<SlotMessage>) => {
		if ("held" in data) answers.get(data.held)?.();
		else if (held.has(data.ask)) channel.postMessage({ held: data.ask });
	};
	return {
		take: (slot) =>
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
			}),
	};
}
