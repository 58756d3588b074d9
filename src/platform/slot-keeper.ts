/**
 * Which session slots have a living owner (E1). Web Locks where present: a lock dies with its tab. Elsewhere the tabs
 * are asked. Both only make the choice good: what is safe is the fence, checked in every append's transaction.
 */
import type { Clock } from "../wire/clock.ts";
import { SLOT_RELEASE_MS } from "../wire/constants.ts";

export interface SlotKeeper {
	/** Whether nobody holds the slot; from then on this page does. `patient`: its last owner may just be closing. */
	take(slot: string, patient: boolean): Promise<boolean>;
}

export function createSlotKeeper(clock: Clock): SlotKeeper {
	if ("locks" in navigator) return keepByLocks(clock);
	// Fetched by pages of plain HTTP alone (facts B1).
	const asking = import("./slot-asking.ts").then(({ keepByAsking }) =>
		keepByAsking(clock),
	);
	return {
		take: async (slot) => (await asking)(slot),
	};
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
