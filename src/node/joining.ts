/** The joining side of invites (M2). The invite is stored first, so that a reload goes on waiting. */
import { inviteKeys } from "../identity/epoch.ts";
import { type Invite, inviteFromUrl, proveJoin } from "../identity/invite.ts";
import { type Adopter, InviteMeeting } from "../mesh/invite-meeting.ts";
import { ADMISSION_WAIT_MS, JOIN_TIMEOUT_MS } from "../wire/constants.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import type { DeviceId, SwarmId } from "../wire/ids.ts";
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
	/**
	 * The secret is here: make the swarm the active one, and resolve once its log shows this device as a member. Rejects
	 * where it does not: who holds the link can claim to admit.
	 */
	enter(row: SwarmRow, invite: Invite, admitter: Admitter): Promise<void>;
}

/** The device that admitted this one. */
export interface Admitter {
	readonly device: DeviceId;
	/** Lets the swarm's mesh have the connection to it. */
	handOver(mesh: Adopter): void;
}

/** What an admitting device handed over. */
interface Handover {
	readonly row: SwarmRow;
	readonly admitter: Admitter;
}

export class Joining {
	readonly #deps: JoiningDeps;
	#meeting: InviteMeeting | undefined;
	#cancelAsk: (() => void) | undefined;
	/** Over once the page is in the swarm that it was admitted to last, or cannot be. */
	#entering: Promise<void> | undefined;

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

	/** The invite led to a swarm that is stored: the next start need not know it. */
	async done(): Promise<void> {
		await this.#deps.ports.identity.setSetting(PENDING, undefined);
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
		if (this.#entering !== undefined) {
			await this.#entering;
			// That one forgot what was remembered.
			await this.remember(url);
		}
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
						"No device of that swarm answers. It may be asleep, or the invite no longer holds.",
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
		const liars = new Set<DeviceId>();
		for (;;) {
			const { row, admitter } = await this.#handover(invite, liars);
			this.#deps.onState({ state: "linking", message: "Joining the swarm." });
			try {
				const entering = this.#deps.enter(row, invite, admitter);
				this.#entering = entering.catch(() => undefined);
				await entering;
			} catch (error) {
				// The device that made the link is believed: its swarm is only slow.
				if (admitter.device === invite.issuer) {
					this.#deps.onState(null);
					throw error;
				}
				liars.add(admitter.device);
				this.#deps.onState({ state: "waiting", message: messageOf(error) });
				continue;
			} finally {
				this.#stopMeeting();
			}
			await this.forget();
			this.#deps.onState(null);
			return;
		}
	}

	/**
	 * Meets a device that may admit, proves the invite, and gets the swarm's secret. The one that made the link, or one that
	 * it delegated to, or somebody who only says so: that shows when the swarm's log is here.
	 */
	#handover(invite: Invite, liars: ReadonlySet<DeviceId>): Promise<Handover> {
		const { ports } = this.#deps;
		const session = this.#deps.session();
		const keys = inviteKeys(invite.seed);
		const waiting: (() => void)[] = [];
		let isAdmitted = false;
		/** One is asked at a time, so that one admits; where it does not answer, the next. */
		const askNext = (): void => {
			this.#cancelAsk?.();
			const ask = isAdmitted ? undefined : waiting.shift();
			this.#cancelAsk =
				ask && ports.clock.after(ADMISSION_WAIT_MS, () => askNext());
			ask?.();
		};
		const signing = ports.suite.fromSeed(keys.signingSeed);
		return new Promise((resolve, reject) => {
			signing.catch(reject);
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
				wants: () => true,
				admit: ({ device }) => device !== session.device && !liars.has(device),
				// It is this end that asks.
				adopter: () => undefined,
				onUp: ({ greeted: { device }, say }) => {
					const isIssuer = device === invite.issuer;
					if (isIssuer)
						this.#deps.onState({
							state: "linking",
							message: "Found a device.",
						});
					const { deviceRow } = session;
					const ask = (): void => {
						signing
							.then((signer) =>
								proveJoin(
									signer,
									invite.swarm,
									deviceRow.key.publicKey,
									deviceRow.seal.publicKey,
								),
							)
							.then((proof) => say(encodeJoinMessage({ kind: "join", proof })))
							// It is gone: it is asked again when it comes back.
							.catch(() => undefined);
					};
					if (isIssuer) waiting.unshift(ask);
					else waiting.push(ask);
					// Others may be waiting here themselves, and never answer.
					if (isIssuer || this.#cancelAsk === undefined) askNext();
				},
				onMessage: (met, bytes) => {
					const { device } = met.greeted;
					const isIssuer = device === invite.issuer;
					try {
						const message = decodeJoinMessage(bytes);
						if (message.kind === "refused") {
							const { message: reason } = message;
							const state = isIssuer ? "failed" : "waiting";
							this.#deps.onState({ state, message: reason });
							if (!isIssuer) return;
							void this.forget();
							reject(new ShoalError("bad-invite", reason));
						} else if (message.kind === "admitted") {
							const { epoch, secret, name } = message;
							const { swarm } = invite;
							const joinedAt = ports.clock.wall();
							const row = { swarm, name, epoch, secret, joinedAt };
							isAdmitted = true;
							resolve({ row, admitter: { device, handOver: met.handOver } });
						}
					} catch (error) {
						if (isIssuer)
							reject(new ShoalError("bad-invite", messageOf(error)));
					}
				},
			});
		});
	}

	/** Nothing is waited for any more. */
	async forget(): Promise<void> {
		this.#stopMeeting();
		await this.done();
	}

	#stopMeeting(): void {
		this.#cancelAsk?.();
		this.#cancelAsk = undefined;
		this.#meeting?.stop();
		this.#meeting = undefined;
	}
}
