/** Tells listeners which spaces changed, once a turn. */
import type { SpaceId } from "../wire/ids.ts";

export class Watchers {
	readonly #listeners = new Set<(space: SpaceId) => void>();
	#changed = new Set<SpaceId>();

	add(listener: (space: SpaceId) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	changed(space: SpaceId): void {
		const isFirst = this.#changed.size === 0;
		this.#changed.add(space);
		if (isFirst) queueMicrotask(() => this.#tell());
	}

	clear(): void {
		this.#listeners.clear();
	}

	#tell(): void {
		const changed = this.#changed;
		this.#changed = new Set();
		for (const space of changed)
			for (const listener of [...this.#listeners]) listener(space);
	}
}
