/**
 * A draft that is open to people outside the swarm: the room's own Yjs document, and what passes between it and the
 * draft. Only text passes. What comes from outside is bounded and checked as updates of members are, and written into
 * the draft as this session's record of what strangers wrote; nothing of the swarm but the draft's text goes out.
 *
 * The room has a history of its own, because outside pages hold it: it is kept in the draft's records, so that a page
 * that opens the room again continues it. A page commits what it writes into the room before it says it (S2), under a
 * client id of this life alone (Y11).
 */
import * as Y from "yjs";
import { splicesOf, spliceText, TEXT } from "../replica/draft-text.ts";
import { applies, viewOf } from "../replica/shared-text.ts";
import { checkText } from "../replica/text-structure.ts";
import type { Clock } from "../wire/clock.ts";
import {
	MAX_OUTSIDE_BYTES,
	MAX_ROOM_BYTES,
	OUTSIDE_BURST,
	OUTSIDE_MESSAGE_BYTES,
	OUTSIDE_PER_SECOND,
} from "../wire/constants.ts";
import { splicesBetween } from "../wire/text-diff.ts";
import {
	applySplices,
	areWhole,
	type Splice,
	wellFormed,
} from "../wire/text-splice.ts";

/** What the page does for a room that it holds. */
export interface RoomSink {
	/** Says it to the outside. */
	say(update: Uint8Array): unknown;
	/** The room is closed. */
	end(): unknown;
}

export interface RoomDeps {
	readonly name: string;
	readonly clock: Clock;
	/** 32 random bits. */
	readonly client: number;
	/** What was said in the room before, by whichever page held it. */
	readonly history: readonly Uint8Array[];
	/** The draft's text now. */
	text(): string;
	/** Keeps what this page writes into the room; resolves once committed. */
	keep(raw: Uint8Array): Promise<void>;
	/** Writes what strangers wrote into the draft; resolves once committed. */
	bringIn(raw: Uint8Array, splices: readonly Splice[]): Promise<void>;
	/** Hears what is committed and to be said, and of the end, whoever asked for it. */
	readonly sink: RoomSink;
	/** It cannot go on; the reason is for people. */
	onEnd(reason: string): void;
}

export class DraftRoom {
	readonly name: string;
	/** People in it, as the page tells. */
	people = 0;
	readonly #deps: RoomDeps;
	readonly #doc = new Y.Doc({ guid: "room", gc: true });
	readonly #text = this.#doc.getText(TEXT);
	#tokens = OUTSIDE_BURST;
	#asOf: number;
	/** Bytes that came from outside, in all its lives. */
	#taken = 0;
	#said: Promise<void> = Promise.resolve();
	#state: "open" | "ended" = "open";

	constructor(deps: RoomDeps) {
		this.name = deps.name;
		this.#deps = deps;
		this.#asOf = deps.clock.now();
		this.#doc.clientID = deps.client;
	}

	/** What a page of an outside person will be told first. Undefined where the room cannot be opened. */
	async open(): Promise<Uint8Array | undefined> {
		try {
			for (const raw of this.#deps.history) {
				this.#taken += raw.length;
				Y.applyUpdate(this.#doc, raw);
			}
		} catch {
			this.giveUp("What was kept of it cannot be read."); // signed by this device, and yet not Yjs
		}
		this.follow();
		await this.#said;
		return this.#state === "open"
			? Y.encodeStateAsUpdate(this.#doc)
			: undefined;
	}

	/** Bytes of the largest message that the room will have to send. */
	get bytes(): number {
		return Y.encodeStateAsUpdate(this.#doc).length;
	}

	/** Brings the room to the draft's text. */
	follow(): void {
		if (this.#state === "ended") return;
		const splices = splicesBetween(this.#text.toString(), this.#deps.text());
		if (splices.length === 0) return;
		let update: Uint8Array | undefined;
		const keep = (bytes: Uint8Array): void => {
			update = bytes;
		};
		this.#doc.on("update", keep);
		this.#doc.transact(() => spliceText(this.#text, splices));
		this.#doc.off("update", keep);
		if (update === undefined || this.#isFull()) return;
		const raw: Uint8Array = update;
		const kept = this.#deps.keep(raw);
		this.#said = this.#said
			.then(() => kept)
			.then(
				() => {
					if (this.#state === "open") this.#deps.sink.say(raw);
				},
				() => this.giveUp("What was written here could not be saved."),
			);
	}

	/** Takes what was written outside, as the page's own provider has merged it. */
	take(raw: Uint8Array): void {
		if (this.#state === "ended") return;
		let written: Splice[] = [];
		const look = ({ delta }: Y.YTextEvent): void => {
			written = splicesOf(delta);
		};
		this.#text.observe(look);
		const refusal = this.#apply(raw);
		this.#text.unobserve(look);
		if (refusal !== undefined) {
			this.giveUp(refusal);
			return;
		}
		if (this.#isFull()) return;
		const { text, bringIn, keep } = this.#deps;
		const before = text();
		const after = this.#text.toString();
		const splices =
			areWhole(before, written) && applySplices(before, written) === after
				? written
				: splicesBetween(before, wellFormed(after));
		const kept = splices.length === 0 ? keep(raw) : bringIn(raw, splices);
		kept.catch(() => this.giveUp("What came from outside could not be saved."));
	}

	/** Takes nothing more, and lets the page close it. */
	stop(): void {
		if (this.#state === "ended") return;
		this.#state = "ended";
		this.#doc.destroy();
		this.#deps.sink.end();
	}

	/** Why it was not applied. */
	#apply(raw: Uint8Array): string | undefined {
		if (!this.#affords(raw.length))
			return "Somebody outside wrote more than a room may take.";
		const check = checkText(raw, viewOf(this.#doc), {
			kind: "outside",
			isOurs: (client) => client === this.#doc.clientID,
		});
		if (!check.ok)
			return "Somebody outside sent something else than plain text.";
		return applies(this.#doc, raw, check.reached)
			? undefined
			: "Somebody outside sent what cannot be merged.";
	}

	#isFull(): boolean {
		if (this.bytes <= MAX_ROOM_BYTES) return false;
		this.giveUp(
			"It had grown to what y-webrtc can carry. Open the draft again for a fresh room.",
		);
		return true;
	}

	/** E3: by the second, and in all, because what is recorded stays. */
	#affords(bytes: number): boolean {
		const now = this.#deps.clock.now();
		const gained = ((now - this.#asOf) * OUTSIDE_PER_SECOND) / 1000;
		this.#tokens = Math.min(OUTSIDE_BURST, this.#tokens + gained) - bytes;
		this.#asOf = now;
		this.#taken += bytes;
		return (
			bytes <= OUTSIDE_MESSAGE_BYTES &&
			this.#tokens >= 0 &&
			this.#taken <= MAX_OUTSIDE_BYTES
		);
	}

	/** Ends it by itself. */
	giveUp(reason: string): void {
		if (this.#state === "ended") return;
		this.stop();
		this.#deps.onEnd(reason);
	}
}
