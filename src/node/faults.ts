/** What was found wrong with logs, and how it is said (S5, S9, S11). */
import type { Fork } from "../replica/fork-proof.ts";
import { type DeviceId, type SpaceId, SWARM_SPACE } from "../wire/ids.ts";

export class Faults {
	/** By device and space, at the earliest seq. */
	readonly #forks = new Map<string, Fork>();
	/** Stored logs that could not be read to their end. */
	damaged = 0;
	/** Times that equal entries gave other facts than at a peer. */
	rebuilt = 0;

	forked(fork: Fork): void {
		const name = `${fork.certificate.device} ${fork.space}`;
		const known = this.#forks.get(name);
		if (known === undefined || fork.seq < known.seq)
			this.#forks.set(name, fork);
	}

	/** A sentence for each, for a person. */
	sentences(nameOf: (device: DeviceId) => string): string[] {
		const said = Array.from(this.#forks.values(), (fork) => {
			const name = nameOf(fork.certificate.device);
			const ignored =
				fork.seq === 0
					? "what that page of it wrote there is ignored"
					: `what that page of it wrote after entry ${fork.seq} is ignored`;
			return `${name} wrote two different histories of ${placeOf(fork.space)}; ${ignored}.`;
		});
		if (this.damaged > 0)
			said.push(
				"Some of what this device had stored could not be read. Your other devices fill it in again.",
			);
		return said;
	}
}

function placeOf(space: SpaceId): string {
	if (space === SWARM_SPACE) return "the swarm's own records";
	const [kind, ...rest] = space.split(":");
	return kind === "job" ? "a job" : `“${rest.join(":")}”`;
}
