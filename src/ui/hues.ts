/** The colour of a device: one of eight hues, the same on every screen of the swarm wherever that is possible. */
import type { DeviceId } from "../node/api.ts";

/** How many hues `tokens.css` has (`--device-1` … `--device-8`). */
export const HUES = 8;

function preferred(device: DeviceId): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < device.length; i++) {
		hash = Math.imul(hash ^ device.charCodeAt(i), 0x01000193);
	}
	return ((hash >>> 0) % HUES) + 1;
}

/**
 * Gives each device a hue from 1 to `HUES`. A device keeps the hue its id names unless an earlier one in the list has
 * it; with more devices than hues they repeat. Two screens that list the devices in one order agree.
 */
export function assignHues(
	devices: readonly DeviceId[],
): ReadonlyMap<DeviceId, number> {
	const hues = new Map<DeviceId, number>();
	const taken = new Set<number>();
	for (const device of devices) {
		if (hues.has(device)) continue;
		if (taken.size === HUES) taken.clear();
		let hue = preferred(device);
		while (taken.has(hue)) hue = (hue % HUES) + 1;
		taken.add(hue);
		hues.set(device, hue);
	}
	return hues;
}

/** The letter in a device's circle. */
export function initial(name: string): string {
	const [first] = name.trim();
	return first === undefined ? "?" : first.toLocaleUpperCase();
}
