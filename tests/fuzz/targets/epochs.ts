/** What somebody writes to a device about its swarm: letters in its mailbox, and answers that should hold a secret. */
import { generateSealKey, sealTo } from "../../../src/identity/agreement.ts";
import { issueCertificate } from "../../../src/identity/certificate.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import { checkOf, epochAad } from "../../../src/identity/epoch-act.ts";
import {
	decodeLetter,
	encodeLetter,
	type Letter,
	Mailbox,
	signNotice,
} from "../../../src/mesh/mailbox.ts";
import type { Signaling } from "../../../src/mesh/ports.ts";
import { Epochs, type EpochsDeps } from "../../../src/node/epochs.ts";
import { equalBytes, fromHex } from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { Oracle } from "../oracle.ts";
import { ensure, outcomeOf, type Target } from "../target.ts";
import { SWARM } from "./wire.ts";

const letter: Target = {
	name: "letter",
	begin(random) {
		const letters: Letter[] = [
			{ kind: "epoch", number: 7, secret: random.bytes(32) },
			{
				...{ kind: "removed", certificate: random.bytes(200) },
				notice: random.bytes(150),
			},
			{ kind: "entries", entries: [random.bytes(300), random.bytes(2_000)] },
		];
		return {
			inputs: letters.map(encodeLetter),
			take: (input) =>
				outcomeOf(
					() => decodeLetter(input),
					(read) => {
						if (read.kind === "epoch")
							ensure(read.number >= 1, "an epoch below 1");
						const again = decodeLetter(encodeLetter(read));
						ensure(
							equalBytes(encodeCbor(again), encodeCbor(read)),
							"a letter does not read back",
						);
					},
				),
		};
	},
};

/** Everything that waits for nothing but promises has ended. */
const settled = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

/** An input is a letter; whoever sends it seals it as it must be. */
const mailbox: Target = {
	name: "mailbox",
	weight: 0.05,
	async begin(random) {
		const oracle = new Oracle(random);
		const key = random.bytes(32);
		const seal = generateSealKey(random);
		const pageOf = async (own: "honest" | "hostile") => {
			const signer = async () =>
				own === "honest"
					? oracle.open(await oracle.generate())
					: oracle.hostile();
			const [device, session] = [await signer(), await signer()];
			const certificate = await issueCertificate(
				device,
				session.publicKey,
				random.bytes(32),
			);
			return { device: deviceIdOf(device.publicKey), session, certificate };
		};
		const [honest, hostile] = [await pageOf("honest"), await pageOf("hostile")];
		const noticeOf = async (
			{ session, certificate }: typeof honest,
			gone: Uint8Array,
		): Promise<Letter> => ({
			...{ kind: "removed", certificate },
			notice: await signNotice(session, SWARM, gone),
		});
		/** A true word of an honest device, about another one. */
		const other = await noticeOf(honest, random.bytes(32));
		let deliver = (_: Uint8Array): void => undefined;
		let heard: (string | number)[] = [];
		const signaling: Signaling = {
			state: "connected",
			subscribe(_topic, listener) {
				deliver = (sealed) => listener("somebody", sealed);
				return () => undefined;
			},
			publish: () => undefined,
			onState: () => () => undefined,
			renew: () => undefined,
			close: () => undefined,
		};
		new Mailbox({
			...{ swarm: SWARM, random, verifier: oracle, signaling, key, seal },
			onEpoch: (number, secret) => heard.push(number, secret.length),
			onRemoved: (by) => heard.push(by),
			onEntries: (entries) => heard.push(entries.length),
		});
		const aad = encodeCbor(["shoal/v1/letter", fromHex(SWARM), key]);
		const letters: Letter[] = [
			{ kind: "epoch", number: 2, secret: random.bytes(32) },
			await noticeOf(hostile, key),
			{ kind: "entries", entries: [random.bytes(100)] },
		];
		return {
			inputs: letters.map(encodeLetter),
			tokens: [other].map((each) => encodeLetter(each).subarray(4)),
			async take(input) {
				heard = [];
				deliver(sealTo(seal.publicKey, random, input, aad));
				await settled();
				ensure(
					!heard.includes(honest.device),
					"an honest device's word about another was taken for one about this",
				);
				return heard.length > 0 ? "accepted" : "refused";
			},
		};
	},
};

/** An input is what a member answers that is asked for the present secret, as CBOR. */
const epochSecret: Target = {
	name: "epoch-secret",
	weight: 0.05,
	async begin(random) {
		const secret = random.bytes(32);
		const key = random.bytes(32);
		const seal = generateSealKey(random);
		const device = deviceIdOf(key);
		const epoch = {
			...{ number: 3, hash: random.bytes(32), check: checkOf(secret) },
			secrets: [],
		};
		const sealed = (of: Uint8Array) =>
			sealTo(seal.publicKey, random, of, epochAad(SWARM, 3, key));
		const row = { swarm: SWARM, name: "x", joinedAt: 0 };
		const wrong = sealed(random.bytes(32));
		return {
			inputs: [encodeCbor(sealed(secret))],
			tokens: [wrong, encodeCbor(wrong)],
			async take(input) {
				let answer: unknown;
				try {
					answer = decodeCbor(input, { maxBytes: 65_536 });
				} catch {
					return "refused";
				}
				const moved: Uint8Array[] = [];
				const deps = {
					ports: { identity: { saveSwarm: async () => undefined } },
					session: { device, deviceRow: { key: { publicKey: key }, seal } },
					replica: {
						membership: () => ({ epoch, members: new Map([[device, {}]]) }),
					},
					mesh: {
						messenger: { handle: () => undefined, request: async () => answer },
						peers: () => [{ peer: "ab".repeat(32) }],
						rekey: (to: { secret: Uint8Array }) => moved.push(to.secret),
					},
					row: { ...row, epoch: 0, secret: random.bytes(32) },
					deviceOf: () => undefined,
					onBegun: () => undefined,
				};
				const epochs = new Epochs(deps as unknown as EpochsDeps);
				epochs.follow();
				await settled();
				ensure(
					moved.every((to) => equalBytes(to, secret)),
					"it went over to a secret that is not the epoch's",
				);
				return moved.length > 0 ? "accepted" : "refused";
			},
		};
	},
};

export const epochTargets: readonly Target[] = [letter, mailbox, epochSecret];
