/** The node's identity store in the browser: IndexedDB for what lasts, a slot keeper for who is alive. */
import type { IdentityStore } from "../node/ports.ts";
import { toHex } from "../wire/bytes.ts";
import type { Random } from "../wire/clock.ts";
import type { Database } from "./idb/database.ts";
import * as rows from "./idb/identity-store.ts";
import type { SlotKeeper } from "./slot-keeper.ts";

/** @param last the slot this tab had before it was reloaded, where it knows */
export function createIdentityStore(
	db: Database,
	keeper: SlotKeeper,
	random: Random,
	last: string | null,
): IdentityStore {
	const freshNonce = (): string => toHex(random.bytes(16));
	return {
		device: (create) => rows.loadOrCreateDevice(db, create),
		async renameDevice(name) {
			const row = await db.get("device", "self");
			if (row !== undefined) await rows.saveDevice(db, { ...row, name });
		},
		async claimSlot(create, options) {
			const all = options?.fresh ? [] : await rows.slots(db);
			// The own last slot first, so that a reloaded page is the same peer again.
			const own = all.filter(({ slot }) => slot === last);
			const others = all.filter(({ slot }) => slot !== last);
			for (const row of [...own, ...others]) {
				if (!(await keeper.take(row.slot, row.slot === last))) continue;
				const claimed = await rows.claimSlot(db, [row], freshNonce());
				if (claimed !== undefined) return claimed;
			}
			const made = { ...(await create()), nonce: freshNonce() };
			await keeper.take(made.slot, false);
			await rows.addSlot(db, made);
			return made;
		},
		swarms: () => rows.swarms(db),
		firstSwarm: (row) => rows.firstSwarm(db, row),
		saveSwarm: (row) => rows.saveSwarm(db, row),
		removeSwarm: (swarm) => rows.removeSwarm(db, swarm),
		setting: (key) => rows.setting(db, key),
		setSetting: (key, value) => rows.setSetting(db, key, value),
		settings: (prefix) => rows.settings(db, prefix),
	};
}
