/** Deterministic CBOR (RFC 8949 §4.2). What does not re-encode to the same bytes is refused (E2). */
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { equalBytes } from "./bytes.ts";
import { ShoalError } from "./error.ts";

/** Encodes plain data (no undefined, no functions) to its one deterministic form. */
export function encodeCbor(value: unknown): Uint8Array {
	return encode(value, rfc8949EncodeOptions);
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
	checkDepth(bytes, limits.maxDepth ?? 16);
	let value: unknown;
	try {
		value = decode(bytes, {
			strict: true,
			allowIndefinite: false,
			allowUndefined: false,
			rejectDuplicateMapKeys: true,
		});
	} catch (cause) {
		throw new ShoalError("malformed", "not CBOR", { cause });
	}
	let again: Uint8Array;
	try {
		again = encodeCbor(value);
	} catch (cause) {
		throw new ShoalError("malformed", "not deterministic CBOR", { cause });
	}
	if (!equalBytes(bytes, again))
		throw new ShoalError("malformed", "not deterministic CBOR");
	return value;
}

/**
 * Walks the heads of items without building anything, so that `[[[[…` cannot exhaust the decoder's stack and a short
 * input cannot promise a huge array.
 */
function checkDepth(bytes: Uint8Array, maxDepth: number): void {
	const open: number[] = [1];
	let at = 0;
	while (open.length > 0) {
		const left = (open.pop() ?? 0) - 1;
		if (left < 0) continue;
		open.push(left);
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
		if (major === 2 || major === 3) at += argument;
		else if (major === 4 || major === 5) {
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
}
