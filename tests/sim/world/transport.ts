/**
 * Open connections. Data channels are reliable and ordered, as SCTP is: what is lost is the connection, or time.
 */
import type {
	ChannelClass,
	Transport,
	TransportEvents,
} from "../../../src/mesh/ports.ts";
import type { Clock } from "../../../src/wire/clock.ts";
import type { Network } from "./network.ts";

export class SimTransport implements Transport {
	readonly via = "rtc";
	readonly host: string;
	readonly fingerprints: { readonly local: string; readonly remote: string };
	other: SimTransport | undefined;
	events: TransportEvents | undefined;
	/** It carries nothing more, and nobody is told. */
	isMute = false;
	readonly #network: Network;
	readonly #clock: Clock;
	/** When the last frame of each channel arrives: order is kept within one. */
	readonly #arrival: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	readonly #buffered: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	#isOpen = true;

	constructor(
		network: Network,
		clock: Clock,
		host: string,
		fingerprints: { local: string; remote: string },
	) {
		this.#network = network;
		this.#clock = clock;
		this.host = host;
		this.fingerprints = fingerprints;
		network.track(this, true);
	}

	send(channel: ChannelClass, frame: Uint8Array): void {
		const other = this.other;
		if (!this.#isOpen || other === undefined) return;
		this.#network.sent[channel]++;
		this.#buffered[channel] += frame.length;
		const copy = frame.slice();
		const at = Math.max(
			this.#arrival[channel],
			this.#clock.now() + this.#network.linkDelay(),
		);
		this.#arrival[channel] = at;
		this.#clock.after(at - this.#clock.now(), () => {
			this.#buffered[channel] -= copy.length;
			if (
				other.#isOpen &&
				!this.#isCutOff(other) &&
				this.#network.carries(channel, copy)
			) {
				this.#network.onFrame(this.host, other.host, channel, copy);
				other.events?.onFrame(channel, copy);
			}
			if (this.#isOpen) this.events?.onDrain();
		});
	}

	buffered(channel: ChannelClass): number {
		return this.#buffered[channel];
	}

	close(): void {
		if (!this.#isOpen) return;
		this.vanish();
		const other = this.other;
		const last = Math.max(...Object.values(this.#arrival), this.#clock.now());
		this.#clock.after(last - this.#clock.now() + 5, () => {
			if (other === undefined || !other.#isOpen) return;
			if (this.#isCutOff(other)) return;
			other.vanish();
			other.events?.onClose("the other end closed the connection");
		});
	}

	#isCutOff(other: SimTransport): boolean {
		return this.isMute || this.#network.isCut(this.host, other.host);
	}

	/** Gone without a word to the other end. */
	vanish(): void {
		this.#isOpen = false;
		this.#network.track(this, false);
	}
}
