/** A browser profile's identity storage in memory: it outlives the pages that use it. */
import type {
	DeviceRow,
	IdentityStore,
	SlotRow,
	SwarmRow,
} from "../../../src/node/ports.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import type { Random } from "../../../src/wire/clock.ts";

export interface ProfileIdentity {
	readonly store: IdentityStore;
	/** By slot, the nonce that its owner must show (E1). */
	readonly nonces: ReadonlyMap<string, string>;
	/** A page of this profile is gone: its slot may be taken over. */
	release(slot: string): void;
	/** Remembers what is stored now. Returns a way back to it. */
	capture(): () => void;
}

export function profileIdentity(random: Random): ProfileIdentity {
	let device: DeviceRow | undefined;
	const slots = new Map<string, SlotRow>();
	const held = new Set<string>();
	const nonces = new Map<string, string>();
	const swarms = new Map<string, SwarmRow>();
	const settings = new Map<string, unknown>();
	const store: IdentityStore = {
		async device(create) {
			const made = device ?? (await create());
			device ??= made;
			return device;
		},
		async renameDevice(name) {
			if (device !== undefined) device = { ...device, name };
		},
		async claimSlot(create, options) {
			const free = [...slots.values()].find(({ slot }) => !held.has(slot));
			const base = free === undefined || options?.fresh ? await create() : free;
			const row = { ...base, nonce: toHex(random.bytes(16)) };
			slots.set(row.slot, row);
			nonces.set(row.slot, row.nonce);
			held.add(row.slot);
			return row;
		},
		swarms: async () => [...swarms.values()],
		async firstSwarm(row) {
			const [first] = swarms.values();
			if (first !== undefined) return first;
			swarms.set(row.swarm, row);
			return row;
		},
		async saveSwarm(row) {
			swarms.set(row.swarm, row);
		},
		async removeSwarm(swarm) {
			swarms.delete(swarm);
		},
		setting: async (key) => settings.get(key),
		async setSetting(key, value) {
			if (value === undefined) settings.delete(key);
			else settings.set(key, value);
		},
		settings: async (prefix) =>
			[...settings]
				.filter(([key]) => key.startsWith(prefix))
				.map(([key, value]) => ({ key, value })),
	};
	return {
		store,
		nonces,
		release: (slot) => held.delete(slot),
		capture() {
			const was = device;
			const ways = [slots, nonces, swarms, settings].map(wayBack);
			return () => {
				device = was;
				for (const goBack of ways) goBack();
			};
		},
	};
}

function wayBack<K, V>(map: Map<K, V>): () => void {
	const was = [...map];
	return () => {
		map.clear();
		for (const [key, value] of was) map.set(key, value);
	};
}
