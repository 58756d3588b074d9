/** One swarm as one page lives it: mesh, replica, blobs, tasks and agents put together. */
import { builtinAgents } from "../agents/builtin.ts";
import { cardOf, reactionsOf } from "../agents/define.ts";
import { type AgentHost, createAgentHost } from "../agents/host.ts";
import { outputCheck } from "../agents/validate.ts";
import type { Greeted } from "../mesh/hello.ts";
import { BYE_FRAME } from "../mesh/link.ts";
import { Mesh, type MeshPeer } from "../mesh/mesh.ts";
import { type Blobs, createBlobs } from "../replica/blobs.ts";
import { createReplica } from "../replica/replica.ts";
import type { Replica } from "../replica/types.ts";
import { createTaskEngine, type TaskEngine } from "../tasks/engine.ts";
import { ownCancelOnly } from "../tasks/status.ts";
import { MEMBERSHIP_WAIT_MS } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { type DeviceId, type PeerId, SWARM_SPACE } from "../wire/ids.ts";
import { Admission } from "./admission.ts";
import { contextOf } from "./agent-context.ts";
import { Documents } from "./documents.ts";
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
	readonly row: SwarmRow;
	readonly session: Session;
	readonly replica: Replica;
	readonly blobs: Blobs;
	readonly mesh: Mesh;
	readonly tasks: TaskEngine;
	readonly state: SharedState;
	readonly presence: Presence;
	readonly admission: Admission;
	readonly documents: Documents;
	readonly research: Research;
	readonly faults = new Faults();
	readonly #ports: NodePorts;
	readonly #host: AgentHost;
	readonly #awakeListeners = new Set<() => void>();
	/** A device believed to be a member before its entries arrive: the issuer of the invite we came by. */
	#vouched: DeviceId | undefined;

	constructor(
		ports: NodePorts,
		session: Session,
		row: SwarmRow,
		hooks: SwarmHooks,
		vouched?: DeviceId,
	) {
		this.#ports = ports;
		this.row = row;
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
		this.mesh = new Mesh({
			clock,
			random,
			signer: session.signer,
			verifier: suite,
			certificate: session.certificate,
			device: session.device,
			swarm: row.swarm,
			epoch: row.epoch,
			secret: row.secret,
			signaling: ports.signaling,
			connector: ports.connector,
			tabs: ports.tabs(tabsName),
			admit: (greeted) => this.#admit(greeted),
			onPeerUp: (peer) => this.#peerUp(peer),
			onPeerDown: (peer) => this.#peerDown(peer),
			onState: (from, bytes) => void this.replica.receive(from, bytes),
			onBulk: (from, bytes) => void this.blobs.receive(from, bytes),
			onChange: hooks.onChange,
		});
		const { farewell } = this.mesh;
		ports.farewell(
			farewell === undefined ? [] : [{ name: tabsName, message: farewell }],
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
		this.admission = new Admission(ports, session, row, this.replica);
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
		await this.admission.start();
		// Nobody waits for the introduction; where it cannot be stored, the page says so anyway (S9).
		if (this.isMember) this.presence.announce().catch(() => undefined);
	}

	async stop(): Promise<void> {
		this.admission.stop();
		this.tasks.stop();
		this.#host.stop();
		await this.replica.stop();
		this.mesh.stop();
	}

	get isMember(): boolean {
		return this.replica.membership().isMember(this.session.device);
	}

	/** Resolves once the swarm's log shows this device as a member. */
	async memberSoon(): Promise<void> {
		await this.#membership(this.session.device, MEMBERSHIP_WAIT_MS).then(
			(isMember) => {
				if (!isMember)
					throw new ShoalError(
						"timeout",
						"The swarm's membership did not arrive. This page keeps trying.",
					);
			},
		);
		await this.presence.announce();
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
		if (typeof topic !== "string" || !/^[^\s*]{1,200}$/.test(topic))
			throw new ShoalError(
				"bad-input",
				"A topic is 1-200 characters without spaces or stars.",
			);
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

	async #admit({ device }: Greeted): Promise<boolean> {
		if (device === this.#vouched) return true;
		return this.#membership(device, MEMBERSHIP_WAIT_MS);
	}

	/** Whether a device is a member, now or within a while: its admission may still be on its way (E3). */
	#membership(device: DeviceId, waitMs: number): Promise<boolean> {
		if (this.replica.membership().isMember(device))
			return Promise.resolve(true);
		return new Promise((resolve) => {
			const settle = (answer: boolean): void => {
				cancel();
				unwatch();
				resolve(answer);
			};
			const cancel = this.#ports.clock.after(waitMs, () => settle(false));
			const unwatch = this.replica.watch((space) => {
				if (space === SWARM_SPACE && this.replica.membership().isMember(device))
					settle(true);
			});
		});
	}

	#peerUp({ peer }: MeshPeer): void {
		this.replica.linkUp(peer);
		for (const listener of this.#awakeListeners) listener();
	}

	#peerDown(peer: PeerId): void {
		this.replica.linkDown(peer);
		this.blobs.linkDown(peer);
		for (const listener of this.#awakeListeners) listener();
	}
}
