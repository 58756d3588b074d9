/**
 * The links of one page: one a peer, over which it is spoken to, and beside it at times another one to fall back on. A
 * direct link is preferred to one that other pages carry (L6).
 */
import type { Clock } from "../wire/clock.ts";
import { SILENCE_MS } from "../wire/constants.ts";
import type { DeviceId, PeerId } from "../wire/ids.ts";
import { LEFT, type Link } from "./link.ts";
import { isInitiator } from "./roster.ts";

export class Links {
	readonly #clock: Clock;
	readonly #greeting = new Set<Link>();
	readonly #main = new Map<PeerId, Link>();
	readonly #spare = new Map<PeerId, Link>();
	/** Of devices that do not belong here any more; open for a moment yet (M1). */
	readonly #expelled = new Set<Link>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** The link over which a peer is spoken to. */
	to(peer: PeerId): Link | undefined {
		return this.#main.get(peer);
	}

	/** The direct one, if that is it. */
	near(peer: PeerId): Link | undefined {
		const link = this.#main.get(peer);
		return link !== undefined && isNear(link) ? link : undefined;
	}

	/** One a peer. */
	get all(): readonly Link[] {
		return [...this.#main.values()];
	}

	/** Those that are being greeted, those to fall back on and the expelled ones, too. */
	get every(): readonly Link[] {
		return [
			...this.#greeting,
			...this.#main.values(),
			...this.#spare.values(),
			...this.#expelled,
		];
	}

	isExpelled(link: Link): boolean {
		return this.#expelled.has(link);
	}

	/** Takes all links of a device out, closing none; its pages have no link any more. */
	expel(device: DeviceId): readonly { link: Link; wasMain: boolean }[] {
		const found = this.every.filter(
			(link) => link.greeted?.device === device && !this.isExpelled(link),
		);
		return found.map((link) => {
			const peer = link.terms.other;
			const wasMain = this.#main.get(peer) === link;
			if (wasMain) this.#main.delete(peer);
			if (this.#spare.get(peer) === link) this.#spare.delete(peer);
			this.#greeting.delete(link);
			this.#expelled.add(link);
			return { link, wasMain };
		});
	}

	isGreeting(peer: PeerId, isDirect: boolean): boolean {
		return [...this.#greeting].some(
			(link) => link.terms.other === peer && (!isDirect || isNear(link)),
		);
	}

	greet(link: Link): void {
		this.#greeting.add(link);
	}

	/** A link is verified. A new one replaces the old only now, so that nothing a relay replays can end one (L3). */
	up(link: Link): "first" | "replaced" | "spare" {
		this.#greeting.delete(link);
		const peer = link.terms.other;
		const old = this.#main.get(peer);
		if (old !== undefined && isNear(old) && !isNear(link) && !old.isSuspect) {
			this.#keep(peer, link);
			return "spare";
		}
		this.#main.set(peer, link);
		if (old === undefined) return "first";
		// The other end may not have the new one yet, and say something over the old.
		if (isNear(link) && !isNear(old)) this.#keep(peer, old);
		else old.close("replaced by a newer connection");
		return "replaced";
	}

	/** A link is closed. `unknown`: the peer has no link and this was none that was up. */
	closed(
		link: Link,
		left: boolean,
	): "lost" | "fallen-back" | "unneeded" | "unknown" | "expelled" {
		if (this.#expelled.delete(link)) return "expelled";
		this.#greeting.delete(link);
		const peer = link.terms.other;
		const spare = this.#spare.get(peer);
		if (spare === link) {
			this.#spare.delete(peer);
			return "unneeded";
		}
		const main = this.#main.get(peer);
		if (main !== link) return main === undefined ? "unknown" : "unneeded";
		this.#main.delete(peer);
		if (spare === undefined) return "lost";
		this.#spare.delete(peer);
		if (left) {
			spare.close(LEFT);
			return "lost";
		}
		this.#main.set(peer, spare);
		return "fallen-back";
	}

	/** Closes all links of a peer. */
	end(peer: PeerId, close: (link: Link) => void): void {
		const spare = this.#spare.get(peer);
		this.#spare.delete(peer);
		for (const link of [spare, this.#main.get(peer)])
			if (link !== undefined) close(link);
	}

	#keep(peer: PeerId, link: Link): void {
		const before = this.#spare.get(peer);
		this.#spare.set(peer, link);
		before?.close("replaced by a newer connection");
		const { self, other } = link.terms;
		if (isInitiator(self, other)) this.#dismissLater(peer, link);
	}

	/** Once the direct link has held for a while, nothing else is needed. */
	#dismissLater(peer: PeerId, link: Link): void {
		this.#clock.after(SILENCE_MS, () => {
			if (this.#spare.get(peer) !== link) return;
			if (this.#main.get(peer)?.isSuspect) this.#dismissLater(peer, link);
			else link.close("a direct link is up");
		});
	}
}

/** Whether nobody carries what is said over it. */
export const isNear = (link: Link): boolean => link.via !== "forwarded";
