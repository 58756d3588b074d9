/** Who is reached through whom (L6): what each neighbour says it reaches, and what it is told in turn. Pure. */
import { MAX_CARRIERS, MAX_ROUTES } from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";
import type { Route } from "./side-messages.ts";

export class Routes {
	readonly #self: PeerId;
	/** By neighbour. */
	readonly #told = new Map<PeerId, readonly Route[]>();

	constructor(self: PeerId) {
		this.#self = self;
	}

	/** What a neighbour reaches, in its own words. Ways that lead through it twice, or back here, are none. */
	take(neighbour: PeerId, routes: readonly Route[]): void {
		this.#told.set(
			neighbour,
			routes.filter(
				(route) => !route.includes(neighbour) && !route.includes(this.#self),
			),
		);
	}

	drop(neighbour: PeerId): void {
		this.#told.delete(neighbour);
	}

	/** Whom neighbours reach. */
	get reached(): ReadonlySet<PeerId> {
		const reached = new Set<PeerId>();
		for (const routes of this.#told.values())
			for (const route of routes) {
				const last = route.at(-1);
				if (last !== undefined) reached.add(last);
			}
		return reached;
	}

	/** The carriers of each way to a peer, in order; the shortest way first. */
	waysTo(peer: PeerId): readonly (readonly PeerId[])[] {
		const ways: PeerId[][] = [];
		for (const [neighbour, routes] of this.#told)
			for (const route of routes)
				if (route.at(-1) === peer)
					ways.push([neighbour, ...route.slice(0, -1)]);
		return ways
			.filter((way) => way.length <= MAX_CARRIERS)
			.sort((a, b) => a.length - b.length);
	}

	/**
	 * What a neighbour is told: whom we are linked with, and short ways to each other page that do not need it: two, where
	 * they begin differently, so that a carrier that falls silent can be gone around at once.
	 */
	tell(neighbour: PeerId, linked: readonly PeerId[]): readonly Route[] {
		const near = linked.filter((peer) => peer !== neighbour);
		const routes: Route[] = near.map((peer) => [peer]);
		for (const peer of this.reached) {
			if (peer === neighbour || near.includes(peer)) continue;
			const ways = this.waysTo(peer).filter(
				(carriers) =>
					carriers.length < MAX_CARRIERS && !carriers.includes(neighbour),
			);
			const [first] = ways;
			const second = ways.find((way) => way[0] !== first?.[0]);
			for (const way of [first, second])
				if (way !== undefined) routes.push([...way, peer]);
		}
		return routes.slice(0, MAX_ROUTES);
	}
}
