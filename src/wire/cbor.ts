/** Deterministic CBOR (RFC 8949 §4.2). What does not re-encode to the same bytes is refused (E2). */
import {
	decode,
	type EncodeOptions,
	encode,
	rfc8949EncodeOptions,
	Token,
	Type,
} from "cborg";
import { concatBytes, equalBytes } from "./bytes.ts";
import { ShoalError } from "./error.ts";

/**
 * Keys by their encoding (RFC 8949 §4.2.1). The library encodes each key once more to compare it; of plain texts, which
 * nearly all are, the shorter comes first.
 */
const byEncoding: NonNullable<EncodeOptions["mapSorter"]> = (
	one,
	other,
	options,
) => {
	const [a, b] = [plainText(one[0]), plainText(other[0])];
	if (a === undefined || b === undefined)
		return rfc8949EncodeOptions.mapSorter?.(one, other, options) ?? 0;
	if (a.length !== b.length) return a.length - b.length;
	return a < b ? -1 : Number(a > b);
};

/** A key of printable ASCII. */
function plainText(key: Token | Token[] | undefined): string | undefined {
	if (!(key instanceof Token) || typeof key.value !== "string")
		return undefined;
	return /[^ -~]/.test(key.value) ? undefined : key.value;
}

const DETERMINISTIC = { ...rfc8949EncodeOptions, mapSorter: byEncoding };

/** `undefined` and bigints have an encoding, but no reader of ours takes it. */
const ENCODING = {
	...DETERMINISTIC,
	ignoreUndefinedProperties: true,
	typeEncoders: { undefined: refuse, bigint: refuse },
};

function refuse(_value: unknown, type: string): never {
	throw new TypeError(`${type} is not plain data`);
}

/**
 * Encodes plain data to its one deterministic form. Properties that are `undefined` are left out, as in JSON.
 *
 * @throws ShoalError `bad-input` for what is not plain data: functions, bigints, cycles.
 */
export function encodeCbor(value: unknown): Uint8Array {
	try {
		return encode(value, ENCODING);
	} catch (cause) {
		throw new ShoalError("bad-input", "only plain data can be kept", {
			cause,
		});
	}
}

/** Caps that hold before a byte is decoded. */
export interface CborLimits {
	readonly maxBytes: number;
	/** Nesting of arrays, maps and tags. Default 16. */
	readonly maxDepth?: number;
}

/**
 * Decodes untrusted CBOR.
 *
 * @throws ShoalError `too-large` above the caps, `malformed` for anything that is not the deterministic encoding of
 * plain data: duplicate keys, indefinite lengths, unsorted keys, tags, trailing bytes (cborg's `strict` alone lets
 * some of these pass, so the bytes are compared with their re-encoding).
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): unknown {
	if (bytes.length > limits.maxBytes)
		throw new ShoalError(
			"too-large",
			`${bytes.length} bytes exceed ${limits.maxBytes}`,
		);
	const bodies = checkHeads(bytes, limits.maxDepth ?? 16);
	let value: unknown;
	try {
		value = decode(bytes, {
			strict: true,
			allowIndefinite: false,
			allowUndefined: false,
			allowBigInt: false,
			rejectDuplicateMapKeys: true,
		});
	} catch (cause) {
		throw new ShoalError("malformed", "not CBOR", { cause });
	}
	if (!equalBytes(withoutBodies(bytes, bodies), encode(value, ELIDING)))
		throw new ShoalError("malformed", "not deterministic CBOR");
	return value;
}

/**
 * Byte strings from here on are left out of the comparison: any content is deterministic, and `strict` has refused a
 * length in more bytes than it needs.
 */
const BODY_BYTES = 1024;
const EMPTY = new Uint8Array(0);

/** Encodes with large byte strings emptied, so that checking an entry of 5 MB does not copy 5 MB. */
const ELIDING = {
	...DETERMINISTIC,
	typeEncoders: {
		Uint8Array: (value: unknown) =>
			value instanceof Uint8Array && value.length >= BODY_BYTES
				? new Token(Type.bytes, EMPTY)
				: null,
	},
};

/** Where a large byte string stands, its head included. */
interface Body {
	readonly from: number;
	readonly to: number;
}

/** The encoding with each body replaced by an empty byte string. */
function withoutBodies(bytes: Uint8Array, bodies: readonly Body[]): Uint8Array {
	if (bodies.length === 0) return bytes;
	const parts: Uint8Array[] = [];
	let at = 0;
	for (const { from, to } of bodies) {
		parts.push(bytes.subarray(at, from), Uint8Array.of(0x40));
		at = to;
	}
	return concatBytes(...parts, bytes.subarray(at));
}

/**
 * Walks the heads of items without building anything, so that `[[[[…` cannot exhaust the decoder's stack and a short
 * input cannot promise a huge array. Returns the large byte strings it came by.
 */
function checkHeads(bytes: Uint8Array, maxDepth: number): Body[] {
	const bodies: Body[] = [];
	/** Items still to come, of the whole and of each open array, map and tag. */
	const open: number[] = [1];
	let at = 0;
	while (open.length > 0) {
		const left = (open.pop() ?? 0) - 1;
		if (left < 0) continue;
		open.push(left);
		const from = at;
		const head = bytes[at++];
		if (head === undefined) throw new ShoalError("malformed", "truncated CBOR");
		const major = head >> 5;
		const info = head & 31;
		let argument = info;
		if (info >= 24 && info <= 27) {
			const width = 1 << (info - 24);
			argument = 0;
			for (let i = 0; i < width; i++)
				argument = argument * 256 + (bytes[at++] ?? 0);
		} else if (info > 27)
			throw new ShoalError("malformed", "indefinite or reserved CBOR length");
		if (at > bytes.length) throw new ShoalError("malformed", "truncated CBOR");
		if (major === 2 || major === 3) {
			at += argument;
			if (major === 2 && argument >= BODY_BYTES) bodies.push({ from, to: at });
		} else if (major === 4 || major === 5) {
			const items = major === 4 ? argument : argument * 2;
			if (items > bytes.length)
				throw new ShoalError("malformed", "truncated CBOR");
			open.push(items);
		} else if (major === 6) open.push(1);
		if (open.length > maxDepth + 1)
			throw new ShoalError("too-large", `nested deeper than ${maxDepth}`);
		if (at > bytes.length) throw new ShoalError("malformed", "truncated CBOR");
		while (open.length > 0 && open[open.length - 1] === 0) open.pop();
	}
	if (at !== bytes.length)
		throw new ShoalError("malformed", "trailing bytes after CBOR");
	return bodies;
}
