/**
 * One uplink tab a browser profile (L7): the page that holds the lock links with all other devices, one more keeps a link
 * of its own as a standby, and the others are reached through them (L6). Where the uplink does not answer, others act
 * in its place at once and take the lock from it a moment later.
 */
import { type Clock, every } from "../wire/clock.ts";
import {
	SILENCE_MS,
	UPLINK_LOOK_MS,
	UPLINK_PATIENCE_MS,
	UPLINK_STEAL_MS,
} from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";

/** What the pages of one profile agree by; Web Locks in browsers. */
export interface UplinkPort {
	/**
	 * Waits for a lock that one page at a time holds.
	 *
	 * @param steal takes it at once from whoever holds it
	 * @returns a function that gives it back, or waits no more
	 */
	lock(
		name: string,
		steal: boolean,
		events: { held(): void; lost(): void },
	): () => void;
	/** Whether somebody looks at this page. */
	isVisible(): boolean;
}

/** Links to pages of other devices that a page wants: to all of them, to any one, or to none. */
export type OwnLinks = "all" | "one" | "none";

export interface UplinkDeps {
	readonly clock: Clock;
	readonly port: UplinkPort;
	/** Of the swarm. */
	readonly name: string;
	/** Whether a sibling is linked over the tab channel, and not silent for longer than it should be. */
	answers(sibling: PeerId): boolean;
	/** What it wants, or whether it is the uplink, changed. */
	onChange(): void;
	/** Looked again: links may have come and gone. */
	onLook(): void;
}

/** How the page stands with the locks. */
type Held = "nothing" | "standby" | "uplink";

export class Uplink {
	readonly #deps: UplinkDeps;
	readonly #uplinks = new Set<PeerId>();
	readonly #stopLooking: () => void;
	#held: Held = "nothing";
	/** Since when no uplink answers; a page that just began waits a little longer for its siblings. */
	#aloneSince: number | undefined;
	#cancelStandby: () => void = nothing;
	#cancelUplink: () => void = nothing;
	#wants: OwnLinks = "none";
	#stealAfter = Number.NEGATIVE_INFINITY;
	#stopped = false;

	constructor(deps: UplinkDeps) {
		this.#deps = deps;
		this.#aloneSince = deps.clock.now() + UPLINK_LOOK_MS;
		this.#stopLooking = every(deps.clock, UPLINK_LOOK_MS, () => this.look());
		this.#queue();
	}

	get wants(): OwnLinks {
		return this.#wants;
	}
	get isUplink(): boolean {
		return this.#held === "uplink";
	}

	/** A sibling says what it is. */
	told(sibling: PeerId, isUplink: boolean): void {
		if (isUplink) this.#uplinks.add(sibling);
		else this.#uplinks.delete(sibling);
		this.look();
	}

	/** The link to a sibling is gone. */
	down(sibling: PeerId): void {
		if (this.#uplinks.delete(sibling)) this.look();
	}

	/** Looks whether an uplink answers. */
	look(): void {
		if (this.#stopped) return;
		const { clock, port, answers } = this.#deps;
		const now = clock.now();
		if (this.isUplink || [...this.#uplinks].some(answers))
			this.#aloneSince = undefined;
		else this.#aloneSince ??= now;
		const alone =
			this.#aloneSince === undefined ? undefined : now - this.#aloneSince;
		const isNext = this.#held === "standby" || port.isVisible();
		this.#become(ownLinks(this.#held, isNext, alone));
		if (
			alone !== undefined &&
			alone >= patience(UPLINK_STEAL_MS, isNext) &&
			now >= this.#stealAfter
		) {
			// Where siblings hear nothing of each other at all, they take it from each other this seldom.
			this.#stealAfter = now + SILENCE_MS;
			this.#ask(true);
		}
		this.#deps.onLook();
	}

	stop(): void {
		this.#stopped = true;
		this.#stopLooking();
		this.#cancelStandby();
		this.#cancelUplink();
	}

	/** Who is standby is the next to be uplink, so that it has a link already. */
	#queue(): void {
		this.#cancelStandby = this.#deps.port.lock(
			`standby/${this.#deps.name}`,
			false,
			{
				held: () => {
					this.#held = "standby";
					this.#ask(false);
					this.look();
				},
				lost: () => {
					if (this.#held === "standby") this.#held = "nothing";
					this.look();
				},
			},
		);
	}

	#ask(steal: boolean): void {
		this.#cancelUplink();
		this.#cancelUplink = this.#deps.port.lock(
			`uplink/${this.#deps.name}`,
			steal,
			{
				held: () => {
					this.#held = "uplink";
					this.#cancelStandby();
					this.#deps.onChange();
					this.look();
				},
				// Stolen: this page was frozen, or its siblings thought so.
				lost: () => {
					if (this.#stopped) return;
					this.#held = "nothing";
					this.#queue();
					this.#deps.onChange();
					this.look();
				},
			},
		);
	}

	#become(wants: OwnLinks): void {
		if (this.#wants === wants) return;
		this.#wants = wants;
		this.#deps.onChange();
	}
}

/** @param alone milliseconds since an uplink answered last; absent where one does */
export function ownLinks(
	held: Held,
	isNext: boolean,
	alone: number | undefined,
): OwnLinks {
	if (held === "uplink") return "all";
	if (alone !== undefined && alone >= patience(UPLINK_PATIENCE_MS, isNext))
		return "all";
	return held === "standby" ? "one" : "none";
}

/** Who is neither looked at nor the standby leaves it to those for a while. */
const patience = (ms: number, isNext: boolean): number =>
	isNext ? ms : ms + UPLINK_STEAL_MS;

const nothing = (): void => undefined;
