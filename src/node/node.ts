/**
 * One page's node: its session, the swarms of its device, the one that is active, and joins under way. Everything the
 * page API does is done here; the page only carries calls.
 */
import type { Invite } from "../identity/invite.ts";
import { ANY_NUMBER_OF_USES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { SwarmId } from "../wire/ids.ts";
import type { DocumentInfo, JoinState, Me, Status, SwarmInfo } from "./api.ts";
import { Arrivals } from "./arrivals.ts";
import { type Admitter, Joining } from "./joining.ts";
import { type SwarmCode, swarmCode } from "./late.ts";
import { checkName } from "./names.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import { openSession, type Session } from "./session.ts";
import { watchSleep } from "./sleep.ts";
import type { SwarmRuntime } from "./swarm.ts";

/** Which of a device's swarms its pages open. */
const ACTIVE = "active-swarm";
const FIRST_NAME = "My swarm";
const MAX_SWARM_NAME = 100;
/** Changes come in bursts; screens need no more than this. */
const STATUS_DELAY_MS = 40;

export class Node {
	readonly #ports: NodePorts;
	readonly #joining: Joining;
	readonly #watchers = new Set<(status: Status) => void>();
	readonly #swarmWatchers = new Set<() => void>();
	#session: Session;
	#name: string;
	#runtime: SwarmRuntime | undefined;
	/** There since the first swarm was opened. */
	#statusOf: SwarmCode["statusOf"] | undefined;
	#notSaved: string | null = null;
	#join: JoinState | null = null;
	#cameFrom: Status["cameFrom"] = null;
	#cancelTell: (() => void) | undefined;
	readonly #stopWatchingSleep: () => void;
	#started: Promise<void> = Promise.resolve();
	#turn: Promise<void> = Promise.resolve();
	readonly #arrivals: Arrivals;

	private constructor(ports: NodePorts, session: Session) {
		this.#ports = ports;
		this.#session = session;
		this.#name = session.deviceRow.name;
		this.#joining = new Joining({
			ports,
			session: () => this.#session,
			onState: (state) => {
				this.#join = state;
				this.#changed();
			},
			enter: (row, invite, admitter) => this.#joined(row, invite, admitter),
		});
		this.#arrivals = new Arrivals({
			ports,
			present: () => this.#runtime,
			row: (swarm) => this.#row(swarm),
			enter: (row, admitter) => this.#enter(row, admitter),
			reopen: (swarm, admitter) => this.#reopen(swarm, admitter),
			onSaved: () => this.#joining.done(),
		});
		ports.signaling.onState(() => this.#changed());
		this.#stopWatchingSleep = watchSleep(ports.clock, () => {
			ports.signaling.renew();
			this.#runtime?.mesh.slept();
		});
		ports.device.listen(({ from, to }) => {
			if (this.#runtime?.row.swarm !== from) return;
			const moved = from === to ? this.#reopen(to) : this.use(to);
			moved.catch(() => this.#changed());
		});
	}

	/** Loads the device. The node can meet an invite's other end from now on, and is in no swarm before `start`. */
	static async load(ports: NodePorts): Promise<Node> {
		return new Node(ports, await openSession(ports));
	}

	/**
	 * Opens the device's active swarm; a swarm of one on a first visit. Resolves when a swarm is open. Call once.
	 *
	 * @param invited an invite is about to be taken: on a first visit its swarm is waited for a moment
	 */
	async start(invited = false): Promise<void> {
		this.#started = this.#open(invited);
		await this.#started;
		await this.#arrivals.settled();
		if (this.#runtime === undefined) await this.#enter(await this.#activeRow());
	}

	async #open(invited: boolean): Promise<void> {
		const row = await this.#storedRow();
		// Making a swarm and leaving it again takes longer than being admitted to another.
		if (row === undefined && invited && (await this.#arrivals.soon())) return;
		await this.#enter(row ?? (await this.#firstRow()));
	}

	async #joined(
		row: SwarmRow,
		invite: Invite,
		admitter: Admitter,
	): Promise<void> {
		const { swarm } = row;
		const left = await this.#arrivals.arrive(
			this.#started,
			row,
			invite,
			admitter,
		);
		if (left === undefined) return;
		const from = left.swarm;
		this.#cameFrom = from !== swarm && left.documents > 0 ? left : null;
		this.#ports.device.tell({ kind: "moved", from, to: swarm });
	}

	/** The active swarm. @throws ShoalError `no-such-swarm` while none is open */
	get swarm(): SwarmRuntime {
		if (this.#runtime === undefined)
			throw new ShoalError("no-such-swarm", "No swarm is open in this page.");
		return this.#runtime;
	}

	/** Hears when another swarm becomes the active one. */
	onSwarm(listener: () => void): () => void {
		this.#swarmWatchers.add(listener);
		return () => this.#swarmWatchers.delete(listener);
	}

	me(): Me {
		return {
			device: this.#session.device,
			peer: this.#session.peer,
			name: this.#runtime?.presence.nameOf(this.#session.device) ?? this.#name,
			swarm: this.#runtime?.row.swarm ?? null,
			keys:
				this.#session.deviceRow.key.kind === "webcrypto"
					? "hardware"
					: "software",
		};
	}

	async rename(name: string): Promise<void> {
		const checked = checkName(name);
		await this.#ports.identity.renameDevice(checked);
		this.#name = checked;
		// Swarms entered from now on are told the new name.
		const { deviceRow } = this.#session;
		this.#session = {
			...this.#session,
			deviceRow: { ...deviceRow, name: checked },
		};
		await this.swarm.presence.rename(checked);
		this.#changed();
	}

	async createSwarm(
		name: string = FIRST_NAME,
	): Promise<{ swarm: SwarmId; invite: string }> {
		const row = await this.#newSwarm(checkName(name, MAX_SWARM_NAME));
		await this.#ports.identity.saveSwarm(row);
		const runtime = await this.#enter(row);
		const invite = await runtime.admission.invite({ uses: ANY_NUMBER_OF_USES });
		return { swarm: row.swarm, invite };
	}

	/** @throws ShoalError `bad-invite`, `nobody-awake` */
	join(url: string): Promise<{ swarm: SwarmId }> {
		return this.#arrivals.attempt(async () => {
			const swarm = this.#joining.swarmOf(url);
			if (await this.#isKnown(swarm)) return { swarm };
			await this.#joining.remember(url);
			await this.#joining.join(url);
			return { swarm };
		});
	}

	/** Goes on with a join that an earlier life of this page began. */
	resumeJoin(): Promise<void> {
		return this.#arrivals.attempt(async () => {
			const url = await this.#joining.pending();
			if (url !== undefined) await this.#resume(url);
		});
	}

	/**
	 * Takes the invite of the page's address: its other end is met while the invite is stored.
	 *
	 * @returns `kept` settles once it is stored, `joined` as `join` does
	 */
	takeInvite(url: string): {
		readonly kept: Promise<void>;
		readonly joined: Promise<void>;
	} {
		return {
			kept: this.#joining.remember(url),
			joined: this.#arrivals.attempt(() => this.#resume(url)),
		};
	}

	async #resume(url: string): Promise<void> {
		if (await this.#isKnown(this.#joining.swarmOf(url)))
			await this.#joining.forget();
		else await this.#joining.join(url);
	}

	async swarms(): Promise<SwarmInfo[]> {
		const active = this.#runtime?.row.swarm;
		const rows = await this.#ports.identity.swarms();
		return rows.map(({ swarm, name }) => ({
			swarm,
			name,
			active: swarm === active,
		}));
	}

	/** @throws ShoalError `no-such-swarm` */
	async use(swarm: SwarmId): Promise<void> {
		const row = await this.#row(swarm);
		if (row === undefined)
			throw new ShoalError(
				"no-such-swarm",
				"This device is not in that swarm.",
			);
		await this.#enter(row);
	}

	/**
	 * Leaves the active swarm for good, and opens another of this device's, or a new one. Devices that are linked hear of
	 * it; for others this one is a member that does not come back.
	 */
	async leave(): Promise<void> {
		const { swarm } = this.swarm.row;
		await this.swarm.depart();
		await this.#ports.identity.removeSwarm(swarm);
		await this.#ports.identity.setSetting(ACTIVE, undefined);
		await this.#enter(await this.#activeRow());
	}

	/** @throws ShoalError `no-such-swarm`, `not-saved` */
	async bringDocuments(from: SwarmId): Promise<DocumentInfo[]> {
		const row = await this.#row(from);
		if (row === undefined)
			throw new ShoalError(
				"no-such-swarm",
				"This device is not in that swarm.",
			);
		const { documentsOf, storedFacts } = await swarmCode();
		const brought = await this.swarm.documents.bring(
			documentsOf(await storedFacts(this.#ports, this.#session, row)),
		);
		this.#cameFrom = null;
		this.#changed();
		return brought;
	}

	/** @throws ShoalError `no-such-swarm` while none is open */
	status(): Status {
		const { swarm } = this;
		// A swarm is only there with its code.
		const statusOf = this.#statusOf as SwarmCode["statusOf"];
		return statusOf(swarm, {
			me: this.me(),
			relay: this.#ports.signaling.state,
			connections: this.#ports.connector.opened,
			notSaved: this.#notSaved,
			joining: this.#join,
			cameFrom: this.#cameFrom,
		});
	}

	watch(listener: (status: Status) => void): () => void {
		this.#watchers.add(listener);
		listener(this.status());
		return () => this.#watchers.delete(listener);
	}

	/** The page was hidden. */
	wake(): void {
		this.#runtime?.mesh.wake();
	}

	async close(): Promise<void> {
		this.#stopWatchingSleep();
		this.#joining.stop();
		await this.#runtime?.stop();
		this.#runtime = undefined;
		this.#ports.signaling.close();
	}

	/** One at a time: of two at once one would go on running, and nobody would know of it. */
	#inTurn(work: () => Promise<SwarmRuntime>): Promise<SwarmRuntime> {
		const done = this.#turn.then(work);
		this.#turn = done.then(nothing, nothing);
		return done;
	}

	#enter(row: SwarmRow, admitter?: Admitter): Promise<SwarmRuntime> {
		return this.#inTurn(() => this.#enterNow(row, admitter));
	}

	/** S8, E1, M1: a session that somebody else continued, that lost its tail or was cut, is never written again. */
	#reopen(swarm: SwarmId, admitter?: Admitter): Promise<SwarmRuntime> {
		return this.#inTurn(() => this.#reopenNow(swarm, admitter));
	}

	/** The session that a runtime wrote with is lost. */
	#renew(lost: SwarmRuntime): void {
		const { swarm } = lost.row;
		void this.#inTurn(async () =>
			this.#runtime === lost ? this.#reopenNow(swarm) : lost,
		);
	}

	async #enterNow(row: SwarmRow, admitter?: Admitter): Promise<SwarmRuntime> {
		if (this.#runtime?.row.swarm === row.swarm) return this.#runtime;
		const code = await swarmCode();
		this.#statusOf = code.statusOf;
		const old = this.#runtime;
		this.#runtime = undefined;
		await old?.stop();
		const runtime: SwarmRuntime = new code.SwarmRuntime(
			this.#ports,
			this.#session,
			row,
			{
				onChange: () => this.#changed(),
				onNotSaved: (reason) => {
					this.#notSaved = reason;
					this.#changed();
				},
				onSessionLost: () => this.#renew(runtime),
			},
			admitter?.device,
		);
		this.#runtime = runtime;
		admitter?.handOver(runtime.mesh);
		await runtime.start();
		await this.#ports.identity.setSetting(ACTIVE, row.swarm);
		for (const listener of [...this.#swarmWatchers]) listener();
		this.#changed();
		return runtime;
	}

	async #reopenNow(swarm: SwarmId, admitter?: Admitter): Promise<SwarmRuntime> {
		const old = this.#runtime;
		this.#runtime = undefined;
		await old?.stop();
		this.#session = await openSession(this.#ports, true);
		const row = (await this.#row(swarm)) ?? (await this.#activeRow());
		return this.#enterNow(row, admitter);
	}

	async #storedRow(): Promise<SwarmRow | undefined> {
		const { identity } = this.#ports;
		const [rows, active] = await Promise.all([
			identity.swarms(),
			identity.setting(ACTIVE),
		]);
		return rows.find(({ swarm }) => swarm === active) ?? rows[0];
	}

	async #activeRow(): Promise<SwarmRow> {
		return (await this.#storedRow()) ?? this.#firstRow();
	}

	async #firstRow(): Promise<SwarmRow> {
		return this.#ports.identity.firstSwarm(await this.#newSwarm(FIRST_NAME));
	}

	async #newSwarm(name: string): Promise<SwarmRow> {
		const { random, entries, clock } = this.#ports;
		const { signer, certificate, fence } = this.#session;
		const { createGenesis } = await swarmCode();
		const { swarm } = await createGenesis({
			signer,
			certificate,
			fence,
			random,
			store: entries,
			name,
		});
		return {
			swarm,
			name,
			epoch: 0,
			secret: random.bytes(32),
			joinedAt: clock.wall(),
		};
	}

	/** Whether the device is in that swarm already; it is the active one then. */
	async #isKnown(swarm: SwarmId): Promise<boolean> {
		const row = await this.#row(swarm);
		if (row === undefined) return false;
		await this.#started;
		const { departures, replica } = await this.#enter(row);
		const { members } = replica.membership();
		// Who was removed may come back by a new invite, and so may whom a removed device let in (M1).
		const isOut = members.size > 0 && !members.has(this.#session.device);
		return departures.removedBy === undefined && !isOut;
	}

	async #row(swarm: SwarmId): Promise<SwarmRow | undefined> {
		const rows = await this.#ports.identity.swarms();
		return rows.find((row) => row.swarm === swarm);
	}

	#changed(): void {
		this.#cancelTell ??= this.#ports.clock.after(STATUS_DELAY_MS, () => {
			this.#cancelTell = undefined;
			if (this.#runtime === undefined || this.#watchers.size === 0) return;
			const status = this.status();
			for (const listener of [...this.#watchers]) listener(status);
		});
	}
}

const nothing = (): void => undefined;
