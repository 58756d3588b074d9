/** Who this page is: its device key, its session's slot, key and certificate (E1). */
import { issueCertificate } from "../identity/certificate.ts";
import { deviceIdOf } from "../identity/did.ts";
import type { Signer } from "../identity/signer.ts";
import type { SlotFence } from "../replica/store.ts";
import { toHex } from "../wire/bytes.ts";
import type { DeviceId, PeerId } from "../wire/ids.ts";
import type { DeviceRow, NodePorts } from "./ports.ts";

export interface Session {
	readonly device: DeviceId;
	readonly deviceRow: DeviceRow;
	readonly deviceSigner: Signer;
	readonly peer: PeerId;
	readonly signer: Signer;
	readonly certificate: Uint8Array;
	readonly fence: SlotFence;
}

/** @param fresh never continue an earlier session's logs (S8) */
export async function openSession(
	ports: NodePorts,
	fresh = false,
): Promise<Session> {
	const { suite, identity, defaultName } = ports;
	const deviceRow = await identity.device(async () => {
		const [key, seal] = await Promise.all([
			suite.generate(),
			ports.newSealKey(),
		]);
		return { id: "self", key, seal, name: defaultName };
	});
	const deviceSigner = await suite.open(deviceRow.key);
	const slot = await identity.claimSlot(
		async () => {
			const key = await suite.generate();
			const certificate = await issueCertificate(
				deviceSigner,
				key.publicKey,
				deviceRow.seal.publicKey,
			);
			return { slot: toHex(key.publicKey), key, certificate };
		},
		{ fresh },
	);
	return {
		device: deviceIdOf(deviceRow.key.publicKey),
		deviceRow,
		deviceSigner,
		peer: toHex(slot.key.publicKey),
		signer: await suite.open(slot.key),
		certificate: slot.certificate,
		fence: { slot: slot.slot, nonce: slot.nonce },
	};
}
