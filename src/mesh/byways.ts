/**
 * What goes by other pages (L6): telling neighbours whom this page reaches, carrying for them, and detours to whom it has
 * no link of its own.
 */
import { equalBytes } from "../wire/bytes.ts";
import { ROUTES_DELAY_MS } from "../wire/constants.ts";
import { codeOf, type ErrorCode } from "../wire/error.ts";
import type { PeerId } from "../wire/ids.ts";
import { Carrying, type Lane } from "./carrying.ts";
import { Detours, type DetoursDeps } from "./detours.ts";
import { Routes } from "./routes.ts";
import { decodeSide, encodeSide, type SideMessage } from "./side-messages.ts";

export interface BywaysDeps extends Omit<DetoursDeps, "routes" | "post"> {
	/** Pages with a direct link to this one. */
	near(): readonly PeerId[];
	/** Sends over the direct link to a neighbour; `undefined` where there is none. */
	send(to: PeerId, lane: Lane, bytes: Uint8Array): Promise<void> | undefined;
	/** Sends over the link to a peer that others carry; `undefined` where there is none. */
	sendCarried(to: PeerId, bytes: Uint8Array): Promise<void> | undefined;
	/** The page at the other end of a link wants to link directly. */
	onSignal(from: PeerId, message: Uint8Array): void;
	/** A neighbour says whether it is the uplink of its profile (L7). */
	onRole(from: PeerId, isUplink: boolean): void;
	/** It said what may not be said. */
	onOffence(from: PeerId, code: ErrorCode): void;
}

export class Byways {
	readonly #deps: BywaysDeps;
	readonly #routes: Routes;
	readonly #carrying: Carrying;
	readonly #detours: Detours;
	/** What each neighbour was told last. */
	readonly #said = new Map<PeerId, Uint8Array>();
	#cancelTelling: (() => void) | undefined;

	constructor(deps: BywaysDeps) {
		this.#deps = deps;
		this.#routes = new Routes(deps.self);
		this.#carrying = new Carrying({
			clock: deps.clock,
			self: deps.self,
			send: (to, lane, bytes) => deps.send(to, lane, bytes),
			deliver: ({ path, body }) => this.#detours.receive(path, body),
		});
		this.#detours = new Detours({
			...deps,
			routes: this.#routes,
			post: (path, lane, body) => this.#carrying.post(path, lane, body),
		});
	}

	/** A link came up. */
	up(peer: PeerId): void {
		// It may be another life of the page, which was told nothing yet.
		if (this.#said.has(peer)) this.#said.set(peer, NOTHING);
		this.#detours.linked(peer);
		this.#changed();
	}

	/** The direct link to a peer is gone. @param left it said bye */
	down(peer: PeerId, left: boolean): void {
		if (left) this.#tellAll(encodeSide({ kind: "left", peer }));
		this.#routes.drop(peer);
		this.#said.delete(peer);
		this.#carrying.drop(peer);
		this.#detours.look();
		this.#changed();
	}

	/** The link to a peer may be dead: another way is opened beside it. */
	suspect(peer: PeerId): void {
		this.#detours.open(peer, true);
	}

	/** Whether some neighbour reaches the peer. */
	reaches(peer: PeerId): boolean {
		return this.#routes.waysTo(peer).length > 0;
	}

	/** Tells a sibling whether this page is the uplink. */
	tellRole(sibling: PeerId, isUplink: boolean): void {
		this.#deps
			.send(sibling, "control", encodeSide({ kind: "role", isUplink }))
			?.catch(nothing);
	}

	/** Says something of the rendezvous to a page, over the link that others carry. */
	signal(to: PeerId, message: Uint8Array): void {
		// Where it is lost, so is the link: another one is on its way.
		this.#deps
			.sendCarried(to, encodeSide({ kind: "signal", message }))
			?.catch(nothing);
	}

	/**
	 * Takes what the page at the other end of a link says besides its messages.
	 *
	 * @param isNear it came over a direct link: only such a page carries, and is carried for
	 */
	take(from: PeerId, lane: Lane, isNear: boolean, bytes: Uint8Array): void {
		try {
			if (!this.#mayTake(from, lane, isNear, decodeSide(bytes)))
				this.#deps.onOffence(from, "malformed");
		} catch (error) {
			this.#deps.onOffence(from, codeOf(error) ?? "malformed");
		}
	}

	stop(): void {
		this.#cancelTelling?.();
		this.#detours.stop();
	}

	/** Takes it, where the page may say that. */
	#mayTake(
		from: PeerId,
		lane: Lane,
		isNear: boolean,
		message: SideMessage,
	): boolean {
		if (message.kind === "signal") {
			this.#deps.onSignal(from, message.message);
			return true;
		}
		if (!isNear) return false;
		if (message.kind === "packet")
			return this.#carrying.take(from, lane, message);
		if (message.kind === "role") {
			this.#deps.onRole(from, message.isUplink);
			return true;
		}
		if (message.kind === "left") {
			this.#detours.left(message.peer, from);
			return true;
		}
		this.#routes.take(from, message.routes);
		this.#detours.look();
		this.#changed();
		return true;
	}

	/** Links come and go in bursts: neighbours are told a little later, and only what is new to them. */
	#changed(): void {
		this.#cancelTelling ??= this.#deps.clock.after(ROUTES_DELAY_MS, () => {
			this.#cancelTelling = undefined;
			this.#tell();
		});
	}

	#tellAll(bytes: Uint8Array): void {
		for (const peer of this.#deps.near())
			this.#deps.send(peer, "control", bytes)?.catch(nothing);
	}

	#tell(): void {
		const near = this.#deps.near();
		for (const peer of near) {
			const routes = this.#routes.tell(peer, near);
			const said = this.#said.get(peer);
			if (said === undefined && routes.length === 0) continue;
			const bytes = encodeSide({ kind: "routes", routes });
			if (said !== undefined && equalBytes(said, bytes)) continue;
			this.#said.set(peer, bytes);
			// Where the link is lost its neighbour needs no telling, and `down` forgets that it was told.
			this.#deps.send(peer, "control", bytes)?.catch(nothing);
		}
	}
}

const NOTHING = new Uint8Array(0);
const nothing = (): void => undefined;
