/** Decoders of the state and bulk channels: entries, proofs, updates, values, sync and blob messages. */
import { decode } from "cborg";
import * as Y from "yjs";
import { issueCertificate } from "../../../src/identity/certificate.ts";
import {
	decodeBlobMessage,
	encodeBlobMessage,
} from "../../../src/replica/blob-messages.ts";
import { Corner } from "../../../src/replica/corner.ts";
import {
	decodeEntry,
	type EntryFields,
	signEntry,
} from "../../../src/replica/entry.ts";
import { encodeProof, verifyProof } from "../../../src/replica/fork-proof.ts";
import { decodeSeal, encodeSeal } from "../../../src/replica/seal.ts";
import { checkStructure } from "../../../src/replica/structure.ts";
import { decodeSync, encodeSync } from "../../../src/replica/sync-messages.ts";
import { copyPlain } from "../../../src/replica/value.ts";
import { EntryVerifier } from "../../../src/replica/verify.ts";
import { equalBytes, toHex } from "../../../src/wire/bytes.ts";
import { encodeCbor } from "../../../src/wire/cbor.ts";
import type { Random } from "../../../src/wire/clock.ts";
import { MAX_VALUE_DEPTH } from "../../../src/wire/constants.ts";
import { isPlain } from "../../../src/wire/plain.ts";
import { Oracle } from "../oracle.ts";
import { ensure, outcomeOf, type Target, texts } from "../target.ts";
import { SWARM } from "./wire.ts";

/** Updates of a corner, each continuing the one before. */
function updatesOf(
	...steps: Readonly<Record<string, unknown>>[]
): Uint8Array[] {
	const corner = new Corner();
	corner.openForWriting();
	return steps.map((facts) => corner.write(new Map(Object.entries(facts))));
}

const STEPS = [
	{ first: 1, second: "two" },
	{ first: { nested: [true, null, new Uint8Array(5)] }, third: 3.5 },
	{ second: "again" },
];

/** Some entries of one log, good as they are. */
async function entriesOf(oracle: Oracle, random: Random) {
	const signer = await oracle.hostile();
	const device = await oracle.hostile();
	const cert = await issueCertificate(
		device,
		signer.publicKey,
		random.bytes(32),
	);
	const sign = async (fields: Partial<EntryFields>) =>
		decodeEntry(
			await signEntry(signer, SWARM, {
				...{ space: "memory:fuzz", kind: "update", seq: 0, prev: null },
				body: new Uint8Array(),
				...fields,
			}),
		);
	const [one, two, three] = updatesOf(...STEPS);
	ensure(one !== undefined && two !== undefined && three !== undefined, "");
	const first = await sign({ body: one, cert });
	const second = await sign({ seq: 1, prev: first.hash, body: two });
	const other = await sign({ seq: 1, prev: first.hash, body: three });
	const stray = await sign({ seq: 1, prev: random.bytes(32), body: two });
	const checkpoint = await sign({
		...{ seq: 2, prev: second.hash, kind: "checkpoint", body: one, cert },
	});
	return { signer, cert, first, second, other, stray, checkpoint };
}

const entry: Target = {
	name: "entry",
	async begin(random) {
		const made = await entriesOf(new Oracle(random), random);
		const { first, second, checkpoint } = made;
		return {
			inputs: [first, second, checkpoint].map(({ bytes }) => bytes),
			tokens: texts("update", "checkpoint", "seal", "genesis", "swarm"),
			take: (input) =>
				outcomeOf(
					() => decodeEntry(input),
					(read) =>
						ensure(equalBytes(read.bytes, input), "an entry's bytes changed"),
				),
		};
	},
};

const forkProof: Target = {
	name: "fork-proof",
	async begin(random) {
		const oracle = new Oracle(random);
		const { cert, first, second, other, stray } = await entriesOf(
			oracle,
			random,
		);
		const verifier = new EntryVerifier(oracle, SWARM);
		return {
			inputs: [
				encodeProof(cert, second, other),
				encodeProof(cert, first, stray),
			],
			take: (input) => outcomeOf(() => verifyProof(input, SWARM, verifier)),
		};
	},
};

const sync: Target = {
	name: "sync",
	async begin(random) {
		const { first, second } = await entriesOf(new Oracle(random), random);
		const session = toHex(random.bytes(32));
		const head = random.bytes(32);
		const space = "memory:fuzz";
		return {
			inputs: [
				encodeSync({
					...{ kind: "digest", isAnswer: false },
					spaces: [
						{ space, digest: session, state: session },
						{ space: "swarm", digest: session, state: null },
					],
				}),
				encodeSync({
					...{ kind: "have", space, isReply: true },
					logs: [
						{ session, next: 3, head },
						{ session, next: 3, head, frozen: 5 },
						{ session, next: 0, head: null, frozen: 0 },
					],
				}),
				encodeSync({ kind: "want", space, logs: [{ session, from: 2 }] }),
				encodeSync({ kind: "entries", entries: [first.bytes, second.bytes] }),
				encodeSync({ kind: "proof", proofs: [random.bytes(40)] }),
			],
			take: (input) =>
				outcomeOf(
					() => decodeSync(input),
					(message) =>
						ensure(
							equalBytes(encodeSync(message), input),
							"two encodings of one message were accepted",
						),
				),
		};
	},
};

const blobMessage: Target = {
	name: "blob-message",
	begin(random) {
		const id = toHex(random.bytes(32));
		const short = ["ask", "none", "cancel", "offer", "kept"] as const;
		return {
			inputs: [
				...short.map((kind) => encodeBlobMessage({ kind, id })),
				encodeBlobMessage({
					...{ kind: "piece", id, size: 3_000, offset: 1_000 },
					bytes: random.bytes(2_000),
				}),
			],
			take: (input) =>
				outcomeOf(
					() => decodeBlobMessage(input),
					(message) =>
						ensure(
							equalBytes(encodeBlobMessage(message), input),
							"two encodings of one message were accepted",
						),
				),
		};
	},
};

/** The update of a corner (S3, S4): what passes the check applies as the check said, and no two peers can differ. */
const structure: Target = {
	name: "structure",
	begin() {
		const base = updatesOf(...STEPS);
		let corner = Corner.replay([], false);
		const many = Object.fromEntries(
			Array.from({ length: 60 }, (_, i) => [`key ${i}`, i]),
		);
		const next = [
			{ first: 2 },
			{ fourth: new Uint8Array(20) },
			{ first: "x", second: [1, 2], third: null, fifth: { a: 1 } },
			many,
		].map((facts) => updatesOf(...STEPS, facts).at(-1) ?? new Uint8Array());
		return {
			inputs: next,
			tokens: [...base, ...texts("facts", "first", "second")],
			reset() {
				corner = Corner.replay(base, false);
			},
			take(input) {
				const before = toHex(corner.digest());
				const check = checkStructure(input, corner, false);
				ensure(toHex(corner.digest()) === before, "checking changed it");
				if (!check.ok) return "refused";
				corner.apply(input, check.sets);
				const again = Corner.replay([...base, input], false);
				ensure(
					equalBytes(corner.digest(), again.digest()),
					"two peers see other facts",
				);
				// What others see is what a plain Yjs document holds.
				const doc = new Y.Doc();
				for (const update of [...base, input]) Y.applyUpdate(doc, update);
				for (const [key, value] of corner.values)
					ensure(
						equalBytes(
							encodeCbor(doc.getMap("facts").get(key)),
							encodeCbor(value),
						),
						"Yjs and the corner differ",
					);
				ensure(
					equalBytes(
						Corner.replay([corner.snapshot()], false).digest(),
						corner.digest(),
					),
					"a checkpoint of it is another corner",
				);
				return "accepted";
			},
		};
	},
};

/** Values that a page writes, given as CBOR that may hold what is not plain. */
const value: Target = {
	name: "value",
	begin: (random) => ({
		inputs: [
			{ a: [1, -2, 3.5, true, null], b: { c: "text", d: random.bytes(9) } },
			["x".repeat(100), [], {}, 0],
		].map(encodeCbor),
		take(input) {
			let given: unknown;
			try {
				given = decode(input, { allowUndefined: true });
			} catch {
				return "refused";
			}
			return outcomeOf(
				() => copyPlain(given),
				({ value: copy }) => {
					ensure(isPlain(copy, MAX_VALUE_DEPTH), "a copy is not plain");
					const [update] = updatesOf({ key: copy });
					ensure(update !== undefined, "");
					const read = Corner.replay([update], true).values.get("key");
					ensure(
						equalBytes(encodeCbor(read), encodeCbor(copy)),
						"what was written reads as something else",
					);
				},
			);
		},
	}),
};

const seal: Target = {
	name: "seal",
	begin: () => ({
		inputs: [encodeSeal("memory:fuzz"), encodeSeal("job:1")],
		take: (input) =>
			outcomeOf(
				() => decodeSeal(input),
				(space) =>
					ensure(equalBytes(encodeSeal(space), input), "two encodings"),
			),
	}),
};

export const replicaTargets: readonly Target[] = [
	...[entry, forkProof, sync, blobMessage, structure, value, seal],
];
