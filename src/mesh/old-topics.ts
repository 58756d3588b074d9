/**
 * Where the swarm met in earlier epochs (M3): pages are heard there and never answered. Whoever comes slept through a new
 * epoch, or was removed.
 */
import { type Epoch, relayKeys } from "../identity/epoch.ts";
import { openRelay } from "../identity/seal.ts";
import { MAX_PAST_EPOCHS } from "../wire/constants.ts";
import type { DeviceId } from "../wire/ids.ts";
import type { Signaling } from "./ports.ts";
import { decodeRelayMessage } from "./relay-messages.ts";

export class OldTopics {
	readonly #signaling: Signaling;
	/** Somebody says that a page of this device is there. Who knows the old secret can say so of any device. */
	readonly #onHeard: (device: DeviceId) => void;
	readonly #stops = new Map<string, () => void>();

	constructor(signaling: Signaling, onHeard: (device: DeviceId) => void) {
		this.#signaling = signaling;
		this.#onHeard = onHeard;
	}

	/** Listens in one more epoch, and no longer in the first ones where they get too many. */
	add(epoch: Epoch): void {
		const { key, swarmTopic: topic } = relayKeys(epoch);
		if (this.#stops.has(topic)) return;
		this.#stops.set(
			topic,
			this.#signaling.subscribe(topic, (from, sealed) => {
				const plain = openRelay(key, topic, from, topic, sealed);
				const message = plain && decodeRelayMessage(plain);
				if (message?.kind === "here") this.#onHeard(message.device);
			}),
		);
		for (const [oldest, stop] of this.#stops) {
			if (this.#stops.size <= MAX_PAST_EPOCHS) break;
			stop();
			this.#stops.delete(oldest);
		}
	}

	stop(): void {
		for (const stop of this.#stops.values()) stop();
		this.#stops.clear();
	}
}
