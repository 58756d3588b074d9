/**
 * The code of a swarm is most of the node's: replica, tasks, agents. It comes in a file of its own, while keys and storage
 * open and an invite's other end is met (`npm run bench -- join`).
 */
import { ShoalError } from "../wire/error.ts";

export type SwarmCode = typeof import("./swarm-code.ts");

let coming: Promise<SwarmCode> | undefined;

/** @throws ShoalError `not-available` where it cannot be fetched; it is tried again by the next call */
export function swarmCode(): Promise<SwarmCode> {
	coming ??= import("./swarm-code.ts").catch((cause: unknown) => {
		coming = undefined;
		throw new ShoalError(
			"not-available",
			"Shoal could not be loaded from its server.",
			{ cause },
		);
	});
	return coming;
}
