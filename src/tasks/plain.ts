/** Plain data and its fingerprint: what may stand in a record, and what is hashed (T3, A4). */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import { MAX_SENT_DEPTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";

/** Of what travels in a lease, which nests it a little deeper. */
const MAX_DEPTH = MAX_SENT_DEPTH - 4;

/**
 * A copy as JSON would make it, bytes kept: properties that are `undefined` are left out.
 *
 * @throws ShoalError `bad-input` for functions, symbols, big integers, numbers that are not finite, class instances
 * and nesting deeper than 20.
 */
export function plainData(value: unknown, depth = 0): unknown {
	if (depth > MAX_DEPTH)
		throw new ShoalError("bad-input", `nested deeper than ${MAX_DEPTH}`);
	if (value === null || value === undefined) return null;
	if (typeof value === "string" || typeof value === "boolean") return value;
	if (typeof value === "number" && Number.isFinite(value)) return value;
	if (value instanceof Uint8Array) return value;
	if (Array.isArray(value))
		return value.map((item) => plainData(item, depth + 1));
	if (isPlainObject(value))
		return Object.fromEntries(
			Object.entries(value)
				.filter(([, item]) => item !== undefined)
				.map(([key, item]) => [key, plainData(item, depth + 1)]),
		);
	throw new ShoalError(
		"bad-input",
		"only plain data can be kept: text, numbers, lists, objects and bytes",
	);
}

function isPlainObject(value: unknown): value is object {
	if (typeof value !== "object" || value === null) return false;
	const prototype: unknown = Object.getPrototypeOf(value);
	return (
		prototype === null ||
		(typeof prototype === "object" && Object.getPrototypeOf(prototype) === null)
	);
}

/** Hex SHA-256 of the deterministic CBOR of plain data. */
export function hashOf(data: unknown): string {
	return toHex(sha256(encodeCbor(data)));
}
