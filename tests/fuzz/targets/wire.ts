/** Decoders of what travels alone: CBOR, envelopes, certificates, invites, frames, and what goes through the relay. */
import {
	issueCertificate,
	verifyCertificate,
} from "../../../src/identity/certificate.ts";
import { sign1, verify1 } from "../../../src/identity/cose.ts";
import { deviceIdOf } from "../../../src/identity/did.ts";
import {
	inviteFromUrl,
	inviteUrl,
	proveJoin,
	verifyJoin,
} from "../../../src/identity/invite.ts";
import { openRelay, sealRelay } from "../../../src/identity/seal.ts";
import { cutFrames, Reassembler } from "../../../src/mesh/framing.ts";
import {
	decodeRelayMessage,
	encodeRelayMessage,
} from "../../../src/mesh/relay-messages.ts";
import {
	decodeJoinMessage,
	encodeJoinMessage,
} from "../../../src/node/join-messages.ts";
import {
	concatBytes,
	equalBytes,
	toHex,
	utf8,
} from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { Oracle } from "../oracle.ts";
import { ensure, outcomeOf, type Target, texts } from "../target.ts";

export const SWARM = "ab".repeat(32);

/** What is accepted is the one encoding of what it says. */
function ensureSame(again: Uint8Array, input: Uint8Array): void {
	ensure(equalBytes(again, input), "two encodings of one value were accepted");
}

const cbor: Target = {
	name: "cbor",
	begin: (random) => ({
		inputs: [
			{ a: 1, b: [true, null, -7, 1.5], c: { d: "text", e: random.bytes(30) } },
			[0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 40, -1, -25],
			random.bytes(2_000),
			["x".repeat(300), Array.from({ length: 40 }, (_, i) => i)],
		].map(encodeCbor),
		take: (input) =>
			outcomeOf(
				() => ({ value: decodeCbor(input, { maxBytes: 16_384 }) }),
				({ value }) => ensureSame(encodeCbor(value), input),
			),
	}),
};

const AAD = utf8("fuzz");

const envelope: Target = {
	name: "envelope",
	async begin(random) {
		const oracle = new Oracle(random);
		const signer = await oracle.open(await oracle.generate());
		const hostile = await oracle.hostile();
		const inputs = await Promise.all([
			...[0, 1, 23, 24, 255, 256, 3_000].map((length) =>
				sign1(hostile, random.bytes(length), AAD),
			),
			sign1(signer, utf8("honest"), AAD),
		]);
		const made = inputs.at(-1) ?? AAD;
		return {
			inputs,
			take: (input) =>
				outcomeOf(
					() => verify1(oracle, input, AAD, 4_096),
					({ key }) =>
						ensure(
							!equalBytes(key, signer.publicKey) || equalBytes(input, made),
							"an honest signer's envelope was changed",
						),
				),
		};
	},
};

const certificate: Target = {
	name: "certificate",
	async begin(random) {
		const oracle = new Oracle(random);
		const device = await oracle.hostile();
		const { publicKey } = await oracle.hostile();
		return {
			inputs: [await issueCertificate(device, publicKey, random.bytes(32))],
			take: (input) => outcomeOf(() => verifyCertificate(oracle, input)),
		};
	},
};

const invite: Target = {
	name: "invite",
	async begin(random) {
		const { publicKey } = await new Oracle(random).hostile();
		const issuer = deviceIdOf(publicKey);
		const inputs = [0, 32].map((length) =>
			inviteUrl("https://shoal.test/page", {
				swarm: SWARM,
				seed: random.bytes(length === 0 ? 16 : 32),
				issuer,
				head: random.bytes(length),
			}),
		);
		return {
			inputs: inputs.map(utf8),
			tokens: texts("#join=", "&join=", "#", "&", "=", "%00", "https://a.b/"),
			take: (input) =>
				outcomeOf(
					() => inviteFromUrl(new TextDecoder().decode(input)),
					(read) =>
						ensure(
							read !== undefined &&
								inviteFromUrl(inviteUrl("", read))?.issuer === read.issuer,
							"an invite does not read back",
						),
				),
		};
	},
};

const joinProof: Target = {
	name: "join-proof",
	async begin(random) {
		const oracle = new Oracle(random);
		const signer = await oracle.hostile();
		const { publicKey } = await oracle.hostile();
		return {
			inputs: [await proveJoin(signer, SWARM, publicKey, random.bytes(32))],
			take: (input) => outcomeOf(() => verifyJoin(oracle, input, SWARM)),
		};
	},
};

const joinMessage: Target = {
	name: "join-message",
	begin: (random) => ({
		inputs: [
			encodeJoinMessage({ kind: "join", proof: random.bytes(200) }),
			encodeJoinMessage({
				kind: "admitted",
				epoch: 3,
				secret: random.bytes(32),
				name: "My swarm",
			}),
			encodeJoinMessage({ kind: "refused", message: "This invite is used." }),
		],
		take: (input) =>
			outcomeOf(
				() => decodeJoinMessage(input),
				(message) => {
					if (message.kind === "admitted")
						ensure(message.epoch >= 0, "an epoch below 0");
				},
			),
	}),
};

const relayMessage: Target = {
	name: "relay-message",
	begin(random) {
		const from = toHex(random.bytes(32));
		const boot = toHex(random.bytes(16));
		return {
			inputs: [
				encodeRelayMessage({
					...{ kind: "here", from, boot, direct: false },
					device: deviceIdOf(random.bytes(32)),
				}),
				encodeRelayMessage({
					...{ kind: "signal", from, boot, attempt: "0123456789abcdef" },
					nonce: toHex(random.bytes(16)),
					data: JSON.stringify({ type: "offer", sdp: "v=0\r\n" }),
				}),
			],
			take: (input) =>
				outcomeOf(
					() => decodeRelayMessage(input),
					(message) => {
						if (message !== undefined)
							ensureSame(encodeRelayMessage(message), input);
					},
				),
		};
	},
};

const relaySeal: Target = {
	name: "relay-seal",
	begin(random) {
		const key = random.bytes(32);
		const inputs = [0, 1, 252, 253, 5_000].map((length) =>
			sealRelay(key, "topic", "from", "topic", random.bytes(length), random),
		);
		return {
			inputs,
			take: (input) =>
				outcomeOf(
					() => openRelay(key, "topic", "from", "topic", input),
					() =>
						ensure(
							inputs.some((made) => equalBytes(made, input)),
							"the relay changed what was sealed",
						),
				),
		};
	},
};

/** An input is a list of frames, as they come on one channel. */
const framing: Target = {
	name: "framing",
	begin(random) {
		const streams = [[0, 1], [64], [65, 3], [200, 0, 129]].map((lengths) =>
			lengths.flatMap((length) => [...cutFrames(random.bytes(length), 64)]),
		);
		return {
			inputs: streams.map(encodeCbor),
			take: (input) => {
				const frames = bytesIn(input);
				if (frames === undefined) return "refused";
				const reassembler = new Reassembler(4_096);
				return outcomeOf(() => {
					const messages = frames.map((frame) => reassembler.take(frame));
					const whole = messages.filter((message) => message !== undefined);
					const taken = whole.reduce((sum, { length }) => sum + length, 0);
					ensure(
						taken <= concatBytes(...frames).length,
						"more came out than went in",
					);
					ensure(
						whole.every(({ length }) => length <= 4_096),
						"a message above its class's cap",
					);
					return true;
				});
			},
		};
	},
};

/** The byte strings of a list. */
function bytesIn(input: Uint8Array): Uint8Array[] | undefined {
	try {
		const list = decodeCbor(input, { maxBytes: 65_536 });
		return Array.isArray(list)
			? list.filter((item) => item instanceof Uint8Array)
			: undefined;
	} catch {
		return undefined; // not an input of this target
	}
}

export const wireTargets: readonly Target[] = [
	...[cbor, envelope, certificate, invite, joinProof, joinMessage],
	...[relayMessage, relaySeal, framing],
];
