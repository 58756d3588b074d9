/** One swarm as one page lives it: mesh, replica, blobs, tasks and agents put together. */
import { builtinAgents } from "../agents/builtin.ts";
import { cardOf, reactionsOf } from "../agents/define.ts";
import { type AgentHost, createAgentHost } from "../agents/host.ts";
import { outputCheck } from "../agents/validate.ts";
import type { MembershipView } from "../identity/membership.ts";
import type { Greeted } from "../mesh/hello.ts";
import { BYE_FRAME } from "../mesh/link.ts";
import { Mesh, type MeshPeer } from "../mesh/mesh.ts";
import { type Blobs, createBlobs } from "../replica/blobs.ts";
import { createReplica } from "../replica/replica.ts";
import type { Replica } from "../replica/types.ts";
import { createTaskEngine, type TaskEngine } from "../tasks/engine.ts";
import { ownCancelOnly } from "../tasks/status.ts";
import { equalBytes } from "../wire/bytes.ts";
import { EXPULSION_FLUSH_MS, MEMBERSHIP_WAIT_MS } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { type DeviceId, type PeerId, SWARM_SPACE } from "../wire/ids.ts";
import { Admission } from "./admission.ts";
import { contextOf } from "./agent-context.ts";
import { Departures } from "./departures.ts";
import { Documents } from "./documents.ts";
import type { Drafts, DraftsDeps } from "./drafts.ts";
import { Epochs, epochsOf } from "./epochs.ts";
import { Faults } from "./faults.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import { Presence } from "./presence.ts";
import { Research } from "./research.ts";
import type { Session } from "./session.ts";
import { SharedState } from "./state.ts";

/** The method by which a page's agents are asked for a skill. */
const CALL_AGENT = "agent.call";

export interface SwarmHooks {
	/** Anything a screen shows changed. */
	onChange(): void;
	/** A write could not be stored, in words; `null`: all is stored (S9). */
	onNotSaved(reason: string | null): void;
	/** This page's session must not be continued (S8, E1). */
	onSessionLost(): void;
}

export class SwarmRuntime {
	readonly session: Session;
	readonly replica: Replica;
	readonly blobs: Blobs;
	readonly mesh: Mesh;
	readonly tasks: TaskEngine;
	readonly state: SharedState;
	readonly presence: Presence;
	readonly admission: Admission;
	readonly departures: Departures;
	readonly documents: Documents;
	readonly research: Research;
	readonly faults = new Faults();
	#drafts: Drafts | undefined;
	readonly #ports: NodePorts;
	readonly #host: AgentHost;
	readonly #epochs: Epochs;
	readonly #awakeListeners = new Set<() => void>();
	/** A device believed to be a member before its entries arrive: the issuer of the invite we came by. */
	#vouched: DeviceId | undefined;
	#introduced: Promise<void> | undefined;

	constructor(
		ports: NodePorts,
		session: Session,
		row: SwarmRow,
		hooks: SwarmHooks,
		vouched?: DeviceId,
	) {
		this.#ports = ports;
		this.session = session;
		this.#vouched = vouched;
		const { clock, random, suite } = ports;
		const deviceOf = (peer: PeerId): DeviceId | undefined =>
			this.deviceOf(peer);
		this.replica = createReplica({
			swarm: row.swarm,
			signer: session.signer,
			certificate: session.certificate,
			verifier: suite,
			store: ports.entries,
			fence: session.fence,
			clock,
			random,
			send: (to, bytes) => this.mesh.sendState(to, bytes),
			onOffence: (peer, code) => this.mesh.offend(peer, code),
			onNotSaved: hooks.onNotSaved,
			onOwnLogLonger: hooks.onSessionLost,
			onFork: (fork) => {
				this.faults.forked(fork);
				hooks.onChange();
			},
			onDamage: () => {
				this.faults.damaged++;
			},
			onRebuilt: () => {
				this.faults.rebuilt++;
			},
		});
		const tabsName = `shoal/${row.swarm}`;
		const tabs = ports.tabs(tabsName);
		this.mesh = new Mesh({
			clock,
			random,
			signer: session.signer,
			verifier: suite,
			certificate: session.certificate,
			seal: session.deviceRow.seal,
			device: session.device,
			swarm: row.swarm,
			...epochsOf(row),
			signaling: ports.signaling,
			connector: ports.connector,
			tabs,
			uplink: ports.uplink,
			admit: (greeted) => this.#admit(greeted),
			onBehind: (device) => this.departures.onBehind(device),
			onPeerUp: (peer) => this.#peerUp(peer),
			onPeerDown: (peer) => this.#peerDown(peer),
			onState: (from, bytes) => void this.replica.receive(from, bytes),
			onBulk: (from, bytes) => void this.blobs.receive(from, bytes),
			onChange: hooks.onChange,
		});
		ports.farewell(
			tabs === undefined
				? []
				: [{ name: tabsName, message: this.mesh.farewell }],
			BYE_FRAME,
		);
		this.blobs = createBlobs({
			store: ports.blobs,
			send: (to, bytes) => this.mesh.sendBulk(to, bytes),
			clock,
			random,
			peers: () => this.mesh.peers().map(({ peer }) => peer),
		});
		this.documents = new Documents({
			parser: ports.parser,
			blobs: this.blobs,
			replica: this.replica,
			device: session.device,
		});
		this.state = new SharedState(this.replica, session.device, deviceOf);
		const { messenger } = this.mesh;
		this.#host = createAgentHost({
			agents: builtinAgents,
			port: ports.agents,
			clock,
			capacity: ports.capacity,
			context: contextOf({
				documents: this.documents,
				state: this.state,
				messenger,
			}),
		});
		this.tasks = createTaskEngine({
			clock,
			random,
			me: { peer: session.peer, device: session.device },
			records: this.replica,
			bus: {
				request: (to, method, params, options) =>
					messenger.request(to, method, params, options),
				handle: (method, answer) => messenger.handle(method, answer),
			},
			executor: this.#host,
			reactions: reactionsOf(builtinAgents),
			rules: { ...ownCancelOnly, accepts: outputCheck(builtinAgents) },
			awake: () => this.awake(),
			deviceOf,
			onAwakeChange: (listener) => {
				this.#awakeListeners.add(listener);
				return () => this.#awakeListeners.delete(listener);
			},
		});
		messenger.handle(CALL_AGENT, (params) => this.#callAgent(params));
		this.#epochs = new Epochs({
			ports,
			session,
			row,
			replica: this.replica,
			mesh: this.mesh,
			deviceOf,
			onBegun: () => this.admission.review(),
		});
		this.admission = new Admission({
			ports,
			session,
			replica: this.replica,
			mesh: this.mesh,
			row: () => this.row,
		});
		this.departures = new Departures({
			ports,
			session,
			swarm: row.swarm,
			replica: this.replica,
			mesh: this.mesh,
			epochs: this.#epochs,
			onChange: hooks.onChange,
			onReturned: hooks.onSessionLost,
		});
		this.presence = new Presence({
			session,
			replica: this.replica,
			mesh: this.mesh,
			cards: builtinAgents.map(cardOf),
			deviceName: session.deviceRow.name,
		});
		this.research = new Research({
			clock,
			tasks: this.tasks,
			documents: this.documents,
			blobs: this.blobs,
			replica: this.replica,
			device: session.device,
			mesh: this.mesh,
			deviceOf,
		});
		this.replica.watch(() => hooks.onChange());
		this.tasks.watch("*", () => hooks.onChange());
	}

	async start(): Promise<void> {
		await this.replica.start();
		this.departures.start();
		await this.admission.start();
		// The log may be on its way: the page may have closed before it came, or lost it.
		const unwatch = this.replica.watch(() => introduce());
		const introduce = (): void => {
			if (!this.isMember) return;
			unwatch();
			// Nobody waits for it; where it cannot be stored, the page says so anyway (S9).
			this.#introduce().catch(() => undefined);
		};
		introduce();
	}

	/** Tells the swarm who this is, once. */
	#introduce(): Promise<void> {
		this.#introduced ??= this.presence.announce();
		return this.#introduced;
	}

	async stop(): Promise<void> {
		this.admission.stop();
		this.departures.stop();
		this.#drafts?.stop();
		this.tasks.stop();
		this.#host.stop();
		await this.replica.stop();
		this.mesh.stop();
	}

	/** The swarm as this device has it stored: with the present epoch. */
	get row(): SwarmRow {
		return this.#epochs.row;
	}

	/** Takes this device out of the swarm, and lets those who are linked hear of it. */
	async depart(): Promise<void> {
		const { clock } = this.#ports;
		// Where it cannot be said it is not: leaving needs nobody's leave.
		await this.departures.leave().catch(() => undefined);
		if (this.mesh.peers().length > 0)
			await new Promise<void>((resolve) => {
				clock.after(EXPULSION_FLUSH_MS, resolve);
			});
	}

	get isMember(): boolean {
		return this.replica.membership().isMember(this.session.device);
	}

	/** Made when they are first asked for, of code that is fetched then: most pages have no drafts. */
	drafts(Made: new (deps: DraftsDeps) => Drafts): Drafts {
		const { clock, random, inviteBase } = this.#ports;
		this.#drafts ??= new Made({
			replica: this.replica,
			clock,
			random,
			session: this.session.peer,
			device: this.session.device,
			inviteBase,
		});
		return this.#drafts;
	}

	/**
	 * Resolves once the swarm's log shows this device as a member, and reaches the act that the invite names (M2).
	 *
	 * @throws ShoalError `timeout`
	 */
	async memberSoon(head: Uint8Array): Promise<void> {
		const isIn = await this.#soon(({ isMember, invites }) => {
			const reachesHead =
				head.length === 0 || invites.some(({ hash }) => equalBytes(hash, head));
			return reachesHead && isMember(this.session.device);
		}, MEMBERSHIP_WAIT_MS);
		if (!isIn)
			throw new ShoalError(
				"timeout",
				"The swarm's membership did not arrive. This page keeps trying.",
			);
		await this.#introduce();
	}

	/**
	 * Asks a page (`<peer>`) a method, or an agent (`<peer>/<name>`) a skill.
	 *
	 * @throws ShoalError `no-such-peer`, `no-such-agent`, `no-such-method`, `timeout`, or the code of the answer
	 */
	request(
		to: string,
		method: string,
		params: unknown,
		options: { readonly timeoutMs?: number } = {},
	): Promise<unknown> {
		const [peer = "", agent] = to.split("/");
		const { messenger } = this.mesh;
		return agent === undefined
			? messenger.request(peer, method, params, options)
			: messenger.request(
					peer,
					CALL_AGENT,
					{ agent, skill: method, input: params },
					options,
				);
	}

	publish(topic: string, data: unknown): void {
		this.mesh.messenger.publish(topic, data);
	}

	/** Pages awake now, this one included. */
	awake(): readonly PeerId[] {
		return [this.session.peer, ...this.mesh.peers().map(({ peer }) => peer)];
	}

	deviceOf(peer: PeerId): DeviceId | undefined {
		if (peer === this.session.peer) return this.session.device;
		return (
			this.mesh.peers().find((known) => known.peer === peer)?.device ??
			this.replica.deviceOf(peer)
		);
	}

	#callAgent(params: unknown): Promise<unknown> {
		if (typeof params === "object" && params !== null) {
			const { agent, skill, input } = params as Record<string, unknown>;
			if (typeof agent === "string" && typeof skill === "string")
				return this.#host.call(agent, skill, input);
		}
		throw new ShoalError("bad-input", "Name an agent, a skill and its input.");
	}

	/**
	 * Who greets in this epoch was told its secret. Of a device that nothing is known of here, the admission may have come
	 * while this page was away, or was lost with its disk; that device holds it, so it is linked for as long as it takes to
	 * tell (E3).
	 */
	async #admit({ device }: Greeted): Promise<boolean> {
		if (this.#isOut(device)) return false;
		const { isMember } = this.replica.membership();
		if (device === this.#vouched || isMember(device)) return true;
		const isKnown = this.#soon(
			(view) => view.isMember(device),
			MEMBERSHIP_WAIT_MS,
		);
		void isKnown.then((isIn) => {
			if (!isIn) this.mesh.expel(device);
		});
		return true;
	}

	/** Whether a removal of the device stands. */
	#isOut(device: DeviceId): boolean {
		const { isMember, removalsOf } = this.replica.membership();
		return !isMember(device) && removalsOf(device).length > 0;
	}

	/** Whether something holds of the membership, now or within a while. */
	#soon(
		holds: (view: MembershipView) => boolean,
		waitMs: number,
	): Promise<boolean> {
		if (holds(this.replica.membership())) return Promise.resolve(true);
		return new Promise((resolve) => {
			const settle = (answer: boolean): void => {
				cancel();
				unwatch();
				resolve(answer);
			};
			const cancel = this.#ports.clock.after(waitMs, () => settle(false));
			const unwatch = this.replica.watch((space) => {
				if (space === SWARM_SPACE && holds(this.replica.membership()))
					settle(true);
			});
		});
	}

	#peerUp({ peer }: MeshPeer): void {
		this.replica.linkUp(peer);
		this.#epochs.follow();
		for (const listener of this.#awakeListeners) listener();
	}

	#peerDown(peer: PeerId): void {
		this.replica.linkDown(peer);
		this.blobs.linkDown(peer);
		for (const listener of this.#awakeListeners) listener();
	}
}
