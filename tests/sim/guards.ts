/** What a run can be without, to show that the checkers would see it missing. Nothing in the product knows of this. */
import type { Verifier } from "../../src/identity/signer.ts";
import type { EntryStore } from "../../src/replica/store.ts";
import { codeOf } from "../../src/wire/error.ts";
import type { Profile, SwarmWorld } from "./world/swarm.ts";

export const GUARDS = [
	"verify",
	"fence",
	"commit-first",
	"redial",
	"repair",
	"proof",
	"save-retry",
] as const;
export type Guard = (typeof GUARDS)[number];

/** Believes every signature. */
export const believeAll: Verifier = { verify: async () => true };

/** Takes away what the links and the sync do after a fault, once the swarm is gathered. */
export function breakNetwork(
	guard: Guard | undefined,
	world: SwarmWorld,
): void {
	const { network } = world;
	/** Sync messages are arrays that begin with a one-letter text (see sync-messages.ts). */
	const drop = (tags: string): void => {
		network.carries = (channel, frame) =>
			channel !== "state" || !tags.includes(String.fromCharCode(frame[3] ?? 0));
	};
	if (guard === "redial") network.canDial = false;
	if (guard === "repair") drop("dhw");
	if (guard === "proof") drop("p");
}

/** Storage that lacks one of its promises. @param isGathered before that, everything works */
export function weaken(
	guard: Guard | undefined,
	profile: Profile,
	world: SwarmWorld,
	isGathered: () => boolean,
): EntryStore {
	const { entries } = profile;
	if (guard === "fence")
		return { ...entries, append: (_fence, rows) => entries.put(rows) };
	if (guard === "commit-first")
		return {
			...entries,
			append: async (fence, rows) => {
				if (!isGathered()) return entries.append(fence, rows);
				const nonce = profile.identity.nonces.get(fence.slot);
				world.clock.after(400, () => {
					// Lost where the process died before.
					if (profile.identity.nonces.get(fence.slot) === nonce)
						entries.append(fence, rows).catch(() => undefined);
				});
			},
		};
	if (guard === "save-retry")
		return {
			...entries,
			append: async (fence, rows) => {
				// Says that it was stored, whatever became of it.
				await entries.append(fence, rows).catch((error: unknown) => {
					if (codeOf(error) === "slot-lost") throw error;
				});
			},
		};
	return entries;
}
