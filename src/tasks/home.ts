/** Which peer hands out a job's tasks (T2). Home only saves work: nobody needs to agree with anybody on it. */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, utf8 } from "../wire/bytes.ts";
import type { DeviceId, JobId, PeerId } from "../wire/ids.ts";

/**
 * The submitter where it is awake, else a page of its device, else the page that rendezvous hashing (Thaler &
 * Ravishankar 1998) names: first over the awake devices, then over the pages of that device.
 *
 * @param awake in one's own view, oneself included; `undefined` where it is empty
 */
export function homeOf(
	job: JobId,
	submitter: { readonly peer: PeerId; readonly device: DeviceId },
	awake: readonly PeerId[],
	deviceOf: (peer: PeerId) => DeviceId | undefined,
): PeerId | undefined {
	if (awake.includes(submitter.peer)) return submitter.peer;
	const pages = new Map<DeviceId, PeerId[]>();
	for (const peer of awake) {
		const device = deviceOf(peer) ?? peer;
		const known = pages.get(device);
		if (known === undefined) pages.set(device, [peer]);
		else known.push(peer);
	}
	const device = pages.has(submitter.device)
		? submitter.device
		: rendezvous(job, [...pages.keys()]);
	return device === undefined
		? undefined
		: rendezvous(job, pages.get(device) ?? []);
}

/** Highest random weight: when one candidate leaves, only its jobs move. */
function rendezvous(
	key: string,
	candidates: readonly string[],
): string | undefined {
	if (candidates.length < 2) return candidates[0];
	let best: { readonly weight: string; readonly name: string } | undefined;
	for (const name of candidates) {
		const weight = toHex(sha256(utf8(`${key}/${name}`)));
		if (
			best === undefined ||
			weight > best.weight ||
			(weight === best.weight && name < best.name)
		)
			best = { weight, name };
	}
	return best?.name;
}
