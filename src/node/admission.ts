/** The admitting side of invites (M2): who holds an open invite's seed answers on its topic while a page is awake. */

import { encodeAdmit, encodeInviteAct } from "../identity/acts.ts";
import { deviceIdOf } from "../identity/did.ts";
import { inviteKeys } from "../identity/epoch.ts";
import { type Invite, inviteUrl, verifyJoin } from "../identity/invite.ts";
import type { Greeted } from "../mesh/hello.ts";
import { InviteMeeting } from "../mesh/invite-meeting.ts";
import type { Replica } from "../replica/types.ts";
import { equalBytes, toHex } from "../wire/bytes.ts";
import { INVITE_LIFETIME_MS } from "../wire/constants.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import { decodeJoinMessage, encodeJoinMessage } from "./join-messages.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import type { Session } from "./session.ts";

/** An invite of this device that may still admit somebody, as it is kept in the settings. */
interface OpenInvite {
	readonly swarm: string;
	readonly seed: Uint8Array;
	readonly publicKey: Uint8Array;
	/** Wall clock; judged here and nowhere else (E6). */
	readonly expires: number;
	/** Devices it may admit; `null`: as many as come before it expires. */
	readonly uses: number | null;
}

const PREFIX = "invite/";
/** What the act says of an invite that admits whoever holds it until it expires. */
const ANY_NUMBER = 1_000_000;

export class Admission {
	readonly #ports: NodePorts;
	readonly #session: Session;
	readonly #swarm: SwarmRow;
	readonly #replica: Replica;
	readonly #meetings = new Map<string, InviteMeeting>();

	constructor(
		ports: NodePorts,
		session: Session,
		swarm: SwarmRow,
		replica: Replica,
	) {
		this.#ports = ports;
		this.#session = session;
		this.#swarm = swarm;
		this.#replica = replica;
	}

	/** Takes up the invites this device left open. */
	async start(): Promise<void> {
		const { identity, clock } = this.#ports;
		for (const { key, value } of await identity.settings(PREFIX)) {
			const invite = value as OpenInvite;
			if (invite.expires < clock.wall())
				await identity.setSetting(key, undefined);
			else if (invite.swarm === this.#swarm.swarm) this.#answer(invite);
		}
	}

	stop(): void {
		for (const meeting of this.#meetings.values()) meeting.stop();
		this.#meetings.clear();
	}

	/** Writes an invite into the swarm's space and returns its URL. */
	async invite(options: {
		uses?: number;
		expiresInMs?: number;
	}): Promise<string> {
		const { random, clock, identity, inviteBase } = this.#ports;
		const lifetime = options.expiresInMs ?? INVITE_LIFETIME_MS;
		const uses = options.uses ?? null;
		if (
			!(lifetime > 0) ||
			(uses !== null && !(Number.isInteger(uses) && uses > 0))
		)
			throw new ShoalError(
				"bad-input",
				"uses and expiresInMs must be positive.",
			);
		const seed = random.bytes(32);
		const { publicKey } = inviteKeys(seed);
		const expires = clock.wall() + lifetime;
		const head = await this.#replica.act({
			kind: "invite",
			body: encodeInviteAct({
				key: publicKey,
				role: "member",
				uses: uses ?? ANY_NUMBER,
				expires,
			}),
		});
		const open: OpenInvite = {
			swarm: this.#swarm.swarm,
			seed,
			publicKey,
			expires,
			uses,
		};
		await identity.setSetting(PREFIX + toHex(publicKey), open);
		this.#answer(open);
		const invite: Invite = {
			swarm: this.#swarm.swarm,
			seed,
			issuer: this.#session.device,
			head,
		};
		return inviteUrl(await inviteBase(), invite);
	}

	#answer(invite: OpenInvite): void {
		const id = toHex(invite.publicKey);
		if (this.#meetings.has(id)) return;
		const { clock, random, suite, signaling, connector } = this.#ports;
		const { signer, certificate, device } = this.#session;
		const meeting = new InviteMeeting({
			clock,
			random,
			signer,
			verifier: suite,
			certificate,
			device,
			swarm: this.#swarm.swarm,
			keys: inviteKeys(invite.seed),
			signaling,
			connector,
			admit: () => true,
			onUp: () => undefined,
			onMessage: (greeted, bytes, say) =>
				void this.#takeJoin(invite, greeted, bytes).then(say).catch(ignore),
		});
		this.#meetings.set(id, meeting);
	}

	async #takeJoin(
		invite: OpenInvite,
		greeted: Greeted,
		bytes: Uint8Array,
	): Promise<Uint8Array> {
		try {
			const message = decodeJoinMessage(bytes);
			if (message.kind !== "join")
				throw new ShoalError("malformed", "Expected a request to join.");
			await this.#admit(invite, greeted, message.proof);
		} catch (error) {
			return encodeJoinMessage({ kind: "refused", message: messageOf(error) });
		}
		const { epoch, secret, name } = this.#swarm;
		return encodeJoinMessage({ kind: "admitted", epoch, secret, name });
	}

	async #admit(
		invite: OpenInvite,
		greeted: Greeted,
		proof: Uint8Array,
	): Promise<void> {
		const { suite, clock, identity } = this.#ports;
		const join = await verifyJoin(suite, proof, this.#swarm.swarm);
		if (
			!equalBytes(join.invite, invite.publicKey) ||
			!equalBytes(join.deviceKey, greeted.deviceKey) ||
			!equalBytes(join.seal, greeted.seal)
		)
			throw new ShoalError("bad-invite", "The request is for another invite.");
		if (this.#replica.membership().isMember(deviceIdOf(join.deviceKey))) return;
		if (invite.expires < clock.wall())
			throw new ShoalError(
				"bad-invite",
				"This invite has expired. Ask for a new one.",
			);
		const key = PREFIX + toHex(invite.publicKey);
		const current = (await identity.setting(key)) as OpenInvite | undefined;
		if (current === undefined || current.uses === 0)
			throw new ShoalError(
				"bad-invite",
				"This invite has been used. Ask for a new one.",
			);
		if (current.uses !== null)
			await identity.setSetting(key, { ...current, uses: current.uses - 1 });
		await this.#replica.act({
			kind: "admit",
			body: encodeAdmit({ proof, role: "member" }),
		});
	}
}

/** The joiner's link is gone: it dials again and asks again, and finds itself admitted. */
const ignore = (): void => undefined;
