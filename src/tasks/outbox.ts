/** What an engine says to other peers, and to itself without the detour over the bus. Batches what it can (E5). */
import type { Clock } from "../wire/clock.ts";
import { LEASE_MS, MAX_TASK_INPUT_BYTES } from "../wire/constants.ts";
import type { PeerId, TaskId } from "../wire/ids.ts";
import type { Bus } from "./ports.ts";
import {
	ASK,
	type Ask,
	type AskAnswer,
	DONE,
	type Done,
	decodeAskAnswer,
	decodeGrantAnswer,
	GRANT,
	type Grant,
	LEASES,
	type Working,
} from "./protocol.ts";
import { sizeOf } from "./records.ts";

/** The receiving side of the same peer. */
export interface Local {
	grant(grants: readonly Grant[]): readonly TaskId[];
	done(tasks: readonly Done[]): void;
}

export class Outbox {
	readonly #clock: Clock;
	readonly #bus: Bus;
	readonly #me: PeerId;
	readonly #local: Local;
	readonly #dones = new Map<PeerId, Done[]>();
	#flushing: (() => void) | undefined;

	constructor(clock: Clock, bus: Bus, me: PeerId, local: Local) {
		this.#clock = clock;
		this.#bus = bus;
		this.#me = me;
		this.#local = local;
	}

	/** `undefined` where the home does not answer. Only for other peers. */
	async ask(home: PeerId, ask: Ask): Promise<AskAnswer | undefined> {
		const answer = await this.#request(home, ASK, ask);
		return answer === undefined ? undefined : decodeAskAnswer(answer.value);
	}

	/**
	 * Hands out leases, in messages that stay below the cap of the control class.
	 *
	 * @returns the tasks that were not taken; all where the worker does not answer
	 */
	async grant(
		worker: PeerId,
		grants: readonly Grant[],
	): Promise<readonly TaskId[]> {
		if (worker === this.#me) return this.#local.grant(grants);
		const answers = await Promise.all(
			inMessages(grants).map(async (leases) => {
				const answer = await this.#request(worker, GRANT, { leases });
				return answer === undefined
					? leases.map(({ task }) => task)
					: decodeGrantAnswer(answer.value).refused;
			}),
		);
		return answers.flat();
	}

	/** Tells a home at the end of the turn. A message that is lost costs time only: the record says the same. */
	done(home: PeerId, done: Done): void {
		if (home === this.#me) {
			this.#local.done([done]);
			return;
		}
		const queued = this.#dones.get(home);
		if (queued === undefined) this.#dones.set(home, [done]);
		else queued.push(done);
		this.#flushing ??= this.#clock.after(0, () => this.flush());
	}

	/** Sends what is queued now. */
	flush(): void {
		this.#flushing?.();
		this.#flushing = undefined;
		for (const [home, tasks] of this.#dones)
			void this.#request(home, DONE, { tasks });
		this.#dones.clear();
	}

	working(peers: readonly PeerId[], leases: readonly Working[]): void {
		for (const peer of peers)
			if (peer !== this.#me) void this.#request(peer, LEASES, { leases });
	}

	/** Never rejects: every loss is repaired by a later ask or by a lease that runs out. */
	async #request(
		to: PeerId,
		method: string,
		params: unknown,
	): Promise<{ readonly value: unknown } | undefined> {
		try {
			const options = { timeoutMs: LEASE_MS };
			return { value: await this.#bus.request(to, method, params, options) };
		} catch {
			return undefined;
		}
	}
}

/** Cuts a list of grants so that each message holds one, or several that are small together. */
function inMessages(grants: readonly Grant[]): readonly (readonly Grant[])[] {
	const messages: Grant[][] = [];
	let open: Grant[] = [];
	let bytes = 0;
	for (const grant of grants) {
		const size = 500 + sizeOf(grant.input);
		if (open.length > 0 && bytes + size > MAX_TASK_INPUT_BYTES) {
			messages.push(open);
			open = [];
			bytes = 0;
		}
		open.push(grant);
		bytes += size;
	}
	if (open.length > 0) messages.push(open);
	return messages;
}
