/** The admitting side of invites (M2): whoever may answer one waits at its topic while a page is awake. */
import { encodeAdmit } from "../identity/acts.ts";
import { deviceIdOf } from "../identity/did.ts";
import { inviteKeys } from "../identity/epoch.ts";
import { verifyJoin } from "../identity/invite.ts";
import { isAtLeast, lesser } from "../identity/roles.ts";
import type { Greeted } from "../mesh/hello.ts";
import { type Adopter, InviteMeeting } from "../mesh/invite-meeting.ts";
import { compareBytes, equalBytes, toHex } from "../wire/bytes.ts";
import { MAX_ANSWERED_INVITES } from "../wire/constants.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import { type DeviceId, SWARM_SPACE } from "../wire/ids.ts";
import {
	type Answerable,
	type InviteOptions,
	Invites,
	type InvitesDeps,
} from "./invites.ts";
import { decodeJoinMessage, encodeJoinMessage } from "./join-messages.ts";

export interface AdmissionDeps extends InvitesDeps {
	/** Takes over the connections of those who were admitted. */
	readonly mesh: Adopter;
}

export class Admission {
	readonly #deps: AdmissionDeps;
	readonly #invites: Invites;
	readonly #meetings = new Map<string, InviteMeeting>();
	#unwatch: (() => void) | undefined;
	/** One at a time: the next one sees who came by the one before. */
	#work: Promise<unknown> = Promise.resolve();

	constructor(deps: AdmissionDeps) {
		this.#deps = deps;
		this.#invites = new Invites(deps);
	}

	async start(): Promise<void> {
		await this.#invites.start();
		this.#unwatch = this.#deps.replica.watch((space) => {
			if (space === SWARM_SPACE) this.review();
		});
		this.review();
	}

	stop(): void {
		this.#unwatch?.();
		for (const meeting of this.#meetings.values()) meeting.stop();
		this.#meetings.clear();
	}

	/** Writes an invite into the swarm's space and returns its link. @throws ShoalError see `Invites.issue` */
	async invite(options: InviteOptions): Promise<string> {
		const url = await this.#invites.issue(options);
		this.review();
		return url;
	}

	/** Waits where somebody may come, and nowhere else. */
	review(): void {
		const open = new Map(
			this.#invites
				.answerable()
				.slice(0, MAX_ANSWERED_INVITES)
				.map((one) => [one.invite.key, one]),
		);
		for (const [key, meeting] of this.#meetings)
			if (!open.has(key)) {
				meeting.stop();
				this.#meetings.delete(key);
			}
		for (const [key, one] of open)
			if (!this.#meetings.has(key)) this.#meetings.set(key, this.#meet(one));
	}

	#meet({ seed, invite }: Answerable): InviteMeeting {
		const { ports, session, row } = this.#deps;
		const { clock, random, suite, signaling, connector } = ports;
		const { signer, certificate, device } = session;
		return new InviteMeeting({
			clock,
			random,
			signer,
			verifier: suite,
			certificate,
			device,
			swarm: row().swarm,
			keys: inviteKeys(seed),
			signaling,
			connector,
			wants: (other) => !this.#answers(invite, other),
			admit: () => true,
			onUp: () => undefined,
			adopter: (greeted) =>
				this.#deps.replica.membership().isMember(greeted.device)
					? this.#deps.mesh
					: undefined,
			onMessage: ({ greeted, say }, bytes) => {
				const answer = this.#work.then(() =>
					this.#takeJoin(invite.key, greeted, bytes),
				);
				this.#work = answer;
				void answer
					.then((message) => (message === undefined ? undefined : say(message)))
					.catch(ignore);
			},
		});
	}

	/** Whether a device waits there itself, to answer. */
	#answers({ key, author }: Answerable["invite"], device: DeviceId): boolean {
		if (device === author) return true;
		return this.#deps.replica
			.membership()
			.delegationsTo(device)
			.some((one) => one.key === key && one.author === author);
	}

	/** Other joiners, and others who may admit, meet here too: what they say is not for us. */
	async #takeJoin(
		key: string,
		greeted: Greeted,
		bytes: Uint8Array,
	): Promise<Uint8Array | undefined> {
		try {
			const message = decodeJoinMessage(bytes);
			if (message.kind !== "join") return undefined;
			await this.#admit(key, greeted, message.proof);
		} catch (error) {
			return encodeJoinMessage({ kind: "refused", message: messageOf(error) });
		}
		this.#deps.mesh.expect(greeted.peer);
		const { epoch, secret, name } = this.#deps.row();
		return encodeJoinMessage({ kind: "admitted", epoch, secret, name });
	}

	async #admit(
		key: string,
		greeted: Greeted,
		proof: Uint8Array,
	): Promise<void> {
		const { ports, replica, session, row } = this.#deps;
		const join = await verifyJoin(ports.suite, proof, row().swarm);
		const isTheirs =
			toHex(join.invite) === key &&
			equalBytes(join.deviceKey, greeted.deviceKey) &&
			equalBytes(join.seal, greeted.seal);
		if (!isTheirs)
			throw new ShoalError("bad-invite", "The request is for another invite.");
		const device = deviceIdOf(join.deviceKey);
		const view = replica.membership();
		if (view.isMember(device)) return;
		const open = this.#invites.answerable();
		const invite = open.find((one) => one.invite.key === key)?.invite;
		const own = view.members.get(session.device)?.role;
		if (invite === undefined || own === undefined)
			throw new ShoalError(
				"bad-invite",
				"This invite is closed. Ask for a new one.",
			);
		if (invite.expires < ports.clock.wall())
			throw new ShoalError(
				"bad-invite",
				"This invite has expired. Ask for a new one.",
			);
		const { admitted, uses, role } = invite;
		if (admitted.length >= uses && !admitted.includes(device))
			throw new ShoalError(
				"bad-invite",
				"This invite has been used. Ask for a new one.",
			);
		const removals = view.removalsOf(device);
		const wasPutOut = removals.some(({ author }) => author !== device);
		if (wasPutOut && !isAtLeast(own, "admin"))
			throw new ShoalError(
				"bad-invite",
				"This device was removed. Only an owner or an admin can let it in again.",
			);
		const after = removals.map(({ hash }) => hash).sort(compareBytes);
		await replica.act({
			kind: "admit",
			body: encodeAdmit({
				proof,
				role: lesser(role, own),
				...(after.length > 0 && { after }),
			}),
		});
	}
}

/** The joiner's link is gone: it dials again and asks again, and finds itself admitted. */
const ignore = (): void => undefined;
