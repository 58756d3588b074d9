/** Links between pages of one browser profile, over its broadcast channel. */
import { type Clock, every } from "../wire/clock.ts";
import { ANNOUNCE_MS, TAB_RETURN_MS } from "../wire/constants.ts";
import { isHashId, type PeerId } from "../wire/ids.ts";
import type { Nonces } from "./attempts.ts";
import { LEFT } from "./link.ts";
import type {
	ChannelClass,
	TabChannel,
	TabMessage,
	Transport,
	TransportEvents,
} from "./ports.ts";

export interface TabsDeps {
	readonly clock: Clock;
	readonly channel: TabChannel;
	readonly self: PeerId;
	readonly boot: string;
	/** Says that this page leaves. */
	readonly farewell: TabMessage;
	onTransport(
		peer: PeerId,
		transport: Transport,
		nonces: Nonces,
	): TransportEvents;
}

export class Tabs {
	readonly #deps: TabsDeps;
	readonly #open = new Map<PeerId, TabTransport>();
	readonly #stopAnnouncing: () => void;
	#cancelReturn: (() => void) | undefined;

	constructor(deps: TabsDeps) {
		this.#deps = deps;
		deps.channel.listen((message) => this.#take(message));
		this.announce();
		this.#stopAnnouncing = every(deps.clock, ANNOUNCE_MS, () =>
			this.announce(),
		);
	}

	announce(): void {
		const { channel, self, boot } = this.#deps;
		channel.post({ kind: "here", from: self, nonce: boot });
	}

	stop(): void {
		this.#stopAnnouncing();
		this.#cancelReturn?.();
		this.#cancelReturn = nothing;
		this.#deps.channel.post(this.#deps.farewell);
	}

	#take(message: TabMessage): void {
		const { self } = this.#deps;
		if (!isHashId(message.from) || message.from === self) return;
		const open = this.#open.get(message.from);
		if (message.kind === "here") {
			if (message.to !== undefined && message.to !== self) return;
			this.#takeHere(message.from, message.nonce, message.to === undefined);
		} else if (message.kind === "bye") {
			if (open?.nonce === message.nonce) open.lose(LEFT);
		} else if (message.kind === "closed") {
			if (message.to === self && open?.pair === message.pair)
				open.lose("the other end closed the connection");
		} else if (message.to === self && open?.pair === message.pair) {
			open.events?.onFrame(message.channel, message.frame);
		}
	}

	#takeHere(peer: PeerId, nonce: string, toAll: boolean): void {
		const { channel, self, boot } = this.#deps;
		const open = this.#open.get(peer);
		if (open?.nonce === nonce) return;
		open?.lose("the page was opened again");
		if (toAll)
			channel.post({ kind: "here", from: self, to: peer, nonce: boot });
		const transport = new TabTransport(channel, self, peer, boot, nonce, () => {
			if (this.#open.get(peer) === transport) this.#open.delete(peer);
			this.#returnSoon();
		});
		this.#open.set(peer, transport);
		transport.events = this.#deps.onTransport(peer, transport, {
			self: boot,
			other: nonce,
		});
	}

	/** A sibling whose link was lost may be there still: it was frozen, or this page was. */
	#returnSoon(): void {
		this.#cancelReturn ??= this.#deps.clock.after(TAB_RETURN_MS, () => {
			this.#cancelReturn = undefined;
			this.announce();
		});
	}
}

const nothing = (): void => undefined;

class TabTransport implements Transport {
	readonly via = "tab";
	readonly fingerprints = { local: "", remote: "" };
	readonly pair: string;
	readonly nonce: string;
	events: TransportEvents | undefined;
	readonly #channel: TabChannel;
	readonly #self: PeerId;
	readonly #peer: PeerId;
	readonly #onClosed: () => void;
	#closed = false;

	constructor(
		channel: TabChannel,
		self: PeerId,
		peer: PeerId,
		boot: string,
		nonce: string,
		onClosed: () => void,
	) {
		this.#channel = channel;
		this.#self = self;
		this.#peer = peer;
		this.nonce = nonce;
		this.pair = self < peer ? boot + nonce : nonce + boot;
		this.#onClosed = onClosed;
	}

	send(channel: ChannelClass, frame: Uint8Array): void {
		if (this.#closed) return;
		this.#channel.post({
			kind: "frame",
			from: this.#self,
			to: this.#peer,
			pair: this.pair,
			channel,
			frame,
		});
	}

	/** A broadcast channel tells nothing of its queue. */
	buffered(): number {
		return 0;
	}

	close(): void {
		if (this.#closed) return;
		this.#channel.post({
			kind: "closed",
			from: this.#self,
			to: this.#peer,
			pair: this.pair,
		});
		this.#end();
	}

	lose(reason: string): void {
		this.#end();
		this.events?.onClose(reason);
	}

	#end(): void {
		this.#closed = true;
		this.#onClosed();
	}
}
