/** The joining side of invites (M2). The invite is stored first, so that a reload goes on waiting. */
import { inviteKeys } from "../identity/epoch.ts";
import { type Invite, inviteFromUrl, proveJoin } from "../identity/invite.ts";
import { InviteMeeting } from "../mesh/invite-meeting.ts";
import { JOIN_TIMEOUT_MS } from "../wire/constants.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import type { SwarmId } from "../wire/ids.ts";
import type { JoinState } from "./api.ts";
import { decodeJoinMessage, encodeJoinMessage } from "./join-messages.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import type { Session } from "./session.ts";

/** Where the invite being joined waits for the next start of the page. */
const PENDING = "join/pending";

export interface JoiningDeps {
	readonly ports: NodePorts;
	/** The present session; it can be replaced (S8). */
	session(): Session;
	onState(state: JoinState | null): void;
	/** The secret is here: make the swarm the active one, and resolve once its log shows this device as a member. */
	enter(row: SwarmRow, invite: Invite): Promise<void>;
}

export class Joining {
	readonly #deps: JoiningDeps;
	#meeting: InviteMeeting | undefined;

	constructor(deps: JoiningDeps) {
		this.#deps = deps;
	}

	/** The invite that an earlier life of this page was waiting on. */
	async pending(): Promise<string | undefined> {
		const url = await this.#deps.ports.identity.setting(PENDING);
		return typeof url === "string" ? url : undefined;
	}

	async remember(url: string): Promise<void> {
		await this.#deps.ports.identity.setSetting(PENDING, url);
	}

	/** @throws ShoalError `bad-invite` */
	swarmOf(url: string): SwarmId {
		const invite = inviteFromUrl(url);
		if (invite === undefined)
			throw new ShoalError(
				"bad-invite",
				"This is not an invite link of a swarm.",
			);
		return invite.swarm;
	}

	/**
	 * Resolves once this device is a member. Remember the invite first.
	 *
	 * @throws ShoalError `bad-invite`; `nobody-awake` after 30 s, while it keeps trying
	 */
	async join(url: string): Promise<void> {
		const invite = inviteFromUrl(url);
		if (invite === undefined)
			throw new ShoalError(
				"bad-invite",
				"This is not an invite link of a swarm.",
			);
		this.#stopMeeting();
		const { clock } = this.#deps.ports;
		const waiting: JoinState = {
			state: "waiting",
			message:
				"Waiting for a device of that swarm. Open Shoal on the device that made the link.",
		};
		this.#deps.onState(waiting);
		await new Promise<void>((resolve, reject) => {
			const cancel = clock.after(JOIN_TIMEOUT_MS, () =>
				reject(
					new ShoalError(
						"nobody-awake",
						"No device of that swarm is awake. This page keeps trying.",
					),
				),
			);
			this.#meet(invite).then(resolve, reject).finally(cancel);
		});
	}

	stop(): void {
		this.#stopMeeting();
	}

	async #meet(invite: Invite): Promise<void> {
		const row = await this.#handover(invite);
		await this.#deps.ports.identity.setSetting(PENDING, undefined);
		this.#stopMeeting();
		this.#deps.onState({ state: "linking", message: "Joining the swarm." });
		await this.#deps.enter(row, invite);
		this.#deps.onState(null);
	}

	/** Meets a device that may admit, proves the invite, and gets the swarm's secret. */
	#handover(invite: Invite): Promise<SwarmRow> {
		const { ports } = this.#deps;
		const session = this.#deps.session();
		const keys = inviteKeys(invite.seed);
		return new Promise((resolve, reject) => {
			this.#meeting = new InviteMeeting({
				clock: ports.clock,
				random: ports.random,
				signer: session.signer,
				verifier: ports.suite,
				certificate: session.certificate,
				device: session.device,
				swarm: invite.swarm,
				keys,
				signaling: ports.signaling,
				connector: ports.connector,
				// Others may wait at the same topic; only the issuer's device can admit.
				admit: (greeted) => greeted.device === invite.issuer,
				onUp: (_greeted, say) => {
					this.#deps.onState({ state: "linking", message: "Found a device." });
					const { deviceRow } = session;
					proveJoin(
						keys.signer,
						invite.swarm,
						deviceRow.key.publicKey,
						deviceRow.seal.publicKey,
					)
						.then((proof) => say(encodeJoinMessage({ kind: "join", proof })))
						.catch(reject);
				},
				onMessage: (_greeted, bytes) => {
					try {
						const message = decodeJoinMessage(bytes);
						if (message.kind === "refused") {
							void this.#forget();
							this.#deps.onState({ state: "failed", message: message.message });
							reject(new ShoalError("bad-invite", message.message));
						} else if (message.kind === "admitted") {
							const { epoch, secret, name } = message;
							const joinedAt = ports.clock.wall();
							resolve({ swarm: invite.swarm, name, epoch, secret, joinedAt });
						}
					} catch (error) {
						reject(new ShoalError("bad-invite", messageOf(error)));
					}
				},
			});
		});
	}

	async #forget(): Promise<void> {
		this.#stopMeeting();
		await this.#deps.ports.identity.setSetting(PENDING, undefined);
	}

	#stopMeeting(): void {
		this.#meeting?.stop();
		this.#meeting = undefined;
	}
}
