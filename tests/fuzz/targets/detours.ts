/** What pages say beside their own messages (L6): ways, packets that others carry, and detours. */
import { detourKeys } from "../../../src/identity/detour-keys.ts";
import { Detour } from "../../../src/mesh/detour.ts";
import {
	decodeDetour,
	encodeDetour,
} from "../../../src/mesh/detour-messages.ts";
import { decodeSide, encodeSide } from "../../../src/mesh/side-messages.ts";
import { equalBytes, toHex } from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { ensure, outcomeOf, type Target } from "../target.ts";
import { SWARM } from "./wire.ts";

const side: Target = {
	name: "side-message",
	begin(random) {
		const [a, b, c] = [0, 1, 2].map(() => toHex(random.bytes(32)));
		ensure(a !== undefined && b !== undefined && c !== undefined, "");
		return {
			inputs: [
				encodeSide({ kind: "routes", routes: [[a], [b, a], [b, c]] }),
				encodeSide({ kind: "routes", routes: [] }),
				encodeSide({
					...{ kind: "packet", path: [a, b, c], at: 1 },
					body: random.bytes(90),
				}),
				encodeSide({ kind: "signal", message: random.bytes(200) }),
				encodeSide({ kind: "role", isUplink: true }),
				encodeSide({ kind: "left", peer: a }),
			],
			take: (input) =>
				outcomeOf(
					() => decodeSide(input),
					(read) => {
						ensure(equalBytes(encodeSide(read), input), "two encodings");
						if (read.kind !== "packet") return;
						const { path, at } = read;
						ensure(at >= 1 && at < path.length, "nobody's turn");
						ensure(new Set(path).size === path.length, "it goes in circles");
					},
				),
		};
	},
};

const detourMessage: Target = {
	name: "detour-message",
	begin(random) {
		const id = toHex(random.bytes(8));
		const opening = {
			...{ id, nonce: toHex(random.bytes(16)), epoch: 2 },
			certificate: random.bytes(180),
		};
		return {
			inputs: [
				encodeDetour({ kind: "open", ...opening }),
				encodeDetour({ kind: "accept", ...opening }),
				encodeDetour({
					...{ kind: "sealed", id, lane: 1, seq: 9 },
					sealed: random.bytes(100),
				}),
			],
			take: (input) =>
				outcomeOf(
					() => decodeDetour(input),
					(read) =>
						ensure(equalBytes(encodeDetour(read), input), "two encodings"),
				),
		};
	},
};

/**
 * An input is a list of messages that arrive at one end: a number stands for the next of those that the other end sent,
 * anything else is what a carrier made of it.
 */
const detour: Target = {
	name: "detour",
	weight: 0.1,
	begin(random) {
		const shared = random.bytes(32);
		const [opener, other] = [toHex(random.bytes(32)), toHex(random.bytes(32))];
		const nonces = {
			openerNonce: "aa".repeat(16),
			otherNonce: "bb".repeat(16),
		};
		const context = { swarm: SWARM, opener, other, ...nonces };
		const open = (isOpener: boolean, post: (body: Uint8Array) => void) =>
			new Detour({
				...{ id: "d", carriers: ["c"] },
				keys: detourKeys(shared, context, isOpener),
				fingerprints: { local: "", remote: "" },
				post: (_, body) => post(body),
				onClosed: () => undefined,
			});
		const frames = Array.from({ length: 6 }, (_, n) =>
			random.bytes(10 * n + 1),
		);
		const sent: Uint8Array[] = [];
		const sender = open(true, (body) => sent.push(body));
		for (const [n, frame] of frames.entries())
			sender.send(n % 2 === 0 ? "control" : "state", frame);
		sender.close();
		return {
			inputs: [[0, 1, 2, 3, 4, 5, 6], [0, 0, 1], sent].map(encodeCbor),
			tokens: sent,
			take(input) {
				let list: unknown;
				try {
					list = decodeCbor(input, { maxBytes: 262_144 });
				} catch {
					return "refused";
				}
				if (!Array.isArray(list)) return "refused";
				const heard: Record<string, Uint8Array[]> = { control: [], state: [] };
				const receiver = open(false, () => undefined);
				receiver.events = {
					onFrame: (channel, frame) => heard[channel]?.push(frame),
					onDrain: () => undefined,
					onClose: () => undefined,
				};
				return outcomeOf(
					() => {
						for (const item of list.slice(0, 100)) {
							const body = typeof item === "number" ? sent[item] : item;
							if (!(body instanceof Uint8Array)) continue;
							const message = decodeDetour(body);
							if (message.kind === "sealed") receiver.take(message);
						}
						return true;
					},
					() => {
						for (const [parity, channel] of ["control", "state"].entries()) {
							const said = frames.filter((_, n) => n % 2 === parity);
							const got = heard[channel] ?? [];
							ensure(
								got.every((frame, n) =>
									equalBytes(frame, said[n] ?? frame.subarray(1)),
								),
								"a carrier altered what it carried",
							);
							ensure(got.length <= said.length, "more arrived than was said");
						}
					},
				);
			},
		};
	},
};

export const detourTargets: readonly Target[] = [side, detourMessage, detour];
