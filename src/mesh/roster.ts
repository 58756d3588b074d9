/** Which links a page wants: one pure function of who is there (L1, L6). */
import type { DeviceId, PeerId } from "../wire/ids.ts";

export interface Candidate {
	readonly peer: PeerId;
	readonly device: DeviceId;
}

/**
 * How a page links to another. In a swarm of up to about ten pages each links to each: pages of one browser profile
 * share a device key and talk over the tab channel, all others over WebRTC.
 */
export function linkWanted(
	self: Candidate,
	other: Candidate,
): "none" | "tab" | "rtc" {
	if (other.peer === self.peer) return "none";
	return other.device === self.device ? "tab" : "rtc";
}

/** L1: the smaller public key always dials, so there is no glare. Hex compares as the keys do. */
export const isInitiator = (self: PeerId, other: PeerId): boolean =>
	self < other;
