/** Looks after spaces that are held: compacts own logs where that pays (S7), and builds corners anew (S11). */
import { COMPACT_RATIO, COMPACT_SETS } from "../wire/constants.ts";
import type { SpaceId } from "../wire/ids.ts";
import { isCompactable } from "./accept.ts";
import type { Corner } from "./corner.ts";
import type { Space } from "./space.ts";

/** Writes checkpoints of own logs, one at a time for each space (S7). */
export class Compaction {
	readonly #write: (space: SpaceId) => Promise<void>;
	readonly #running = new Set<SpaceId>();

	constructor(write: (space: SpaceId) => Promise<void>) {
		this.#write = write;
	}

	/** @throws ShoalError as writing does */
	async run(space: SpaceId): Promise<void> {
		if (!isCompactable(space) || this.#running.has(space)) return;
		this.#running.add(space);
		try {
			await this.#write(space);
		} finally {
			this.#running.delete(space);
		}
	}

	/** Where most of what was written is overwritten, what was before is not worth keeping. */
	whereDue(space: SpaceId, { next, values }: Corner): void {
		if (next < Math.max(COMPACT_SETS, COMPACT_RATIO * values.size)) return;
		// What does not get written now is tried again after the next write, and storage that fails is told (S9).
		this.run(space).catch(() => undefined);
	}
}

/** Applies entries anew where a peer with the same ones sees other facts (S11). */
export class Rebuilds {
	/** For which heads and word of a peer each space was built anew: no word is taken twice. */
	readonly #done = new Map<SpaceId, string>();

	/** @returns whether the facts changed by it; `undefined` where it was done before */
	run(space: Space, told: string): boolean | undefined {
		const name = `${space.digest()} ${told}`;
		if (this.#done.get(space.id) === name) return undefined;
		this.#done.set(space.id, name);
		const before = space.state();
		for (const log of space.logs()) {
			const { isWritable } = log.corner;
			log.rebuild();
			if (isWritable) log.corner.openForWriting();
		}
		space.touch();
		return space.state() !== before;
	}
}
