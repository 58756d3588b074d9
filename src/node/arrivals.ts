/** Going over to a swarm that admitted this device (M2). On a first visit it is the one that the page opens with. */
import type { Invite } from "../identity/invite.ts";
import { FIRST_SWARM_WAIT_MS } from "../wire/constants.ts";
import type { SwarmId } from "../wire/ids.ts";
import type { Admitter } from "./joining.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import type { SwarmRuntime } from "./swarm.ts";

export interface ArrivalsDeps {
	readonly ports: NodePorts;
	/** The swarm that is open. */
	present(): SwarmRuntime | undefined;
	/** As it is stored, where this device is in it or was. */
	row(swarm: SwarmId): Promise<SwarmRow | undefined>;
	enter(row: SwarmRow, admitter?: Admitter): Promise<SwarmRuntime>;
	/** Enters with a new session. */
	reopen(swarm: SwarmId, admitter: Admitter): Promise<SwarmRuntime>;
	/** The swarm of an invite is stored, and it is surely that: the invite need not be kept any longer. */
	onSaved(): Promise<void>;
}

/** A swarm that the page went away from, and how many documents it had. */
export interface Left {
	readonly swarm: SwarmId;
	readonly documents: number;
}

interface Moved {
	readonly runtime: SwarmRuntime;
	/** The new swarm as it was stored before, where the device had been in it. */
	readonly known: SwarmRow | undefined;
	readonly old: SwarmRuntime | undefined;
	readonly documents: number;
}

export class Arrivals {
	readonly #deps: ArrivalsDeps;
	#moving: Promise<Moved> | undefined;
	/** Called with whether the device that made the invite admitted this one; the first call counts. */
	#admitted: (isSure: boolean) => void = () => undefined;
	readonly #admission = new Promise<boolean>((resolve) => {
		this.#admitted = resolve;
	});

	constructor(deps: ArrivalsDeps) {
		this.#deps = deps;
	}

	/** Whether the device that made an invite admits this one within a moment. */
	soon(): Promise<boolean> {
		const { clock } = this.#deps.ports;
		return new Promise((resolve) => {
			const cancel = clock.after(FIRST_SWARM_WAIT_MS, () => resolve(false));
			void this.#admission.then((isSure) => {
				cancel();
				resolve(isSure);
			});
		});
	}

	/** Joins; where that comes to nothing, `soon` waits no longer. */
	async attempt<T>(join: () => Promise<T>): Promise<T> {
		try {
			return await join();
		} catch (error) {
			this.#admitted(false);
			throw error;
		}
	}

	/** Resolves when no arrival is on its way into its swarm, however that ended. */
	async settled(): Promise<void> {
		// Whoever asked to join hears why it failed.
		await this.#moving?.catch(() => undefined);
	}

	/**
	 * Enters the swarm as soon as the page has started, and resolves once its log shows this device as a member.
	 *
	 * @returns the swarm it went away from, where there was one
	 * @throws ShoalError `timeout`, `not-saved`
	 */
	async arrive(
		started: Promise<void>,
		row: SwarmRow,
		invite: Invite,
		admitter: Admitter,
	): Promise<Left | undefined> {
		const { identity } = this.#deps.ports;
		// Who found the link can claim to admit; the device that made it is believed.
		const isSure = admitter.device === invite.issuer;
		const moving = Promise.all([this.#deps.row(row.swarm), started]).then(
			([known]) => this.#move(row, known, admitter, isSure),
		);
		this.#moving = moving;
		this.#admitted(isSure);
		const { runtime, known, old, documents } = await moving;
		try {
			await runtime.memberSoon(invite.head);
		} catch (error) {
			if (!isSure) {
				await identity.removeSwarm(row.swarm);
				if (known !== undefined) await identity.saveSwarm(known);
				if (old !== undefined) await this.#deps.enter(old.row);
			}
			throw error;
		}
		return old && { swarm: old.row.swarm, documents };
	}

	async #move(
		row: SwarmRow,
		known: SwarmRow | undefined,
		admitter: Admitter,
		isSure: boolean,
	): Promise<Moved> {
		const { ports, present, enter, reopen, onSaved } = this.#deps;
		const old = present();
		const documents = old?.documents.list().length ?? 0;
		const save = async (saved: SwarmRow): Promise<void> => {
			await ports.identity.saveSwarm(saved);
			if (isSure) await onSaved();
		};
		if (known === undefined) {
			const [runtime] = await Promise.all([enter(row, admitter), save(row)]);
			return { runtime, known, old, documents };
		}
		// It was in that swarm before, and removed: its logs there are at their end (M1).
		await save({ ...row, pardoned: old?.departures.removals ?? [] });
		const runtime = await reopen(row.swarm, admitter);
		return { runtime, known, old, documents };
	}
}
