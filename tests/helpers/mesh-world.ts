/** Meshes in a simulated world: pages with real keys, certificates, hellos and messages. */
import { generateSealKey, type SealKey } from "../../src/identity/agreement.ts";
import { issueCertificate } from "../../src/identity/certificate.ts";
import { deviceIdOf } from "../../src/identity/did.ts";
import { nobleSuite } from "../../src/identity/noble.ts";
import { Mesh, type MeshDeps } from "../../src/mesh/mesh.ts";
import { toHex } from "../../src/wire/bytes.ts";
import { VirtualClock } from "../sim/world/clock.ts";
import { Network } from "../sim/world/network.ts";
import { seededRandom } from "../sim/world/random.ts";

export const SWARM = "ab".repeat(32);

export interface TestPage {
	readonly mesh: Mesh;
	readonly peer: string;
	readonly host: string;
	/** What arrived, by class. */
	readonly state: { from: string; bytes: Uint8Array }[];
	readonly bulk: { from: string; bytes: Uint8Array }[];
	readonly log: string[];
}

export async function meshWorld(seed = 1) {
	const clock = new VirtualClock();
	const random = seededRandom(seed);
	const network = new Network(clock, random.fork());
	const suite = nobleSuite(random.fork());
	const profiles = new Map<
		string,
		Awaited<ReturnType<typeof suite.generate>>
	>();

	const seals = new Map<string, SealKey>();

	async function open(
		host: string,
		profile: string = host,
		override: Partial<MeshDeps> = {},
	): Promise<TestPage> {
		const deviceKey = profiles.get(profile) ?? (await suite.generate());
		profiles.set(profile, deviceKey);
		const sessionKey = await suite.generate();
		const sealKey = seals.get(profile) ?? generateSealKey(random);
		seals.set(profile, sealKey);
		const certificate = await issueCertificate(
			await suite.open(deviceKey),
			sessionKey.publicKey,
			sealKey.publicKey,
		);
		const state: TestPage["state"] = [];
		const bulk: TestPage["bulk"] = [];
		const log: string[] = [];
		const mesh = new Mesh({
			clock,
			random: random.fork(),
			signer: await suite.open(sessionKey),
			verifier: suite,
			certificate,
			seal: sealKey,
			device: deviceIdOf(deviceKey.publicKey),
			swarm: SWARM,
			epoch: { swarm: SWARM, number: 0, secret: new Uint8Array(32).fill(7) },
			past: [],
			onBehind: (device) => log.push(`behind ${device}`),
			signaling: network.signaling(host),
			connector: network.connector(host),
			tabs: network.tabs(profile, host, SWARM),
			uplink: undefined,
			admit: () => Promise.resolve(true),
			onPeerUp: ({ peer }) => log.push(`up ${peer.slice(0, 4)}`),
			onPeerDown: (peer, left) =>
				log.push(`${left ? "left" : "down"} ${peer.slice(0, 4)}`),
			onState: (from, bytes) => state.push({ from, bytes }),
			onBulk: (from, bytes) => bulk.push({ from, bytes }),
			onChange: () => undefined,
			...override,
		});
		const peer = toHex(sessionKey.publicKey);
		return { mesh, peer, host, state, bulk, log };
	}

	return { clock, network, random, suite, open };
}

export const isFullMesh = (pages: readonly TestPage[]): boolean =>
	pages.every((page) => page.mesh.peers().length === pages.length - 1);
