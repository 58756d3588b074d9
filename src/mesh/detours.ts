/**
 * Detours (L6): pages without a link of their own are reached through pages that have one. The page with the smaller id
 * opens (L1), by the shortest way first and then by the others in turn, so that a carrier that drops things is left.
 */
import { agree, type SealKey } from "../identity/agreement.ts";
import { verifyCertificate } from "../identity/certificate.ts";
import { detourKeys } from "../identity/detour-keys.ts";
import { KeyedCache } from "../identity/keyed-cache.ts";
import type { Verifier } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import { type Clock, every, type Random } from "../wire/clock.ts";
import {
	DETOUR_DELAY_MS,
	DETOUR_LOOK_MS,
	DETOUR_OPEN_MS,
	DETOURS_PER_SECOND,
	MAX_DETOURS,
	REDIAL_BASE_MS,
	REDIAL_MAX_MS,
} from "../wire/constants.ts";
import type { PeerId, SwarmId } from "../wire/ids.ts";
import type { Nonces } from "./attempts.ts";
import type { Lane } from "./carrying.ts";
import { Detour } from "./detour.ts";
import {
	type DetourMessage,
	decodeDetour,
	encodeDetour,
} from "./detour-messages.ts";
import { LEFT } from "./link.ts";
import type { Transport, TransportEvents } from "./ports.ts";
import { isInitiator } from "./roster.ts";
import type { Routes } from "./routes.ts";

export interface DetoursDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly verifier: Verifier;
	readonly self: PeerId;
	readonly swarm: SwarmId;
	readonly certificate: Uint8Array;
	/** The key in the certificate, for what is sealed end to end. */
	readonly seal: SealKey;
	readonly routes: Routes;
	/** The present one (M3). */
	epoch(): number;
	/** Whether any link to it is up or being greeted. */
	isLinked(peer: PeerId): boolean;
	/** Whether a direct link to it is probably on its way. */
	expectsLink(peer: PeerId): boolean;
	/** Whether there is a direct link to it. */
	isNear(peer: PeerId): boolean;
	post(path: readonly PeerId[], lane: Lane, body: Uint8Array): void;
	onTransport(
		peer: PeerId,
		transport: Transport,
		nonces: Nonces,
	): TransportEvents;
}

type Opener = Extract<DetourMessage, { kind: "open" | "accept" }>;

interface Opening {
	readonly peer: PeerId;
	readonly carriers: readonly PeerId[];
	readonly nonce: string;
	readonly cancel: () => void;
}

/** A peer that is reached and not linked. */
interface Trial {
	failures: number;
	notBefore: number;
}

/** A detour that is being set up: what overtakes its key waits. */
interface Early {
	readonly messages: Extract<DetourMessage, { kind: "sealed" }>[];
}
const MAX_EARLY = 16;

export class Detours {
	readonly #deps: DetoursDeps;
	readonly #trials = new Map<PeerId, Trial>();
	readonly #openings = new Map<string, Opening>();
	readonly #early = new Map<string, Early>();
	readonly #open = new Map<string, { peer: PeerId; detour: Detour }>();
	/** What this device's key shares with those of others: detours to one device are opened again and again. */
	readonly #agreed = new KeyedCache<{
		readonly shared: Uint8Array | undefined;
	}>(MAX_DETOURS);
	readonly #stopLooking: () => void;
	#asked = { second: 0, count: 0 };

	constructor(deps: DetoursDeps) {
		this.#deps = deps;
		this.#stopLooking = every(deps.clock, DETOUR_LOOK_MS, () => this.look());
	}

	/** Opens what is wanted, ends what leads nowhere any more. */
	look(): void {
		const { clock, routes, self, isLinked, expectsLink } = this.#deps;
		const now = clock.now();
		for (const { peer, detour } of [...this.#open.values()])
			if (!this.#leads(peer, detour.carriers))
				detour.giveUp("no way leads there");
		const { reached } = routes;
		for (const peer of this.#trials.keys())
			if (!reached.has(peer)) this.#trials.delete(peer);
		for (const peer of reached) {
			if (isLinked(peer) || !isInitiator(self, peer)) continue;
			let trial = this.#trials.get(peer);
			if (trial === undefined) {
				const delay = expectsLink(peer) ? DETOUR_DELAY_MS : DETOUR_LOOK_MS;
				trial = { failures: 0, notBefore: now + delay };
				this.#trials.set(peer, trial);
			}
			if (now >= trial.notBefore) this.open(peer);
		}
	}

	/**
	 * Opens a detour to a peer, unless one is there or on its way.
	 *
	 * @param beside the one that is there may be dead: another way is looked for
	 */
	open(peer: PeerId, beside = false): void {
		const { clock, random, self, certificate, routes, epoch } = this.#deps;
		if (!isInitiator(self, peer) || this.#isOpening(peer)) return;
		const used = this.#carriersTo(peer);
		if (used.size > 0 && !beside) return;
		// Whichever carrier it is that fell silent, none of them is needed.
		const ways = routes
			.waysTo(peer)
			.filter((way) => !way.some((carrier) => used.has(carrier)));
		const trial = this.#trial(peer);
		const carriers = ways[trial.failures % Math.max(1, ways.length)];
		if (carriers === undefined) return;
		const id = toHex(random.bytes(12));
		const nonce = toHex(random.bytes(16));
		const cancel = clock.after(DETOUR_OPEN_MS, () => {
			this.#openings.delete(id);
			this.#failed(peer);
		});
		this.#openings.set(id, { peer, carriers, nonce, cancel });
		const body = encodeDetour({
			kind: "open",
			id,
			nonce,
			epoch: epoch(),
			certificate,
		});
		this.#deps.post([self, ...carriers, peer], "control", body);
	}

	/** A link to the peer came up. */
	linked(peer: PeerId): void {
		this.#trials.delete(peer);
	}

	/** A carrier says that a peer left. It may say so of those only whom it carries for: it could be silent as well. */
	left(peer: PeerId, carrier: PeerId): void {
		for (const open of [...this.#open.values()])
			if (open.peer === peer && open.detour.carriers.includes(carrier))
				open.detour.lose(LEFT);
	}

	/** Takes what arrived from the far end of a path. The pages on the way could not read it and answer for none of it. */
	receive(path: readonly PeerId[], body: Uint8Array): void {
		const message = messageIn(body);
		const [from] = path;
		if (from === undefined || message === undefined) return;
		if (message.kind === "sealed") {
			const open = this.#open.get(message.id);
			if (open?.peer === from) open.detour.take(message);
			else {
				const early = this.#early.get(message.id)?.messages;
				if (early !== undefined && early.length < MAX_EARLY)
					early.push(message);
			}
		} else if (message.epoch !== this.#deps.epoch()) return;
		else if (message.kind === "accept") {
			const opening = this.#openings.get(message.id);
			if (opening?.peer !== from || this.#early.has(message.id)) return;
			void this.#establish(from, opening.carriers, message, opening.nonce);
		} else if (isInitiator(from, this.#deps.self) && this.#mayAsk())
			void this.#accept(from, path.slice(1, -1).reverse(), message);
	}

	stop(): void {
		this.#stopLooking();
		for (const { cancel } of this.#openings.values()) cancel();
		this.#openings.clear();
		for (const { detour } of [...this.#open.values()]) detour.close();
	}

	async #accept(
		from: PeerId,
		carriers: readonly PeerId[],
		message: Opener,
	): Promise<void> {
		const { id } = message;
		if (this.#open.has(id) || this.#early.has(id)) return;
		const nonce = toHex(this.#deps.random.bytes(16));
		await this.#establish(from, carriers, message, nonce);
	}

	/** Makes the transport, once the other end's key is known. Who really is there its hello must show. */
	async #establish(
		peer: PeerId,
		carriers: readonly PeerId[],
		{ kind, id, nonce: other, epoch, certificate }: Opener,
		nonce: string,
	): Promise<void> {
		const { verifier, seal, swarm, self, post } = this.#deps;
		const path = [self, ...carriers, peer];
		const early: Early = { messages: [] };
		this.#early.set(id, early);
		try {
			const theirs = await verifyCertificate(verifier, certificate);
			const { shared } = this.#agreed.take(theirs.seal, () => ({
				shared: agree(seal.privateKey, theirs.seal),
			}));
			if (theirs.peer !== peer || shared === undefined) return;
			const isOpener = kind === "accept";
			const opening = this.#openings.get(id);
			// It took too long, or was called off meanwhile.
			if (isOpener && opening === undefined) return;
			opening?.cancel();
			this.#openings.delete(id);
			const keys = detourKeys(
				shared,
				{
					swarm,
					opener: isOpener ? self : peer,
					other: isOpener ? peer : self,
					openerNonce: isOpener ? nonce : other,
					otherNonce: isOpener ? other : nonce,
				},
				isOpener,
			);
			const detour = new Detour({
				id,
				carriers,
				keys,
				fingerprints: {
					local: toHex(seal.publicKey),
					remote: toHex(theirs.seal),
				},
				post: (lane, body) => post(path, lane, body),
				onClosed: () => {
					this.#open.delete(id);
					if (isOpener) this.#failed(peer);
				},
			});
			this.#open.set(id, { peer, detour });
			// Before anything that is sealed with it: the other end has half of the key only.
			if (!isOpener) {
				const own = this.#deps.certificate;
				post(
					path,
					"control",
					encodeDetour({ kind: "accept", id, nonce, epoch, certificate: own }),
				);
			}
			detour.events = this.#deps.onTransport(peer, detour, {
				self: nonce,
				other,
			});
			for (const message of early.messages) detour.take(message);
		} catch {
			// Not a certificate: nothing was opened.
		} finally {
			this.#early.delete(id);
		}
	}

	#isOpening(peer: PeerId): boolean {
		return [...this.#openings.values()].some(
			(opening) => opening.peer === peer,
		);
	}

	/** The pages by which the detours to a peer lead that are open. */
	#carriersTo(peer: PeerId): Set<PeerId> {
		const open = [...this.#open.values()].filter((one) => one.peer === peer);
		return new Set(open.flatMap(({ detour }) => detour.carriers));
	}

	#trial(peer: PeerId): Trial {
		const trial = this.#trials.get(peer) ?? { failures: 0, notBefore: 0 };
		this.#trials.set(peer, trial);
		return trial;
	}

	#failed(peer: PeerId): void {
		const trial = this.#trial(peer);
		const pause = Math.min(REDIAL_MAX_MS, REDIAL_BASE_MS * 2 ** trial.failures);
		trial.failures++;
		trial.notBefore =
			this.#deps.clock.now() + pause * (0.5 + this.#deps.random.fraction() / 2);
	}

	/** Whether the first carrier still is a neighbour and says that it reaches the peer as closely as it did. */
	#leads(peer: PeerId, carriers: readonly PeerId[]): boolean {
		const [first] = carriers;
		const ways = this.#deps.routes.waysTo(peer);
		return (
			first !== undefined &&
			this.#deps.isNear(first) &&
			ways.some((way) => way[0] === first && way.length <= carriers.length)
		);
	}

	/** Each detour asked for costs a signature and an agreement. */
	#mayAsk(): boolean {
		const second = Math.floor(this.#deps.clock.now() / 1000);
		if (this.#asked.second !== second) this.#asked = { second, count: 0 };
		this.#asked.count++;
		return (
			this.#asked.count <= DETOURS_PER_SECOND &&
			this.#open.size + this.#early.size < MAX_DETOURS
		);
	}
}

function messageIn(body: Uint8Array): DetourMessage | undefined {
	try {
		return decodeDetour(body);
	} catch {
		return undefined;
	}
}
