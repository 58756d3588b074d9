/**
 * Where an invite's two ends meet (M2): a topic and key derived from its seed, and links greeted without an epoch,
 * because the joining device has none yet. Whoever answers here has proved its device key, nothing more.
 */
import type { RelayKeys } from "../identity/epoch.ts";
import type { Signer, Verifier } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import type { DeviceId, SwarmId } from "../wire/ids.ts";
import type { Greeted } from "./hello.ts";
import { LEFT, Link } from "./link.ts";
import type { Connector, Signaling } from "./ports.ts";
import { Rendezvous } from "./rendezvous.ts";

/** Stands for "no epoch" in hellos of such links. */
const INVITE_EPOCH = -1;

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
	onUp(greeted: Greeted, say: (bytes: Uint8Array) => Promise<void>): void;
	onMessage(
		greeted: Greeted,
		bytes: Uint8Array,
		say: (bytes: Uint8Array) => Promise<void>,
	): void;
}

export class InviteMeeting {
	readonly #links = new Set<Link>();
	readonly #rendezvous: Rendezvous;

	constructor(deps: InviteMeetingDeps) {
		const self = toHex(deps.signer.publicKey);
		this.#rendezvous = new Rendezvous({
			clock: deps.clock,
			random: deps.random,
			signaling: deps.signaling,
			connector: deps.connector,
			keys: deps.keys,
			self: { peer: self, device: deps.device },
			boot: toHex(deps.random.bytes(16)),
			wants: (device) => deps.wants(device),
			isLinked: (peer) => this.#linkTo(peer) !== undefined,
			isOpen: () => true,
			isWanted: () => true,
			isCarried: () => false,
			carry: () => undefined,
			onTransport: (peer, transport, nonces) => {
				const link = new Link(
					{
						clock: deps.clock,
						signer: deps.signer,
						verifier: deps.verifier,
						certificate: deps.certificate,
						admit: async (greeted) => deps.admit(greeted),
						onUp: ({ greeted }) => {
							if (greeted !== undefined)
								deps.onUp(greeted, (bytes) => link.send("state", bytes));
						},
						onClosed: (closed, reason) => {
							this.#links.delete(closed);
							if (reason === LEFT) this.#rendezvous.forget(peer);
							else this.#rendezvous.lost(peer);
						},
						onMessage: ({ greeted }, channel, bytes) => {
							if (greeted !== undefined && channel === "state")
								deps.onMessage(greeted, bytes, (answer) =>
									link.send("state", answer),
								);
						},
					},
					transport,
					{
						swarm: deps.swarm,
						epoch: INVITE_EPOCH,
						self,
						other: peer,
						nonces,
						fingerprints: transport.fingerprints,
					},
				);
				this.#links.add(link);
				return link;
			},
		});
	}

	stop(): void {
		this.#rendezvous.stop();
		for (const link of [...this.#links]) link.bye();
	}

	#linkTo(peer: string): Link | undefined {
		return [...this.#links].find((link) => link.terms.other === peer);
	}
}
