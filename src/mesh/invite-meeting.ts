/**
 * Where an invite's two ends meet (M2): a topic and key derived from its seed, and links greeted without an epoch,
 * because the joining device has none yet. Whoever answers here has proved its device key, nothing more. Once it is
 * admitted, the connection is greeted anew, in the swarm, so that nobody has to connect twice (L3.1).
 */
import type { RelayKeys } from "../identity/epoch.ts";
import type { Signer, Verifier } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import type { DeviceId, PeerId, SwarmId } from "../wire/ids.ts";
import type { Nonces } from "./attempts.ts";
import type { Greeted } from "./hello.ts";
import { LEFT, Link } from "./link.ts";
import type {
	ChannelClass,
	Connector,
	Signaling,
	Transport,
	TransportEvents,
} from "./ports.ts";
import { Rendezvous } from "./rendezvous.ts";

/** Stands for "no epoch" in hellos of such links. */
const INVITE_EPOCH = -1;

/** Whoever greets a connection anew: the mesh of the swarm that the invite is for. */
export interface Adopter {
	readonly self: PeerId;
	/** Of this page's present life. */
	readonly boot: string;
	/** A direct link to this peer is up or being greeted. */
	isLinked(peer: PeerId): boolean;
	/** A connection to a peer is about to be handed over. */
	expect(peer: PeerId): void;
	adopt(
		peer: PeerId,
		boot: string,
		transport: Transport,
		nonces: Nonces,
	): TransportEvents;
}

/** The other end of a link. */
export interface Met {
	readonly greeted: Greeted;
	say(bytes: Uint8Array): Promise<void>;
	/** Makes the connection one of the swarm's, where the other end does the same. */
	handOver(adopter: Adopter): void;
}

export interface InviteMeetingDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly signer: Signer;
	readonly verifier: Verifier;
	readonly certificate: Uint8Array;
	readonly device: DeviceId;
	readonly swarm: SwarmId;
	readonly keys: RelayKeys;
	readonly signaling: Signaling;
	readonly connector: Connector;
	/** Whether a device may have come to join, or to answer who does: two that answer have nothing to say to each other. */
	wants(device: DeviceId): boolean;
	admit(greeted: Greeted): boolean;
	onUp(met: Met): void;
	onMessage(met: Met, bytes: Uint8Array): void;
	/** Who takes the connection over when the other end asks for it; undefined where it may not. */
	adopter(greeted: Greeted): Adopter | undefined;
}

export class InviteMeeting {
	readonly #deps: InviteMeetingDeps;
	readonly #self: PeerId;
	readonly #links = new Set<Link>();
	/** Who took connections over: whom it is linked with need not be linked here, until it comes again. */
	#adopter: Adopter | undefined;
	readonly #rendezvous: Rendezvous;

	constructor(deps: InviteMeetingDeps) {
		this.#deps = deps;
		this.#self = toHex(deps.signer.publicKey);
		this.#rendezvous = new Rendezvous({
			clock: deps.clock,
			random: deps.random,
			signaling: deps.signaling,
			connector: deps.connector,
			keys: deps.keys,
			self: { peer: this.#self, device: deps.device },
			boot: toHex(deps.random.bytes(16)),
			wants: (device) => deps.wants(device),
			isLinked: (peer) =>
				this.#adopter?.isLinked(peer) ||
				[...this.#links].some(({ terms }) => terms.other === peer),
			isOpen: () => true,
			isWanted: () => true,
			isCarried: () => false,
			carry: () => undefined,
			onTransport: (peer, transport, nonces) =>
				this.#greet(peer, transport, nonces),
		});
	}

	stop(): void {
		this.#rendezvous.stop();
		for (const link of [...this.#links]) link.bye();
	}

	#greet(peer: PeerId, transport: Transport, nonces: Nonces): TransportEvents {
		const deps = this.#deps;
		const { clock, signer, verifier, certificate, swarm } = deps;
		let asked: Adopter | undefined;
		const metOf = (greeted: Greeted): Met => ({
			greeted,
			say: (bytes) => link.send("state", bytes),
			handOver: (adopter) => {
				// Another session of this device took its place: the connection is not that one's.
				if (adopter.self !== this.#self) return;
				asked = adopter;
				adopter.expect(peer);
				link.anew(adopter.boot);
			},
		});
		const link = new Link(
			{
				clock,
				signer,
				verifier,
				certificate,
				admit: async (greeted) => deps.admit(greeted),
				onUp: ({ greeted }) => {
					if (greeted !== undefined) deps.onUp(metOf(greeted));
				},
				onClosed: (closed, reason) => {
					this.#links.delete(closed);
					if (reason === LEFT) this.#rendezvous.forget(peer);
					else this.#rendezvous.lost(peer);
				},
				onMessage: ({ greeted }, channel, bytes) => {
					if (greeted !== undefined && channel === "state")
						deps.onMessage(metOf(greeted), bytes);
				},
				onAnew: ({ greeted }, boot) => {
					const adopter = asked ?? (greeted && deps.adopter(greeted));
					if (adopter === undefined) {
						link.close("asked for what it may not", "malformed");
						return;
					}
					if (asked === undefined) link.anew(adopter.boot);
					link.release();
					this.#links.delete(link);
					this.#adopter = adopter;
					events.to = adopter.adopt(peer, boot, transport, nonces);
				},
			},
			transport,
			{
				swarm,
				epoch: INVITE_EPOCH,
				self: this.#self,
				other: peer,
				nonces,
				fingerprints: transport.fingerprints,
			},
		);
		this.#links.add(link);
		const events = new Handed(link);
		return events;
	}
}

/** What a connection tells, for one link after the other. */
class Handed implements TransportEvents {
	to: TransportEvents;

	constructor(to: TransportEvents) {
		this.to = to;
	}
	onFrame(channel: ChannelClass, frame: Uint8Array): void {
		this.to.onFrame(channel, frame);
	}
	onDrain(): void {
		this.to.onDrain();
	}
	onClose(reason: string): void {
		this.to.onClose(reason);
	}
}
