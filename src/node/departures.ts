/**
 * Who goes (M1, M3): removes devices, ends their links, sees that a new epoch follows, and tells those who slept through
 * it. Also hears that this device was removed itself.
 */

import type { Role } from "../identity/acts.ts";
import { encodeRemoval } from "../identity/removal-act.ts";
import { isAtLeast } from "../identity/roles.ts";
import { Mailbox, signNotice } from "../mesh/mailbox.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Replica } from "../replica/types.ts";
import { equalBytes } from "../wire/bytes.ts";
import { every } from "../wire/clock.ts";
import {
	LETTER_INTERVAL_MS,
	LETTER_ROUND_MS,
	MAX_LETTER_BYTES,
	REKEY_DELAY_MS,
	REKEY_STAGGER_MS,
} from "../wire/constants.ts";
import { codeOf, ShoalError } from "../wire/error.ts";
import { type DeviceId, SWARM_SPACE, type SwarmId } from "../wire/ids.ts";
import type { Epochs } from "./epochs.ts";
import type { NodePorts } from "./ports.ts";
import type { Session } from "./session.ts";

export interface DeparturesDeps {
	readonly ports: NodePorts;
	readonly session: Session;
	readonly swarm: SwarmId;
	readonly replica: Replica;
	readonly mesh: Mesh;
	readonly epochs: Epochs;
	onChange(): void;
	/** The removal of this device does not count any more. Its page met nobody meanwhile, and is to begin anew. */
	onReturned(): void;
}

/** As many as are met in beside the present one. */
const LOOK_BACK_EPOCHS = 2;
/** What CBOR adds to a letter, and to each entry in it, at most. */
const LETTER_MARGIN = 64;
const ENTRY_HEAD = 9;

export class Departures {
	readonly #deps: DeparturesDeps;
	readonly #mailbox: Mailbox;
	/** When each device was last written to. */
	readonly #written = new Map<DeviceId, number>();
	#cancelRekey: (() => void) | undefined;
	#unwatch: (() => void) | undefined;
	/** Who told in a letter that this device was removed. */
	#toldBy: DeviceId | undefined;
	#isOut = false;

	constructor(deps: DeparturesDeps) {
		this.#deps = deps;
		const { ports, session, swarm } = deps;
		const { key, seal } = session.deviceRow;
		this.#mailbox = new Mailbox({
			swarm,
			random: ports.random,
			verifier: ports.suite,
			signaling: ports.signaling,
			key: key.publicKey,
			seal,
			onEpoch: (number, secret) => {
				// Nothing is believed but that members may be found there.
				const { row } = deps.epochs;
				const isOther =
					number > row.epoch ||
					(number === row.epoch && !equalBytes(secret, row.secret));
				if (!this.#isOut && isOther)
					deps.mesh.meetAlso({ swarm, number, secret });
			},
			onEntries: (entries) => void deps.replica.take(entries),
			onRemoved: (by) => {
				if (!this.#mayRemove(this.#roleOf(by), session.device, by)) return;
				this.#toldBy = by;
				this.#rule();
			},
		});
	}

	start(): void {
		const { clock } = this.#deps.ports;
		const unwatch = this.#deps.replica.watch((space) => {
			if (space === SWARM_SPACE) this.#rule();
		});
		const stopRounds = every(clock, LETTER_ROUND_MS, () => this.#goRound());
		this.#unwatch = () => {
			unwatch();
			stopRounds();
		};
		this.#lookBack();
		this.#rule();
	}

	/**
	 * Whose disk lost the swarm's log knows nobody, and may be the only one in its epoch: it is filled in where the others
	 * are still (S9).
	 */
	#lookBack(): void {
		const { replica, mesh, epochs, swarm } = this.#deps;
		if (replica.members().length > 0) return;
		for (const before of epochs.row.past?.slice(-LOOK_BACK_EPOCHS) ?? [])
			mesh.meetAlso({ swarm, ...before });
	}

	stop(): void {
		this.#unwatch?.();
		this.#cancelRekey?.();
		this.#mailbox.stop();
	}

	/** Who removed this device, as far as one knows: a device, or `undefined`. */
	get removedBy(): DeviceId | undefined {
		const { replica, session } = this.#deps;
		const { device } = session;
		const view = replica.membership();
		if (view.isMember(device)) return this.#told();
		const { pardoned = [] } = this.#deps.epochs.row;
		const standing = view
			.removalsOf(device)
			.find(({ id }) => !pardoned.includes(id));
		return standing?.author ?? this.#told();
	}

	/** Hashes, in hex, of the removals of this device. */
	get removals(): readonly string[] {
		const { replica, session } = this.#deps;
		return replica
			.membership()
			.removalsOf(session.device)
			.map(({ id }) => id);
	}

	/**
	 * Removes a device from the swarm: what it does from here on counts nowhere, and a new epoch begins without it.
	 *
	 * @throws ShoalError `bad-input` for this device itself, `no-such-device` for who is no member, `not-allowed` where this
	 * device's role does not reach, `not-saved`, `slot-lost`
	 */
	async remove(device: DeviceId): Promise<void> {
		const { session, replica, epochs } = this.#deps;
		if (device === session.device)
			throw new ShoalError(
				"bad-input",
				"A device does not remove itself; it leaves.",
			);
		if (!replica.membership().isMember(device))
			throw new ShoalError(
				"no-such-device",
				"This device is not in the swarm.",
			);
		if (!this.#mayRemove(this.#roleOf(session.device), device, session.device))
			throw new ShoalError(
				"not-allowed",
				"Only an owner or an admin can remove this device.",
			);
		await this.#write(device);
		await epochs.begin();
	}

	/** Takes this device out; others hear of it where they are linked. @throws ShoalError `not-saved`, `slot-lost` */
	async leave(): Promise<void> {
		const { session, replica } = this.#deps;
		const { members } = replica.membership();
		if (!members.has(session.device) || members.size === 1) return;
		await this.#write(session.device);
	}

	/** A page, or somebody who says so, is where the swarm met before the present epoch. */
	onBehind(device: DeviceId): void {
		const { replica, epochs, session, ports } = this.#deps;
		const view = replica.membership();
		if (device === session.device || !view.isMember(session.device)) return;
		const now = ports.clock.now();
		const last = this.#written.get(device) ?? Number.NEGATIVE_INFINITY;
		if (now - last < LETTER_INTERVAL_MS) return;
		const known = view.keysOf(device);
		if (known === undefined) return;
		this.#written.set(device, now);
		const { epoch: number, secret } = epochs.row;
		if (view.isMember(device))
			this.#mailbox.post(known, { kind: "epoch", number, secret });
		else if (isAtLeast(this.#roleOf(session.device), "admin")) {
			const { certificate, signer } = session;
			signNotice(signer, this.#deps.swarm, known.key)
				.then((notice) =>
					this.#mailbox.post(known, { kind: "removed", certificate, notice }),
				)
				.catch((error: unknown) => {
					// A key that nothing can be sealed to: its owner hears nothing.
					if (codeOf(error) === undefined) throw error;
				});
		}
	}

	/**
	 * Writes to members that are not linked, once somebody was removed: a network that was in two parts may have begun two
	 * epochs, whose members find each other in no other way.
	 */
	#goRound(): void {
		const { replica, mesh, session, epochs } = this.#deps;
		const view = replica.membership();
		const { epoch: number, secret } = epochs.row;
		if (number === 0 || this.#isOut) return;
		const awake = new Set(mesh.peers().map(({ device }) => device));
		const away = [...view.members.values()].filter(
			({ device }) => device !== session.device && !awake.has(device),
		);
		const isFirst = mesh.peers().every(({ peer }) => session.peer < peer);
		if (isFirst)
			for (const member of away)
				this.#mailbox.post(member, { kind: "epoch", number, secret });
		const entries = this.#evidence();
		if (entries.length > 0)
			for (const member of away)
				this.#mailbox.post(member, { kind: "entries", entries });
	}

	/**
	 * The own removals of who could have removed this device at the same time, with what came after and some of what came
	 * before: where both were apart, the other members may refuse to link to this device until they have seen them (M1).
	 */
	#evidence(): readonly Uint8Array[] {
		const { replica, session } = this.#deps;
		const view = replica.membership();
		const removal = view.contested.find(
			({ author }) => author === session.device,
		);
		if (removal === undefined) return [];
		const { session: log, seq } = removal;
		const entries: Uint8Array[] = [];
		let room = MAX_LETTER_BYTES - LETTER_MARGIN;
		const add = (at: number, isBefore: boolean): boolean => {
			const entry = replica.entry(SWARM_SPACE, log, at);
			if (entry === undefined || entry.length + ENTRY_HEAD > room) return false;
			room -= entry.length + ENTRY_HEAD;
			if (isBefore) entries.unshift(entry);
			else entries.push(entry);
			return true;
		};
		for (let at = seq; add(at, false); ) at++;
		for (let at = seq - 1; add(at, true); ) at--;
		return entries;
	}

	async #write(device: DeviceId): Promise<void> {
		const { replica } = this.#deps;
		const member = replica.membership().members.get(device);
		if (member === undefined) return;
		await replica.act({
			kind: "remove",
			body: encodeRemoval({
				device: member.key,
				cuts: replica.heads(device),
			}),
		});
	}

	/** Membership may have changed. */
	#rule(): void {
		const { replica, mesh, session, epochs, onChange } = this.#deps;
		const view = replica.membership();
		const wasOut = this.#isOut;
		this.#isOut = this.removedBy !== undefined;
		if (this.#isOut) {
			if (!wasOut) {
				mesh.withdraw();
				onChange();
			}
			return;
		}
		if (wasOut) {
			this.#deps.onReturned();
			return;
		}
		for (const { device } of mesh.peers())
			if (!view.isMember(device) && view.removalsOf(device).length > 0)
				mesh.expel(device);
		if (!view.isMember(session.device)) return;
		epochs.follow();
		if (!view.needsEpoch) {
			this.#cancelRekey?.();
			this.#cancelRekey = undefined;
		} else this.#cancelRekey ??= this.#rekeyLater();
	}

	/** Whoever removed somebody begins a new epoch at once; where that fails, another who may does, each a while later. */
	#rekeyLater(): () => void {
		const { ports, session, mesh, epochs, replica } = this.#deps;
		const view = replica.membership();
		const roles = [...view.members.values()].map(({ role }) => role);
		const least = roles.some((role) => isAtLeast(role, "admin"))
			? "admin"
			: "member";
		const may = (device: DeviceId): boolean =>
			isAtLeast(view.members.get(device)?.role, least);
		const awake = [
			{ peer: session.peer, device: session.device },
			...mesh.peers(),
		]
			.filter(({ device }) => may(device))
			.map(({ peer }) => peer)
			.sort();
		const place = Math.max(0, awake.indexOf(session.peer));
		return ports.clock.after(REKEY_DELAY_MS + place * REKEY_STAGGER_MS, () => {
			this.#cancelRekey = undefined;
			if (!replica.membership().needsEpoch) return;
			const work = may(session.device) ? epochs.begin() : Promise.resolve();
			work
				.catch((error: unknown) => {
					if (codeOf(error) === undefined) throw error;
				})
				.finally(() => this.#rule());
		});
	}

	#roleOf(device: DeviceId): Role | undefined {
		return this.#deps.replica.membership().members.get(device)?.role;
	}

	/** Who told so, while it may. */
	#told(): DeviceId | undefined {
		const by = this.#toldBy;
		if (by === undefined) return undefined;
		const { device } = this.#deps.session;
		return this.#mayRemove(this.#roleOf(by), device, by) ? by : undefined;
	}

	/** As `removals.ts` counts them: owners remove anybody, admins members and guests. */
	#mayRemove(role: Role | undefined, device: DeviceId, by: DeviceId): boolean {
		if (device === by || role === "owner") return true;
		return role === "admin" && !isAtLeast(this.#roleOf(device), "admin");
	}
}
