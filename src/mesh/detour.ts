/**
 * One detour: a transport whose frames other pages carry, sealed for its two ends (L6). What is lost, altered or repeated
 * on the way never reaches the link above it: a gap ends the detour, as a lost connection would.
 */
import type { DetourKeys } from "../identity/detour-keys.ts";
import { DETOUR_CONFIRM_BYTES } from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";
import type { Lane } from "./carrying.ts";
import { type DetourMessage, encodeDetour } from "./detour-messages.ts";
import {
	CHANNELS,
	type ChannelClass,
	type Transport,
	type TransportEvents,
} from "./ports.ts";

/** First byte inside the seal: the number of a channel before a frame of it, or one of these. */
const CONFIRM = 3;
const CLOSE = 4;

const LANES = ["control", "bulk"] as const;
type Sealed = Extract<DetourMessage, { kind: "sealed" }>;

export interface DetourDeps {
	readonly id: string;
	/** The pages that carry it, in order from this end. */
	readonly carriers: readonly PeerId[];
	readonly keys: DetourKeys;
	readonly fingerprints: { readonly local: string; readonly remote: string };
	post(lane: Lane, body: Uint8Array): void;
	/** Once, whoever closes it. */
	onClosed(): void;
}

export class Detour implements Transport {
	readonly via = "forwarded";
	readonly carriers: readonly PeerId[];
	readonly fingerprints: { readonly local: string; readonly remote: string };
	events: TransportEvents | undefined;
	readonly #deps: DetourDeps;
	/** Numbers of the next to send and the next to take, by lane. */
	readonly #sent: [number, number] = [0, 0];
	readonly #taken: [number, number] = [0, 0];
	readonly #unconfirmed: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	/** Arrived, and not yet confirmed to the other end. */
	readonly #arrived: Record<ChannelClass, number> = {
		control: 0,
		state: 0,
		bulk: 0,
	};
	#isClosed = false;

	constructor(deps: DetourDeps) {
		this.#deps = deps;
		this.carriers = deps.carriers;
		this.fingerprints = deps.fingerprints;
	}

	send(channel: ChannelClass, frame: Uint8Array): void {
		if (this.#isClosed) return;
		this.#unconfirmed[channel] += frame.length;
		const plain = new Uint8Array(1 + frame.length);
		plain[0] = CHANNELS.indexOf(channel);
		plain.set(frame, 1);
		this.#say(channel === "control" ? 0 : 1, plain);
	}

	/** What the other end has not confirmed: the sender above waits for it, and so the carriers hold no more than that. */
	buffered(channel: ChannelClass): number {
		return this.#unconfirmed[channel];
	}

	close(): void {
		if (this.#isClosed) return;
		this.#say(0, Uint8Array.of(CLOSE));
		this.#end();
	}

	/** It leads nowhere any more: the other end is told, if that still arrives. */
	giveUp(reason: string): void {
		if (this.#isClosed) return;
		this.#say(0, Uint8Array.of(CLOSE));
		this.lose(reason);
	}

	/** It carries no more. */
	lose(reason: string): void {
		if (this.#isClosed) return;
		this.#end();
		this.events?.onClose(reason);
	}

	/** Takes what arrived. What the other end did not seal, or has said before, is nobody's word and changes nothing. */
	take({ lane, seq, sealed }: Sealed): void {
		const index = lane === 0 ? 0 : 1;
		const expected = this.#taken[index];
		if (this.#isClosed || seq < expected) return;
		const plain = this.#deps.keys.open(lane, seq, sealed);
		if (plain === undefined) return;
		if (seq > expected) {
			this.lose("a part was lost on the way");
			return;
		}
		this.#taken[index]++;
		const [kind] = plain;
		const channel = CHANNELS[kind ?? -1];
		if (channel !== undefined) {
			this.#arrive(channel, plain.length - 1);
			this.events?.onFrame(channel, plain.subarray(1));
		} else if (kind === CONFIRM) this.#confirmed(plain);
		else if (kind === CLOSE) this.lose("the other end closed the connection");
	}

	#arrive(channel: ChannelClass, bytes: number): void {
		this.#arrived[channel] += bytes;
		const all = CHANNELS.reduce((sum, name) => sum + this.#arrived[name], 0);
		if (all < DETOUR_CONFIRM_BYTES) return;
		const plain = new Uint8Array(1 + 4 * CHANNELS.length);
		plain[0] = CONFIRM;
		const view = new DataView(plain.buffer);
		for (const [i, name] of CHANNELS.entries()) {
			view.setUint32(1 + 4 * i, this.#arrived[name]);
			this.#arrived[name] = 0;
		}
		this.#say(0, plain);
	}

	#confirmed(plain: Uint8Array): void {
		if (plain.length !== 1 + 4 * CHANNELS.length) return;
		const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
		for (const [i, name] of CHANNELS.entries())
			this.#unconfirmed[name] = Math.max(
				0,
				this.#unconfirmed[name] - view.getUint32(1 + 4 * i),
			);
		this.events?.onDrain();
	}

	#say(lane: 0 | 1, plain: Uint8Array): void {
		const seq = this.#sent[lane]++;
		const sealed = this.#deps.keys.seal(lane, seq, plain);
		const { id, post } = this.#deps;
		post(LANES[lane], encodeDetour({ kind: "sealed", id, lane, seq, sealed }));
	}

	#end(): void {
		this.#isClosed = true;
		this.#deps.onClosed();
	}
}
