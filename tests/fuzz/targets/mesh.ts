/** Decoders of a link: the hello, and envelopes of messages. */
import { issueCertificate } from "../../../src/identity/certificate.ts";
import { checkHello, makeHello } from "../../../src/mesh/hello.ts";
import {
	type Message,
	openMessages,
	sealMessages,
} from "../../../src/mesh/messages.ts";
import { equalBytes, toHex } from "../../../src/wire/bytes.ts";
import { Oracle } from "../oracle.ts";
import { ensure, outcomeOf, type Target } from "../target.ts";
import { SWARM } from "./wire.ts";

const hello: Target = {
	name: "hello",
	async begin(random) {
		const oracle = new Oracle(random);
		const session = await oracle.hostile();
		const certificate = await issueCertificate(
			await oracle.hostile(),
			session.publicKey,
			random.bytes(32),
		);
		const self = toHex(random.bytes(32));
		const other = toHex(session.publicKey);
		const nonces = { self: "aa".repeat(16), other: "bb".repeat(16) };
		const prints = { local: "sha-256 AA:BB", remote: "sha-256 CC:DD" };
		const made = await makeHello(session, certificate, {
			...{ swarm: SWARM, epoch: 0, self: other, other: self },
			nonces: { self: nonces.other, other: nonces.self },
			fingerprints: { local: prints.remote, remote: prints.local },
		});
		const terms = { swarm: SWARM, epoch: 0, self, other, nonces };
		return {
			inputs: [made],
			take: (input) =>
				outcomeOf(
					() => checkHello(oracle, input, { ...terms, fingerprints: prints }),
					({ peer, certificate: shown }) =>
						ensure(
							peer === other && shown.length > 0,
							"somebody else was greeted",
						),
				),
		};
	},
};

const messages: Target = {
	name: "messages",
	async begin(random) {
		const oracle = new Oracle(random);
		const honest = await oracle.open(await oracle.generate());
		const hostile = await oracle.hostile();
		const to = toHex(random.bytes(32));
		const trace = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
		const said: Message[] = [
			{ id: "1", method: "ping", params: null, trace },
			{ id: "2", method: "state.get", params: { a: [1, "x"] }, trace },
			{ id: "1", result: "pong", trace },
			{
				...{ id: "3", trace },
				error: { code: -32000, message: "No.", data: { code: "timeout" } },
			},
			{ method: "event", params: { topic: "a.b", data: { n: 1 } }, trace },
		];
		const scope = { swarm: SWARM, epoch: 2 };
		const own = await sealMessages(honest, scope, to, said);
		return {
			inputs: [
				own,
				await sealMessages(hostile, scope, to, said),
				await sealMessages(hostile, scope, to, said.slice(0, 1)),
			],
			take: (input) =>
				outcomeOf(
					() => openMessages(oracle, SWARM, to, input),
					({ from }) =>
						ensure(
							from !== toHex(honest.publicKey) || equalBytes(input, own),
							"an honest page's messages were changed",
						),
				),
		};
	},
};

export const meshTargets: readonly Target[] = [hello, messages];
