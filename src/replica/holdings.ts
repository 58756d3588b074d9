/** All that is held of a swarm: its spaces, the membership they give, and who is behind which session (S1, M1). */
import {
	evaluateMembership,
	type MembershipAct,
	type MembershipView,
} from "../identity/membership.ts";
import {
	type DeviceId,
	type PeerId,
	type SpaceId,
	SWARM_SPACE,
	type SwarmId,
} from "../wire/ids.ts";
import { type Decision, decide, type LogView } from "./accept.ts";
import type { Entry } from "./entry.ts";
import type { Log } from "./log.ts";
import { Space } from "./space.ts";
import type { VerifiedEntry } from "./verify.ts";

/** How the log of a session looks before its first entry. */
const NO_LOG: LogView = {
	next: 0,
	device: undefined,
	hashAt: () => undefined,
	corner: { next: 0, clockOf: () => undefined, keyAt: () => undefined },
};

export class Holdings {
	readonly #swarm: SwarmId;
	readonly #spaces = new Map<SpaceId, Space>();
	readonly #acts: MembershipAct[] = [];
	readonly #devices = new Map<PeerId, DeviceId>();
	#membership: MembershipView | undefined;

	constructor(swarm: SwarmId) {
		this.#swarm = swarm;
	}

	space(id: SpaceId): Space | undefined {
		return this.#spaces.get(id);
	}

	log(space: SpaceId, session: PeerId): Log | undefined {
		return this.#spaces.get(space)?.log(session);
	}

	/** The log, made where there is none. */
	open(id: SpaceId, session: PeerId): Log {
		const space = this.#spaces.get(id) ?? new Space(id);
		this.#spaces.set(id, space);
		return space.open(session);
	}

	/** Spaces that hold anything, by name, the swarm's own first. */
	spaces(): SpaceId[] {
		return [...this.#spaces.values()]
			.filter((space) => space.used)
			.map(({ id }) => id)
			.sort((a, b) => {
				const isSwarm = Number(b === SWARM_SPACE) - Number(a === SWARM_SPACE);
				return isSwarm === 0 ? (a < b ? -1 : 1) : isSwarm;
			});
	}

	all(): Iterable<Space> {
		return this.#spaces.values();
	}

	membership(): MembershipView {
		this.#membership ??= evaluateMembership(this.#acts, this.#swarm);
		return this.#membership;
	}

	deviceOf(session: PeerId): DeviceId | undefined {
		return this.#devices.get(session);
	}

	/** Decides over an entry as things stand. @param isMember for stored entries: they were accepted once. */
	decide(
		verified: VerifiedEntry,
		isMember = (device: DeviceId): boolean =>
			this.membership().isMember(device),
	): Decision {
		const { space, session } = verified.entry;
		const log = this.log(space, session) ?? NO_LOG;
		return decide(verified, { swarm: this.#swarm, log, isMember });
	}

	/**
	 * Carries an acceptance out.
	 *
	 * @throws ShoalError `malformed` where Yjs does not take the update after all. Nothing of it remains (S3).
	 */
	accept(
		verified: VerifiedEntry,
		{ sets }: Extract<Decision, { kind: "accepted" }>,
	): Log {
		const { entry, certificate } = verified;
		const log = this.open(entry.space, entry.session);
		if (entry.kind === "update")
			try {
				log.corner.apply(entry.body, sets);
			} catch (error) {
				log.rebuild();
				throw error;
			}
		log.certificate ??= certificate;
		this.count(log, verified);
		return log;
	}

	/** Counts an entry whose update is in the corner already. */
	count(log: Log, { entry, proof }: Omit<VerifiedEntry, "certificate">): void {
		log.append(entry);
		log.stuck = false;
		this.#spaces.get(entry.space)?.touch();
		if (log.certificate === undefined) return;
		const { device } = log.certificate;
		if (entry.space === SWARM_SPACE || !this.#devices.has(entry.session))
			this.#devices.set(entry.session, device);
		const act = actOf(entry, log);
		if (act === undefined) return;
		this.#acts.push(proof === undefined ? act : { ...act, proof });
		this.#membership = undefined;
	}
}

/** The membership act in an entry, if it is one. */
function actOf(entry: Entry, log: Log): MembershipAct | undefined {
	if (entry.kind === "update" || log.certificate === undefined)
		return undefined;
	const { device, deviceKey, seal } = log.certificate;
	return {
		kind: entry.kind,
		author: device,
		authorKey: deviceKey,
		authorSeal: seal,
		hash: entry.hash,
		body: entry.body,
	};
}
