/**
 * Seeded changes to bytes: blind ones, and ones that know where envelopes, CBOR and JSON keep their parts. The lengths
 * around a changed part are made right again, so that the change gets as deep as it was made.
 */
import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { open1 } from "../../src/identity/cose.ts";
import { concatBytes, fromUtf8, utf8 } from "../../src/wire/bytes.ts";
import { encodeCbor } from "../../src/wire/cbor.ts";
import type { Random } from "../../src/wire/clock.ts";
import { codeOf } from "../../src/wire/error.ts";
import { below, changeValue, pick, type Values } from "./mutate-value.ts";

/** Inputs beyond this are of no use here: what is too large is refused by its size alone. */
const MAX_BYTES = 64 * 1024;
/** Envelopes in messages in envelopes, and then some. */
const MAX_DEPTH = 8;

export interface Corpus {
	readonly inputs: readonly Uint8Array[];
	/** Pieces that mean something to the decoder. */
	readonly tokens: readonly Uint8Array[];
}

/** A changed copy of one of the inputs: one change most of the time, several now and then. */
export function mutated(random: Random, corpus: Corpus): Uint8Array {
	let bytes = pick(random, corpus.inputs);
	// One in fifty comes as it is: what is honest must go on working among the rest.
	if (random.fraction() < 0.02) return Uint8Array.from(bytes);
	do bytes = change(random, bytes, corpus).subarray(0, MAX_BYTES);
	while (random.fraction() < 0.35);
	return Uint8Array.from(bytes);
}

function change(random: Random, bytes: Uint8Array, corpus: Corpus): Uint8Array {
	if (random.fraction() < 0.6) {
		const known = changeKnown(random, bytes, corpus, 0);
		if (known !== undefined) return known;
	}
	return changeBlind(random, bytes, corpus);
}

function changeBlind(
	random: Random,
	bytes: Uint8Array,
	{ inputs, tokens }: Corpus,
): Uint8Array {
	const at = below(random, bytes.length + 1);
	const end = at + below(random, Math.min(64, bytes.length - at) + 1);
	const before = bytes.subarray(0, at);
	switch (below(random, tokens.length > 0 ? 11 : 9)) {
		case 0:
			return withByte(bytes, at, (byte) => byte ^ (1 << below(random, 8)));
		case 1:
			return withByte(bytes, at, () => below(random, 256));
		case 2:
			return before;
		case 3: {
			const more = random.bytes(1 + below(random, 16));
			return concatBytes(before, more, bytes.subarray(at));
		}
		case 4: // a range twice
			return concatBytes(bytes.subarray(0, end), bytes.subarray(at));
		case 5: // a range less
			return concatBytes(before, bytes.subarray(end));
		case 6: {
			const other = pick(random, inputs);
			return concatBytes(before, other.subarray(below(random, other.length)));
		}
		case 7:
			return changeLength(random, bytes, at);
		case 8:
			return concatBytes(
				...[before, repeated(random, bytes.subarray(at, end))],
				bytes.subarray(end),
			);
		case 9:
			return concatBytes(before, pick(random, tokens), bytes.subarray(at));
		default:
			return concatBytes(
				...[before, repeated(random, pick(random, tokens))],
				bytes.subarray(at),
			);
	}
}

/** What is cheap once may not be a thousand times. */
function repeated(random: Random, part: Uint8Array): Uint8Array {
	const most = Math.floor(MAX_BYTES / Math.max(1, part.length));
	const times = Math.min(most, 2 ** below(random, 17));
	const whole = new Uint8Array(part.length * times);
	for (let i = 0; i < times; i++) whole.set(part, i * part.length);
	return whole;
}

function withByte(
	bytes: Uint8Array,
	at: number,
	change: (byte: number) => number,
): Uint8Array {
	const copy = Uint8Array.from(bytes);
	const byte = copy[at];
	if (byte !== undefined) copy[at] = change(byte);
	return copy;
}

/** Writes a number where a length may stand: one byte, a varint of Yjs, or two, four or eight bytes. */
function changeLength(
	random: Random,
	bytes: Uint8Array,
	at: number,
): Uint8Array {
	switch (below(random, 4)) {
		case 0:
			return withByte(bytes, at, (byte) => byte + pick(random, [-1, 1]));
		case 1: // the low five bits are CBOR's length
			return withByte(bytes, at, (byte) => (byte & 0xe0) | below(random, 32));
		case 2: {
			const huge = Uint8Array.of(0xff, 0xff, 0xff, 0xff, below(random, 128));
			return concatBytes(bytes.subarray(0, at), huge, bytes.subarray(at + 1));
		}
		default: {
			const width = pick(random, [2, 4, 8]);
			const value = pick(random, [0, 0xff, 0x7f, 0x80]);
			return Uint8Array.from(bytes).fill(value, at, at + width);
		}
	}
}

/** A change inside of what the bytes hold, if they hold an envelope, CBOR or JSON. */
function changeKnown(
	random: Random,
	bytes: Uint8Array,
	corpus: Corpus,
	depth: number,
): Uint8Array | undefined {
	if (depth > MAX_DEPTH || bytes.length === 0) return undefined;
	const around = envelopeOf(bytes);
	if (around !== undefined) {
		const payload = changeInner(random, around.payload, corpus, depth);
		return concatBytes(around.head, encodeCbor(payload), around.tail);
	}
	const values: Values = {
		bytes: (inner) => changeInner(random, inner, corpus, depth),
		other: () => readValue(pick(random, corpus.inputs))?.value,
	};
	const found = readValue(bytes);
	if (found === undefined) return undefined;
	const changed = changeValue(random, found.value, values);
	try {
		return found.kind === "json"
			? utf8(JSON.stringify(changed) ?? "null")
			: encode(changed, rfc8949EncodeOptions);
	} catch {
		return undefined; // no encoding has it: changed blindly instead
	}
}

const changeInner = (
	random: Random,
	bytes: Uint8Array,
	corpus: Corpus,
	depth: number,
): Uint8Array =>
	changeKnown(random, bytes, corpus, depth + 1) ??
	changeBlind(random, bytes, corpus);

function readValue(
	bytes: Uint8Array,
): { readonly kind: "cbor" | "json"; readonly value: object } | undefined {
	const isJson = bytes[0] === 0x7b || bytes[0] === 0x5b;
	let value: unknown;
	try {
		value = isJson
			? JSON.parse(fromUtf8(bytes))
			: decode(bytes, { tags: Tagged.preserve(18), useMaps: false });
	} catch {
		return undefined; // neither
	}
	if (typeof value !== "object" || value === null) return undefined;
	return { kind: isJson ? "json" : "cbor", value };
}

function envelopeOf(bytes: Uint8Array) {
	try {
		const { payload, signature } = open1(bytes, Number.POSITIVE_INFINITY);
		const start = payload.byteOffset - bytes.byteOffset;
		// The head of the payload is left out: its length changes.
		const headBytes = encodeCbor(payload).length - payload.length;
		return {
			payload,
			head: bytes.subarray(0, start - headBytes),
			tail: bytes.subarray(bytes.length - signature.length - 2),
		};
	} catch (error) {
		if (codeOf(error) === undefined) throw error;
		return undefined;
	}
}
