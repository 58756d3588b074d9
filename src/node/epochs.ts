/**
 * Keeps a page in its swarm's present epoch (M3): opens what is sealed to this device, asks other members for what is not,
 * begins a new epoch after a removal, and remembers the ones before.
 */

import type { EpochRecord } from "../identity/act-book.ts";
import { openSealed, sealTo } from "../identity/agreement.ts";
import type { Epoch } from "../identity/epoch.ts";
import { checkOf, encodeEpoch, epochAad } from "../identity/epoch-act.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Replica } from "../replica/types.ts";
import { equalBytes, toHex } from "../wire/bytes.ts";
import { MAX_PAST_EPOCHS, MAX_SEALED_BYTES } from "../wire/constants.ts";
import { codeOf } from "../wire/error.ts";
import type { DeviceId, PeerId } from "../wire/ids.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import type { Session } from "./session.ts";

/** The method by which a page asks for a secret that was not sealed to it. */
const GET_SECRET = "epoch.secret";

export interface EpochsDeps {
	readonly ports: NodePorts;
	readonly session: Session;
	readonly replica: Replica;
	readonly mesh: Mesh;
	readonly row: SwarmRow;
	deviceOf(peer: PeerId): DeviceId | undefined;
	/** Another epoch began, for this page. */
	onBegun(row: SwarmRow): void;
}

export class Epochs {
	readonly #deps: EpochsDeps;
	#row: SwarmRow;
	/** Hex of the hash of the act that `#row` follows. */
	#followed: string | undefined;
	/** One at a time: between two steps another epoch may have begun. */
	#work: Promise<void> = Promise.resolve();

	constructor(deps: EpochsDeps) {
		this.#deps = deps;
		this.#row = deps.row;
		deps.mesh.messenger.handle(GET_SECRET, (_, from) => this.#tell(from), true);
	}

	/** The swarm as this device has it stored: with the present epoch. */
	get row(): SwarmRow {
		return this.#row;
	}

	/** Goes over to the epoch that the swarm's log names, where this page can. Never rejects. */
	follow(): void {
		this.#work = this.#work
			.then(() => this.#follow())
			.catch((error: unknown) => {
				// It is tried again with the next change of membership, and with the next page that links.
				if (codeOf(error) === undefined) throw error;
			});
	}

	/**
	 * Begins a new epoch for those who are members now.
	 *
	 * @throws ShoalError `not-saved`, `slot-lost`, `not-a-member`, `too-large`
	 */
	async begin(): Promise<void> {
		const { ports, replica, row } = this.#deps;
		const { members, removals, epoch } = replica.membership();
		// Who goes may have begun the last one that there can be. Then this one only has another secret.
		const number = Math.min(
			Math.max(epoch?.number ?? 0, this.#row.epoch) + 1,
			Number.MAX_SAFE_INTEGER,
		);
		const secret = ports.random.bytes(32);
		const secrets = [...members.values()].map(({ key: device, seal }) => ({
			device,
			sealed: sealTo(
				seal,
				ports.random,
				secret,
				epochAad(row.swarm, number, device),
			),
		}));
		const check = checkOf(secret);
		await replica.act({
			kind: "epoch",
			body: encodeEpoch({ number, covers: removals, check, secrets }),
		});
		this.follow();
		await this.#work;
	}

	async #follow(): Promise<void> {
		const { replica } = this.#deps;
		const { epoch, members } = replica.membership();
		if (epoch === undefined || !members.has(this.#deps.session.device)) return;
		const name = toHex(epoch.hash);
		if (name === this.#followed) return;
		const secret = this.#known(epoch) ?? (await this.#ask(epoch));
		if (secret === undefined) return;
		this.#followed = name;
		await this.#move(epoch.number, secret);
	}

	/** The secret, where this page has it already, or can open what was sealed to its device. */
	#known(epoch: EpochRecord): Uint8Array | undefined {
		const { session, row } = this.#deps;
		const { secret } = this.#row;
		if (isOf(epoch, secret)) return secret;
		const { key, seal } = session.deviceRow;
		const device = key.publicKey;
		const own = epoch.secrets.find((one) => equalBytes(one.device, device));
		const aad = epochAad(row.swarm, epoch.number, device);
		const opened = own && openSealed(seal, own.sealed, aad);
		return isOf(epoch, opened) ? opened : undefined;
	}

	/** Asks linked members: a device that came in at the same time has nothing sealed to it. */
	async #ask(epoch: EpochRecord): Promise<Uint8Array | undefined> {
		const { mesh, session } = this.#deps;
		for (const { peer } of mesh.peers())
			try {
				const answer = await mesh.messenger.request(peer, GET_SECRET);
				if (!(answer instanceof Uint8Array)) continue;
				if (answer.length > MAX_SEALED_BYTES) continue;
				const { key, seal } = session.deviceRow;
				const aad = this.#handover(epoch.number, key.publicKey);
				const secret = openSealed(seal, answer, aad);
				if (isOf(epoch, secret)) return secret;
			} catch (error) {
				if (codeOf(error) === undefined) throw error;
			}
		return undefined;
	}

	/** The present secret, sealed to the device that asks, if it is a member; else nothing. */
	#tell(from: PeerId): Uint8Array | null {
		const { replica, ports, deviceOf } = this.#deps;
		const member = replica.membership().members.get(deviceOf(from) ?? "");
		if (member === undefined) return null;
		const { epoch, secret } = this.#row;
		const aad = this.#handover(epoch, member.key);
		return sealTo(member.seal, ports.random, secret, aad);
	}

	#handover(number: number, device: Uint8Array): Uint8Array {
		return epochAad(this.#deps.row.swarm, number, device);
	}

	async #move(number: number, secret: Uint8Array): Promise<void> {
		const { ports, mesh, onBegun } = this.#deps;
		const { epoch: before, secret: old, past = [], swarm } = this.#row;
		if (number === before && equalBytes(secret, old)) return;
		this.#row = {
			...this.#row,
			epoch: number,
			secret,
			past: [...past, { number: before, secret: old }].slice(-MAX_PAST_EPOCHS),
		};
		await ports.identity.saveSwarm(this.#row);
		mesh.rekey({ swarm, number, secret });
		onBegun(this.#row);
	}
}

const isOf = (
	{ check }: EpochRecord,
	secret: Uint8Array | undefined,
): secret is Uint8Array =>
	secret !== undefined && equalBytes(checkOf(secret), check);

/** The epoch that a stored swarm is in, and those before it. */
export function epochsOf(row: SwarmRow): {
	readonly epoch: Epoch;
	readonly past: readonly Epoch[];
} {
	const { swarm, epoch: number, secret, past = [] } = row;
	return {
		epoch: { swarm, number, secret },
		past: past.map((before) => ({ swarm, ...before })),
	};
}
