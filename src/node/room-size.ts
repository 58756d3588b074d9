/** How large a room is that another page holds, by what that page has recorded of it: people are warned on all devices. */
import * as Y from "yjs";

export class RoomSize {
	readonly name: string;
	readonly #doc = new Y.Doc({ guid: "room", gc: true });
	readonly #applied = new Set<Uint8Array>();
	#isReadable = true;

	constructor(name: string) {
		this.name = name;
	}

	/**
	 * Bytes of the room's state.
	 *
	 * @param history all that was said in it and heard from it, in any order
	 * @returns undefined where nothing was yet, and where its author recorded what Yjs cannot read
	 */
	bytesOf(history: readonly Uint8Array[]): number | undefined {
		try {
			for (const raw of history) {
				if (this.#applied.has(raw)) continue;
				this.#applied.add(raw);
				Y.applyUpdate(this.#doc, raw);
			}
		} catch {
			this.#isReadable = false; // a member that follows no rules: nothing hangs on it but this figure
		}
		return this.#isReadable && this.#applied.size > 0
			? Y.encodeStateAsUpdate(this.#doc).length
			: undefined;
	}
}
