/**
 * The mesh of one swarm: presence, links and messages of one page. It knows peers and bytes; what travels in the state
 * and bulk classes is the replica's.
 */
import type { SealKey } from "../identity/agreement.ts";
import type { Epoch } from "../identity/epoch.ts";
import type { Signer, Verifier } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import {
	EXPULSION_FLUSH_MS,
	HANDOVER_WAIT_MS,
	MAX_CONTROL_BYTES,
	UPLINK_CODE_MS,
} from "../wire/constants.ts";
import { type ErrorCode, ShoalError } from "../wire/error.ts";
import type { DeviceId, PeerId, SwarmId } from "../wire/ids.ts";
import type { Nonces } from "./attempts.ts";
import type { Lane } from "./carrying.ts";
import { EpochWindow } from "./epoch-window.ts";
import type { Greeted } from "./hello.ts";
import { Intake } from "./intake.ts";
import { LateByways, whenFetched } from "./late.ts";
import { LEFT, Link, type LinkDeps, RESTED } from "./link.ts";
import { isNear, Links } from "./links.ts";
import { Meetings } from "./meetings.ts";
import { Messenger } from "./messenger.ts";
import type { OwnLinks } from "./own-links.ts";
import type {
	Connector,
	Signaling,
	TabChannel,
	TabMessage,
	Transport,
	TransportEvents,
} from "./ports.ts";
import type { Tabs } from "./tabs.ts";
import type { UplinkPort } from "./uplink.ts";

export interface MeshDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly signer: Signer;
	readonly verifier: Verifier;
	readonly certificate: Uint8Array;
	/** The key in the certificate that secrets are sealed to. */
	readonly seal: SealKey;
	readonly device: DeviceId;
	readonly swarm: SwarmId;
	/** The epoch that this page was last in, and those before it, the earliest first (M3). */
	readonly epoch: Epoch;
	readonly past: readonly Epoch[];
	readonly signaling: Signaling;
	readonly connector: Connector;
	/** Absent where this browser has none. */
	readonly tabs: TabChannel | undefined;
	/** Absent where the pages of this browser cannot agree which of them is the uplink. */
	readonly uplink: UplinkPort | undefined;
	/** Whether the device is a member; waits a while for an admission that is still on its way (E3). */
	admit(greeted: Greeted): Promise<boolean>;
	onPeerUp(peer: MeshPeer): void;
	/** `left`: it said bye. */
	onPeerDown(peer: PeerId, left: boolean): void;
	/** Who is no longer heard here comes where the swarm met before: a page of this device, or somebody who says so. */
	onBehind(device: DeviceId): void;
	onState(from: PeerId, bytes: Uint8Array): void;
	onBulk(from: PeerId, bytes: Uint8Array): void;
	/** Anything about the peers changed: for showing. */
	onChange(): void;
}

export interface MeshPeer {
	readonly peer: PeerId;
	readonly device: DeviceId;
	readonly via: "tab" | "rtc" | "forwarded";
	readonly rttMs: number | null;
}

/** First byte of a message of the bulk class: an envelope too long for control, a body, or what is carried for others. */
const BULK_ENVELOPE = 0;
const BULK_BODY = 1;
const BULK_SIDE = 2;

export class Mesh {
	readonly messenger: Messenger;
	readonly #deps: MeshDeps;
	readonly self: PeerId;
	readonly #links: Links;
	readonly #epochs: EpochWindow;
	readonly #rendezvous: Meetings;
	readonly #byways: LateByways;
	#tabs: Tabs | undefined;
	/** Of this page's present life. */
	readonly boot: string;
	/** Each page is its own uplink here, at least until they can agree (L7). */
	#isAlone: boolean;
	#own: OwnLinks | undefined;
	/** To whom a connection is about to be handed over. */
	readonly #expected = new Set<PeerId>();
	#stopped = false;

	constructor(deps: MeshDeps) {
		this.#deps = deps;
		const { clock, random, signer, verifier, signaling, connector } = deps;
		this.self = toHex(signer.publicKey);
		this.#links = new Links(clock);
		const boot = toHex(random.bytes(16));
		this.boot = boot;
		this.#epochs = new EpochWindow(clock, deps.epoch.number);
		this.#isAlone = deps.tabs === undefined || deps.uplink === undefined;
		this.messenger = new Messenger({
			clock,
			random,
			signer,
			verifier,
			swarm: deps.swarm,
			epochs: this.#epochs,
			self: this.self,
			sendEnvelope: (to, envelope) => this.#sendEnvelope(to, envelope),
			isReachable: (to) =>
				this.#links.to(to) !== undefined || this.#rendezvous.heard.includes(to),
			linked: () => this.peers().map(({ peer }) => peer),
			onOffence: (from, code) => this.offend(from, code),
		});
		this.#rendezvous = new Meetings(
			{
				clock,
				random,
				signaling,
				connector,
				self: { peer: this.self, device: deps.device },
				boot,
				isLinked: (peer) => this.isLinked(peer),
				isOpen: () => this.#own?.areOpen ?? this.#isAlone,
				isWanted: (peer) => this.#wants(peer),
				isCarried: (peer) => this.#carried(peer) !== undefined,
				carry: (peer, message) => {
					if (this.#carried(peer) !== undefined)
						this.#byways.do((byways) => byways.signal(peer, message));
				},
				onTransport: (peer, transport, nonces, epoch) =>
					this.#greet(peer, transport, nonces, epoch),
				onBehind: (device) => deps.onBehind(device),
			},
			deps.epoch,
			deps.past,
		);
		this.#byways = new LateByways({
			clock,
			random,
			verifier,
			self: this.self,
			swarm: deps.swarm,
			certificate: deps.certificate,
			seal: deps.seal,
			epoch: () => this.#epochs.current,
			isLinked: (peer) =>
				this.#links.to(peer) !== undefined ||
				this.#links.isGreeting(peer, false),
			expectsLink: (peer) =>
				this.#expected.has(peer) ||
				(signaling.state === "connected" &&
					this.#wants(peer) &&
					this.#rendezvous.heard.includes(peer)),
			isNear: (peer) => this.#links.near(peer) !== undefined,
			near: () =>
				this.#links.all.filter(isNear).map(({ terms }) => terms.other),
			send: (to, lane, bytes) => {
				const link = this.#links.near(to);
				return lane === "control"
					? link?.sendSide(bytes)
					: link?.send("bulk", tagged(BULK_SIDE, bytes));
			},
			sendCarried: (to, bytes) => this.#carried(to)?.sendSide(bytes),
			onSignal: (from, message) => this.#rendezvous.take(from, message),
			onRole: (from, isUplink) => this.#own?.told(from, isUplink),
			onOffence: (from, code) => this.offend(from, code),
			onTransport: (peer, transport, nonces) =>
				this.#greet(peer, transport, nonces, this.#epochs.current),
		});
		if (deps.tabs !== undefined) this.#meetSiblings(deps.tabs, deps.uplink);
	}

	#meetSiblings(channel: TabChannel, port: UplinkPort | undefined): void {
		const { clock, swarm } = this.#deps;
		whenFetched(clock, (code) => {
			if (this.#stopped) return;
			this.#own =
				port &&
				new code.OwnLinks({
					clock,
					port,
					name: swarm,
					links: this.#links,
					meetings: this.#rendezvous,
					byways: this.#byways,
				});
			this.#tabs = new code.Tabs({
				clock,
				channel,
				self: this.self,
				boot: this.boot,
				farewell: this.farewell,
				onTransport: (peer, transport, nonces) =>
					this.#greet(peer, transport, nonces, this.#epochs.current),
			});
		});
		clock.after(UPLINK_CODE_MS, () => {
			if (this.#stopped || this.#own !== undefined || this.#isAlone) return;
			this.#isAlone = true;
			this.#rendezvous.wake();
		});
	}

	/** A direct link to a peer is up or being greeted. */
	isLinked(peer: PeerId): boolean {
		return (
			this.#links.near(peer) !== undefined || this.#links.isGreeting(peer, true)
		);
	}

	/** A connection to a peer is about to be handed over: another one is not needed for a moment (L3.1). */
	expect(peer: PeerId): void {
		this.#expected.add(peer);
		this.#deps.clock.after(HANDOVER_WAIT_MS, () => {
			const isLate = this.#expected.delete(peer) && !this.#stopped;
			if (isLate && this.#links.near(peer) === undefined)
				this.#rendezvous.reach(peer);
		});
	}

	/** A connection whose ends met elsewhere becomes a link of this swarm: it is greeted anew, in its epoch (L3.1). */
	adopt(
		peer: PeerId,
		boot: string,
		transport: Transport,
		nonces: Nonces,
	): TransportEvents {
		this.#expected.delete(peer);
		this.#rendezvous.met(peer, boot);
		const link = this.#greet(peer, transport, nonces, this.#epochs.current);
		if (this.#stopped) link.close("stopped");
		return link;
	}

	/** Whether a direct link to a page of another device is wanted. */
	#wants(peer: PeerId): boolean {
		if (this.#expected.has(peer)) return false;
		return this.#own?.wants(peer) ?? this.#isAlone;
	}

	/**
	 * A new epoch began (M3): from here on this page speaks and meets in it. Links stay: both ends proved who they are.
	 */
	rekey(epoch: Epoch): void {
		this.#epochs.move(epoch.number);
		this.#rendezvous.move(epoch);
		this.#tabs?.announce();
	}

	/** Somebody says that the swarm meets in this epoch: it is looked for there, too, and nothing else is believed. */
	meetAlso(epoch: Epoch): void {
		this.#rendezvous.also(epoch);
	}

	/**
	 * A device does not belong here any more (M1): nothing of it is heard from here on. Its links close a moment later, so
	 * that what tells it why still gets through.
	 */
	expel(device: DeviceId): void {
		for (const { link, wasMain } of this.#links.expel(device)) {
			if (!wasMain) {
				link.close("not a member any more");
				continue;
			}
			this.#gone(link.terms.other, link);
			this.#deps.clock.after(EXPULSION_FLUSH_MS, () =>
				link.close("not a member any more"),
			);
		}
	}

	/** This device does not belong here any more: the page meets nobody of the swarm. */
	withdraw(): void {
		this.#rendezvous.stop();
		for (const link of this.#links.every)
			if (link.via !== "tab") link.close("not a member any more");
	}

	peers(): readonly MeshPeer[] {
		return this.#links.all.map(peerOf);
	}

	/** What the page itself posts on the tab channel when it is closed. */
	get farewell(): TabMessage {
		return { kind: "bye", from: this.self, nonce: this.boot };
	}

	/** Sends replicated state. @throws ShoalError `link-lost` */
	sendState(to: PeerId, bytes: Uint8Array): Promise<void> {
		return this.#link(to).send("state", bytes);
	}

	/** Sends a large body. @throws ShoalError `link-lost` */
	sendBulk(to: PeerId, bytes: Uint8Array): Promise<void> {
		return this.#link(to).send("bulk", tagged(BULK_BODY, bytes));
	}

	/** A peer broke the protocol: its link is closed (E3). */
	offend(peer: PeerId, code: ErrorCode): void {
		this.#links.end(peer, (link) =>
			link.close(`broke the protocol: ${code}`, code),
		);
	}

	/** The page is looked at again: others may think that it is gone. */
	wake(): void {
		this.#rendezvous.announce();
		this.#tabs?.announce();
	}

	/** The page slept for longer than a link may be silent: its connections are dead, most likely (L5). */
	slept(): void {
		for (const link of this.#links.all) if (link.via !== "tab") link.doubt();
		this.#rendezvous.wake();
		this.#tabs?.announce();
	}

	stop(): void {
		this.#stopped = true;
		this.#own?.stop();
		this.messenger.stop();
		this.#rendezvous.stop();
		for (const link of this.#links.every)
			if (link.isUp && !this.#links.isExpelled(link)) link.bye();
			else link.close("stopped");
		this.#byways.stop();
		this.#tabs?.stop();
		this.#deps.tabs?.close();
	}

	#link(to: PeerId): Link {
		const link = this.#links.to(to);
		if (link === undefined)
			throw new ShoalError("link-lost", "There is no connection to that page.");
		return link;
	}

	/** The link to a peer, where others carry it. */
	#carried(peer: PeerId): Link | undefined {
		return this.#links.near(peer) === undefined
			? this.#links.to(peer)
			: undefined;
	}

	async #sendEnvelope(to: PeerId, envelope: Uint8Array): Promise<void> {
		const link = this.#link(to);
		if (envelope.length < MAX_CONTROL_BYTES / 4)
			await link.sendEnvelope(envelope);
		else await link.send("bulk", tagged(BULK_ENVELOPE, envelope));
	}

	#greet(
		peer: PeerId,
		transport: Transport,
		nonces: Nonces,
		epoch: number,
	): Link {
		const { clock, signer, verifier, certificate, swarm, admit } = this.#deps;
		const intake = new Intake({
			clock,
			deliver: (envelope) => this.messenger.receive(peer, envelope),
			onFlood: () => this.offend(peer, "too-large"),
		});
		const deps: LinkDeps = {
			clock,
			signer,
			verifier,
			certificate,
			admit,
			onUp: (link) => this.#up(link),
			onClosed: (link, reason) => {
				intake.stop();
				this.#closed(link, reason);
			},
			onMessage: (link, channel, bytes) => {
				if (this.#links.isExpelled(link)) return;
				const from = link.terms.other;
				if (channel === "control") intake.add(bytes);
				else if (channel === "state") this.#deps.onState(from, bytes);
				else if (bytes[0] === BULK_ENVELOPE) intake.add(bytes.subarray(1));
				else if (bytes[0] === BULK_SIDE)
					this.#takeSide(link, "bulk", bytes.subarray(1));
				else this.#deps.onBulk(from, bytes.subarray(1));
			},
			onSide: (link, bytes) => {
				if (!this.#links.isExpelled(link))
					this.#takeSide(link, "control", bytes);
			},
			onRtt: () => this.#deps.onChange(),
			onSuspect: (link) => {
				if (this.#links.isExpelled(link)) return;
				const { via, terms } = link;
				if (via === "rtc") this.#rendezvous.reach(terms.other);
				if (via === "tab") this.#own?.look();
				this.#byways.do((byways) => byways.suspect(terms.other));
			},
		};
		const link = new Link(deps, transport, {
			swarm,
			epoch,
			self: this.self,
			other: peer,
			nonces,
			fingerprints: transport.fingerprints,
		});
		this.#links.greet(link);
		return link;
	}

	#takeSide(link: Link, lane: Lane, bytes: Uint8Array): void {
		const from = link.terms.other;
		const isDirect = isNear(link);
		this.#byways.do((byways) => byways.take(from, lane, isDirect, bytes));
	}

	#up(link: Link): void {
		const peer = link.terms.other;
		const place = this.#links.up(link);
		if (isNear(link)) this.#rendezvous.linked(peer);
		if (place !== "spare") {
			if (place === "replaced") this.#deps.onPeerDown(peer, false);
			this.#raised(link);
		}
		this.#byways.do((byways) => byways.up(peer));
		if (link.via === "tab") this.#own?.siblingUp(peer);
		if (this.#carried(peer) === link) this.#rendezvous.carried(peer);
	}

	#raised(link: Link): void {
		this.#deps.onPeerUp(peerOf(link));
		this.messenger.linkUp(link.terms.other);
		this.#deps.onChange();
	}

	#closed(link: Link, reason: string): void {
		const peer = link.terms.other;
		const left = reason === LEFT;
		const outcome = this.#links.closed(link, left);
		if (outcome === "expelled") return;
		if (link.via === "tab") this.#own?.siblingDown(peer);
		const current = this.#links.to(peer);
		const wasMain = outcome === "lost" || outcome === "fallen-back";
		if (left && current === undefined) {
			if (wasMain) this.#gone(peer, link);
			else if (!this.#stopped) this.#forget(peer);
			return;
		}
		if (wasMain) {
			this.#deps.onPeerDown(peer, false);
			if (current !== undefined) this.#raised(current);
			else this.#deps.onChange();
		}
		if (this.#stopped || this.#links.near(peer) !== undefined) return;
		if (isNear(link)) this.#byways.do((byways) => byways.down(peer, false));
		if (reason === RESTED) this.#rendezvous.forget(peer);
		else if (link.via === "rtc") this.#rendezvous.lost(peer);
	}

	/** A page is gone for good, as far as one knows. */
	#gone(peer: PeerId, link: Link): void {
		this.#deps.onPeerDown(peer, true);
		this.#deps.onChange();
		if (this.#stopped) return;
		if (isNear(link)) this.#byways.do((byways) => byways.down(peer, true));
		this.#forget(peer);
	}

	#forget(peer: PeerId): void {
		this.#rendezvous.forget(peer);
		this.messenger.gone(peer);
	}
}

function peerOf(link: Link): MeshPeer {
	return {
		peer: link.terms.other,
		device: link.greeted?.device ?? "",
		via: link.via,
		rttMs: link.rttMs,
	};
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
	const message = new Uint8Array(1 + bytes.length);
	message[0] = tag;
	message.set(bytes, 1);
	return message;
}
