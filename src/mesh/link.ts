/**
 * One link: a transport that has proved who is at its other end. States: greeting → up → closed. Until the other end's
 * hello is verified nothing else is read or sent (L3); afterwards heartbeats tell life from silence (L5).
 */
import type { Signer, Verifier } from "../identity/signer.ts";
import { fromHex, toHex } from "../wire/bytes.ts";
import { type Clock, every } from "../wire/clock.ts";
import {
	DIAL_TIMEOUT_MS,
	HEARTBEAT_MS,
	MAX_BULK_BYTES,
	MAX_CONTROL_BYTES,
	MAX_STATE_BYTES,
	ROUND_TRIP_MS,
	SILENCE_MS,
	SUSPICION_MS,
	WAKE_PATIENCE_MS,
} from "../wire/constants.ts";
import { codeOf, type ErrorCode, messageOf } from "../wire/error.ts";
import { Reassembler } from "./framing.ts";
import {
	checkHello,
	type Greeted,
	type HelloTerms,
	makeHello,
} from "./hello.ts";
import type { ChannelClass, Transport, TransportEvents } from "./ports.ts";
import { isInitiator } from "./roster.ts";
import { Sender } from "./sender.ts";

/** First byte of every message on the control channel. */
const PING = 0;
const PONG = 1;
const HELLO = 2;
const READY = 3;
const BYE = 4;
const ENVELOPE = 5;
const SIDE = 6;
const REST = 7;
const ANEW = 8;

/** Why a link closed whose other end said bye. */
export const LEFT = "the other end left";
/** The frame that says bye; the page itself sends it when it is closed, because its worker may be gone by then. */
export const BYE_FRAME: Uint8Array = new Uint8Array([3, BYE]);

const REST_FRAME: Uint8Array = new Uint8Array([3, REST]);
/** Why a link closed whose other end reaches this page by others (L7). */
export const RESTED = "the other end needs it no more";

export interface LinkDeps {
	readonly clock: Clock;
	readonly signer: Signer;
	readonly verifier: Verifier;
	readonly certificate: Uint8Array;
	/** Last word on who may link: membership, or the invite. Waits while that is not known yet (E3). */
	admit(greeted: Greeted): Promise<boolean>;
	onUp(link: Link): void;
	/** Once, from any state. `offence` where the other end broke the protocol. */
	onClosed(link: Link, reason: string, offence?: ErrorCode): void;
	/** A signed envelope from the control channel, or a message of the other classes. */
	onMessage(link: Link, channel: ChannelClass, bytes: Uint8Array): void;
	/** Something about links and ways, not from agents or the replica (L6). */
	onSide?(link: Link, bytes: Uint8Array): void;
	onRtt?(link: Link): void;
	/** It has been silent for longer than it should. Said again while it stays so. */
	onSuspect?(link: Link): void;
	/** The other end is to be greeted anew on this connection, as the page's life that it names, and says nothing more here. */
	onAnew?(link: Link, boot: string): void;
}

type State =
	| { readonly at: "greeting" }
	/** We verified them; they have not yet said that they verified us. */
	| { readonly at: "verified"; readonly greeted: Greeted }
	| { readonly at: "up"; readonly greeted: Greeted }
	/** We asked to be greeted anew, and say nothing more. */
	| { readonly at: "parting" }
	| { readonly at: "closed" };

const BOOT_BYTES = 16;

export class Link implements TransportEvents {
	readonly terms: HelloTerms;
	readonly via: Transport["via"];
	/** Round trip of the last heartbeat, milliseconds. */
	rttMs: number | null = null;
	#state: State = { at: "greeting" };
	#greeted: Greeted | undefined;
	#helloTaken = false;
	#readyHeard = false;
	readonly #deps: LinkDeps;
	readonly #transport: Transport;
	readonly #sender: Sender;
	readonly #reassemblers: Record<ChannelClass, Reassembler> = {
		control: new Reassembler(MAX_CONTROL_BYTES),
		state: new Reassembler(MAX_STATE_BYTES),
		bulk: new Reassembler(MAX_BULK_BYTES),
	};
	#heardAt: number;
	#pingedAt = 0;
	#stopTimer: () => void;

	constructor(deps: LinkDeps, transport: Transport, terms: HelloTerms) {
		this.#deps = deps;
		this.#transport = transport;
		this.terms = terms;
		this.via = transport.via;
		this.#sender = new Sender(transport);
		this.#heardAt = deps.clock.now();
		this.#stopTimer = deps.clock.after(DIAL_TIMEOUT_MS, () =>
			this.close("the other end did not introduce itself"),
		);
		void this.#greet();
	}

	/** Set once the other end's hello was verified. */
	get greeted(): Greeted | undefined {
		return this.#greeted;
	}
	get isUp(): boolean {
		return this.#state.at === "up";
	}
	/** Silent for longer than it should be. */
	get isSuspect(): boolean {
		return this.#deps.clock.now() - this.#heardAt >= SUSPICION_MS;
	}

	/** @throws ShoalError `link-lost` */
	send(channel: "state" | "bulk", message: Uint8Array): Promise<void> {
		return this.#sender.send(channel, message);
	}

	/** Sends a signed envelope on the control channel. @throws ShoalError `link-lost` */
	sendEnvelope(envelope: Uint8Array): Promise<void> {
		return this.#control(ENVELOPE, envelope);
	}

	/** Sends a message about links and ways. @throws ShoalError `link-lost` */
	sendSide(bytes: Uint8Array): Promise<void> {
		return this.#control(SIDE, bytes);
	}

	/** The page slept (L5): what is not heard of within a moment is dead, and another link is dialled beside it already. */
	doubt(): void {
		if (!this.isUp) return;
		const latest = this.#deps.clock.now() - SILENCE_MS + WAKE_PATIENCE_MS;
		this.#heardAt = Math.min(this.#heardAt, latest);
		this.#ping();
		this.#deps.onSuspect?.(this);
	}

	/** Says bye and closes. */
	bye(): void {
		if (this.#state.at === "closed") return;
		this.#transport.send("control", BYE_FRAME);
		this.close("left");
	}

	/** Says that it is not needed, and closes. */
	rest(): void {
		if (this.#state.at === "closed") return;
		this.#transport.send("control", REST_FRAME);
		this.close("not needed any more");
	}

	/** Asks the other end to be greeted anew on this connection, and says nothing more (L3.1). */
	anew(boot: string): void {
		if (this.#state.at !== "up") return;
		this.#post(ANEW, fromHex(boot) ?? new Uint8Array());
		this.#state = { at: "parting" };
	}

	/** Lets go of the connection, which stays open. */
	release(): void {
		if (this.#state.at === "closed") return;
		this.#state = { at: "closed" };
		this.#stopTimer();
		this.#sender.close();
	}

	close(reason: string, offence?: ErrorCode): void {
		if (this.#state.at === "closed") return;
		this.#state = { at: "closed" };
		this.#stopTimer();
		this.#sender.close();
		this.#transport.close();
		this.#deps.onClosed(this, reason, offence);
	}

	onDrain(): void {
		this.#sender.pump();
	}

	onClose(reason: string): void {
		this.close(reason);
	}

	onFrame(channel: ChannelClass, frame: Uint8Array): void {
		if (this.#state.at === "closed") return;
		this.#heardAt = this.#deps.clock.now();
		let message: Uint8Array | undefined;
		try {
			message = this.#reassemblers[channel].take(frame);
		} catch (error) {
			this.close(messageOf(error), codeOf(error) ?? "malformed");
			return;
		}
		if (message === undefined) return;
		if (channel === "control") this.#takeControl(message);
		else if (this.#state.at === "parting") return;
		else if (this.#confirm()) this.#deps.onMessage(this, channel, message);
		else this.close("spoke before its hello", "malformed");
	}

	#takeControl(message: Uint8Array): void {
		const kind = message[0];
		const body = message.subarray(1);
		if (kind === HELLO) void this.#takeHello(body);
		else if (kind === READY && body.length === 0) this.#ready();
		else if (kind === BYE) this.close(LEFT);
		else if (kind === REST) this.close(RESTED);
		else if (kind === ANEW && this.#mayRenew(body))
			this.#deps.onAnew?.(this, toHex(body));
		else if (this.#state.at === "parting") return;
		else if (!this.#confirm())
			this.close("spoke before its hello", "malformed");
		else if (kind === PING) this.#post(PONG, body);
		else if (kind === PONG) this.#takePong();
		else if (kind === ENVELOPE) this.#deps.onMessage(this, "control", body);
		else if (kind === SIDE) this.#deps.onSide?.(this, body);
		else this.close("unknown control message", "malformed");
	}

	async #greet(): Promise<void> {
		try {
			const { signer, certificate } = this.#deps;
			await this.#control(
				HELLO,
				await makeHello(signer, certificate, this.terms),
			);
		} catch (error) {
			this.close(messageOf(error));
		}
	}

	async #takeHello(bytes: Uint8Array): Promise<void> {
		if (this.#helloTaken) {
			this.close("a second hello", "malformed");
			return;
		}
		this.#helloTaken = true;
		try {
			const greeted = await checkHello(this.#deps.verifier, bytes, this.terms);
			this.#greeted = greeted;
			if (!(await this.#deps.admit(greeted))) {
				this.close("not a member of this swarm");
				return;
			}
			if (this.#state.at !== "greeting") return;
			this.#state = { at: "verified", greeted };
			await this.#control(READY, new Uint8Array());
			if (this.#readyHeard) this.#rise(greeted);
		} catch (error) {
			this.close(messageOf(error), codeOf(error));
		}
	}

	#ready(): void {
		this.#readyHeard = true;
		this.#confirm();
	}

	/**
	 * Whether the other end may speak. Its channels are not ordered among each other: any message after we verified it
	 * shows that it is through with us, just as its READY would.
	 */
	#confirm(): boolean {
		if (this.#state.at === "verified") this.#rise(this.#state.greeted);
		return this.#state.at === "up";
	}

	#rise(greeted: Greeted): void {
		if (this.#state.at !== "verified") return;
		this.#state = { at: "up", greeted };
		this.#stopTimer();
		this.#stopTimer = every(this.#deps.clock, HEARTBEAT_MS / 2, () =>
			this.#beat(),
		);
		this.#deps.onUp(this);
		this.#ping();
	}

	#mayRenew(boot: Uint8Array): boolean {
		const isGreeted = this.#confirm() || this.#state.at === "parting";
		return (
			isGreeted && boot.length === BOOT_BYTES && this.#deps.onAnew !== undefined
		);
	}

	/** Twice a heartbeat: silence is looked for more often than it is broken. */
	#beat(): void {
		const now = this.#deps.clock.now();
		const silence = now - this.#heardAt;
		if (silence >= SILENCE_MS) {
			this.close("silent for too long");
			return;
		}
		if (this.#state.at === "parting") return;
		const isSuspect = silence >= SUSPICION_MS;
		// A heartbeat was due and its answer too: most likely the link is dead, and another one can be on its way.
		if (isSuspect) this.#deps.onSuspect?.(this);
		// Timers come a little early or late: half a beat does not count.
		const isDue = now - this.#pingedAt >= this.#pingEveryMs - HEARTBEAT_MS / 4;
		if (isDue || isSuspect) this.#ping();
	}

	/** One end's ping and the other's answer tell both that the link lives; the other end asks for its round trip only. */
	get #pingEveryMs(): number {
		const { self, other } = this.terms;
		return isInitiator(self, other) ? HEARTBEAT_MS : ROUND_TRIP_MS;
	}

	#ping(): void {
		this.#pingedAt = this.#deps.clock.now();
		this.#post(PING, new Uint8Array());
	}

	#takePong(): void {
		this.rttMs = this.#deps.clock.now() - this.#pingedAt;
		this.#deps.onRtt?.(this);
	}

	/** A control message nobody waits for: where the link is lost, its closing says so. */
	#post(kind: number, body: Uint8Array): void {
		this.#control(kind, body).catch((error) => this.close(messageOf(error)));
	}

	#control(kind: number, body: Uint8Array): Promise<void> {
		const message = new Uint8Array(1 + body.length);
		message[0] = kind;
		message.set(body, 1);
		return this.#sender.send("control", message);
	}
}
