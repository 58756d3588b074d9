/**
 * Open connections. Data channels are reliable and ordered, as SCTP is: what is lost is the connection, or time.
 */
import type {
	ChannelClass,
	Transport,
	TransportEvents,
} from "../../../src/mesh/ports.ts";
import type { Clock } from "../../../src/wire/clock.ts";

/** What a connection runs over. */
export interface Medium {
	/** Frames handed over, by channel. */
	readonly sent: Record<ChannelClass, number>;
	linkDelay(): number;
	isCut(from: string, to: string): boolean;
	carries(channel: ChannelClass, frame: Uint8Array): boolean;
	/** Does what arrives at a host, when the host is awake. */
	arrive(host: string, task: () => void): void;
	onFrame(
		from: string,
		to: string,
		channel: ChannelClass,
		frame: Uint8Array,
	): void;
	track(transport: SimTransport, isLive: boolean): void;
}

export class SimTransport implements Transport {
	readonly via = "rtc";
	readonly host: string;
	readonly fingerprints: { readonly local: string; readonly remote: string };
	other: SimTransport | undefined;
	events: TransportEvents | undefined;
	/** It carries nothing more, and nobody is told. */
	isMute = false;
	readonly #medium: Medium;
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
		medium: Medium,
		clock: Clock,
		host: string,
		fingerprints: { local: string; remote: string },
	) {
		this.#medium = medium;
		this.#clock = clock;
		this.host = host;
		this.fingerprints = fingerprints;
		medium.track(this, true);
	}

	send(channel: ChannelClass, frame: Uint8Array): void {
		const other = this.other;
		if (!this.#isOpen || other === undefined) return;
		this.#medium.sent[channel]++;
		this.#buffered[channel] += frame.length;
		const copy = frame.slice();
		const at = Math.max(
			this.#arrival[channel],
			this.#clock.now() + this.#medium.linkDelay(),
		);
		this.#arrival[channel] = at;
		this.#clock.after(at - this.#clock.now(), () => {
			this.#buffered[channel] -= copy.length;
			if (!this.#isCutOff(other) && this.#medium.carries(channel, copy))
				this.#medium.arrive(other.host, () => other.#hear(channel, copy));
			this.#medium.arrive(this.host, () => {
				if (this.#isOpen) this.events?.onDrain();
			});
		});
	}

	#hear(channel: ChannelClass, frame: Uint8Array): void {
		if (!this.#isOpen) return;
		this.#medium.onFrame(this.other?.host ?? "", this.host, channel, frame);
		this.events?.onFrame(channel, frame);
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
			if (other === undefined || this.#isCutOff(other)) return;
			this.#medium.arrive(other.host, () => {
				if (!other.#isOpen) return;
				other.vanish();
				other.events?.onClose("the other end closed the connection");
			});
		});
	}

	#isCutOff(other: SimTransport): boolean {
		return this.isMute || this.#medium.isCut(this.host, other.host);
	}

	/** Gone without a word to the other end. */
	vanish(): void {
		this.#isOpen = false;
		this.#medium.track(this, false);
	}
}
