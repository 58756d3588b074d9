/** Who belongs to the swarm: a pure function of the membership acts in the swarm's space (M1). */
import type { DeviceId } from "../wire/ids.ts";

export interface Member {
	readonly device: DeviceId;
	/** Raw Ed25519 key of the device. */
	readonly key: Uint8Array;
	/** X25519 key for sealing secrets to it while it sleeps (E1). */
	readonly seal: Uint8Array;
	readonly role: "owner" | "admin" | "member" | "guest";
}

export interface MembershipView {
	readonly members: ReadonlyMap<DeviceId, Member>;
	isMember(device: DeviceId): boolean;
}
