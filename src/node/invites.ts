/** The invites that this device may answer: those it issued, and those whose issuers delegated to it (M2). */
import type { Delegation } from "../identity/act-book.ts";
import {
	encodeDelegate,
	encodeInviteAct,
	type Role,
} from "../identity/acts.ts";
import { openSealed, sealTo } from "../identity/agreement.ts";
import { inviteKeys } from "../identity/epoch.ts";
import { inviteUrl } from "../identity/invite.ts";
import type { Member, MembershipView } from "../identity/membership.ts";
import { isAtLeast } from "../identity/roles.ts";
import type { Replica } from "../replica/types.ts";
import { toHex } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import {
	ANY_NUMBER_OF_USES,
	INVITE_LIFETIME_MS,
	MAX_DELEGATES,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId } from "../wire/ids.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import type { Session } from "./session.ts";

export interface InviteOptions {
	/** Devices it admits, 1 to 1,000,000; one where it is left out. */
	readonly uses?: number;
	/** From now on; a day where it is left out. */
	readonly expiresInMs?: number;
	/** What who comes may do: at most what this device may; `member` where it is left out. */
	readonly role?: Role;
	/** Devices that may answer it, too; all members where it is left out, as far as there are not too many. */
	readonly delegates?: readonly DeviceId[];
}

/** An invite that this device may answer. */
export interface Answerable {
	readonly seed: Uint8Array;
	readonly invite: MembershipView["invites"][number];
}

export interface InvitesDeps {
	readonly ports: NodePorts;
	readonly session: Session;
	readonly replica: Replica;
	/** With the present epoch. */
	row(): SwarmRow;
}

/** What is kept of an own invite; the rest is in the swarm's log. */
interface StoredInvite {
	readonly swarm: string;
	readonly seed: Uint8Array;
}

const PREFIX = "invite/";

export class Invites {
	readonly #deps: InvitesDeps;
	/** Seeds of own invites, by the hex of their public key. */
	readonly #seeds = new Map<string, Uint8Array>();
	/** By the hash of a delegation in hex, the seed in it, where it is one. */
	readonly #opened = new Map<string, Uint8Array | undefined>();

	constructor(deps: InvitesDeps) {
		this.#deps = deps;
	}

	/** Takes up the invites this device left open; forgets those that nobody can use any more. */
	async start(): Promise<void> {
		const { ports, replica, row } = this.#deps;
		const { swarm, epoch } = row();
		const open = new Map(
			replica.membership().invites.map((invite) => [invite.key, invite]),
		);
		for (const { key, value } of await ports.identity.settings(PREFIX)) {
			const stored = value as StoredInvite;
			if (stored.swarm !== swarm) continue;
			const name = key.slice(PREFIX.length);
			const invite = open.get(name);
			const isOver =
				invite !== undefined &&
				(invite.expires < ports.clock.wall() || invite.epoch < epoch);
			if (isOver) await ports.identity.setSetting(key, undefined);
			else this.#seeds.set(name, stored.seed);
		}
	}

	/**
	 * Writes an invite into the swarm's space and returns its link.
	 *
	 * @throws ShoalError `bad-input`, `not-allowed` for a role above the own one, `not-saved`, `slot-lost`
	 */
	async issue(options: InviteOptions): Promise<string> {
		const { ports, replica, session, row } = this.#deps;
		const { uses = 1, expiresInMs = INVITE_LIFETIME_MS } = options;
		const { role = "member" } = options;
		const { members } = replica.membership();
		const own = members.get(session.device)?.role;
		if (!Number.isInteger(uses) || uses < 1 || uses > ANY_NUMBER_OF_USES)
			throw new ShoalError("bad-input", "uses must be 1 to 1,000,000.");
		if (!(expiresInMs > 0))
			throw new ShoalError("bad-input", "expiresInMs must be positive.");
		if (!isAtLeast(own, "member") || !isAtLeast(own, role))
			throw new ShoalError(
				"not-allowed",
				`This device cannot invite anybody as ${role}.`,
			);
		const delegates = this.#delegates(options.delegates, role);
		const seed = ports.random.bytes(32);
		const { publicKey: key } = inviteKeys(seed);
		const { swarm, epoch } = row();
		const stored: StoredInvite = { swarm, seed };
		await ports.identity.setSetting(PREFIX + toHex(key), stored);
		this.#seeds.set(toHex(key), seed);
		const expires = Math.min(
			ports.clock.wall() + Math.floor(expiresInMs),
			Number.MAX_SAFE_INTEGER,
		);
		const [head] = await Promise.all([
			replica.act({
				kind: "invite",
				body: encodeInviteAct({ key, uses, role, epoch, expires }),
			}),
			...delegates.map((member) =>
				replica.act({
					kind: "delegate",
					body: encodeDelegate({
						key,
						device: member.key,
						seed: sealTo(
							member.seal,
							ports.random,
							seed,
							this.#aad(toHex(key), member.device),
						),
					}),
				}),
			),
		]);
		const issuer = session.device;
		const base = await ports.inviteBase();
		return inviteUrl(base, { swarm, seed, issuer, head });
	}

	/** What may be answered now, the last to expire first. Expired and used ones too: who comes by them is told so. */
	answerable(): Answerable[] {
		const { replica, session, row } = this.#deps;
		const { device } = session;
		const view = replica.membership();
		const { epoch } = row();
		const seeds = new Map<string, Uint8Array>();
		for (const [key, seed] of this.#seeds) seeds.set(`${device} ${key}`, seed);
		for (const delegation of view.delegationsTo(device)) {
			const seed = this.#open(delegation);
			if (seed !== undefined)
				seeds.set(`${delegation.author} ${delegation.key}`, seed);
		}
		const own = view.members.get(device)?.role;
		return view.invites
			.flatMap((invite) => {
				const seed = seeds.get(`${invite.author} ${invite.key}`);
				const isOpen = invite.epoch === epoch && isAtLeast(own, invite.role);
				return seed !== undefined && isOpen ? [{ seed, invite }] : [];
			})
			.sort((a, b) => b.invite.expires - a.invite.expires);
	}

	/** The seed that was sealed to this device. Opened once: it is asked for with each change of membership. */
	#open({ hash, key, seed: sealed }: Delegation): Uint8Array | undefined {
		const name = toHex(hash);
		if (!this.#opened.has(name)) {
			const { device, deviceRow } = this.#deps.session;
			const aad = this.#aad(key, device);
			const seed = openSealed(deviceRow.seal, sealed, aad);
			const isOurs =
				seed?.length === 32 && toHex(inviteKeys(seed).publicKey) === key;
			this.#opened.set(name, isOurs ? seed : undefined);
		}
		return this.#opened.get(name);
	}

	#delegates(named: readonly DeviceId[] | undefined, role: Role): Member[] {
		const { replica, session } = this.#deps;
		const { members } = replica.membership();
		if (named === undefined)
			return [...members.values()]
				.filter(
					(member) =>
						member.device !== session.device &&
						isAtLeast(member.role, "member") &&
						isAtLeast(member.role, role),
				)
				.slice(0, MAX_DELEGATES);
		return named.map((device) => {
			const member = members.get(device);
			if (member === undefined)
				throw new ShoalError("no-such-device", `${device} is not a member.`);
			return member;
		});
	}

	#aad(key: string, device: DeviceId): Uint8Array {
		return encodeCbor([
			"shoal/v1/delegate",
			this.#deps.row().swarm,
			key,
			device,
		]);
	}
}
