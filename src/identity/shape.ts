/** Reads decoded CBOR that somebody else wrote: exactly the fields that are named, of the types that are named. */
import { compareBytes } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";

/**
 * @throws ShoalError `malformed` unless `value` is a map with all of `required`, and nothing beyond `optional`. Unknown
 * fields are refused, not skipped: two versions that read one statement differently would disagree about the swarm.
 */
export function fieldsOf(
	value: unknown,
	required: readonly string[],
	optional: readonly string[] = [],
): ReadonlyMap<string, unknown> {
	if (
		typeof value !== "object" ||
		value === null ||
		Array.isArray(value) ||
		value instanceof Uint8Array
	)
		throw new ShoalError("malformed", "expected a map");
	const fields = new Map<string, unknown>(Object.entries(value));
	for (const name of required)
		if (!fields.has(name))
			throw new ShoalError("malformed", `the field ${name} is missing`);
	for (const name of fields.keys())
		if (!required.includes(name) && !optional.includes(name))
			throw new ShoalError("malformed", "a field is not known");
	return fields;
}

/** Bytes of a length within the bounds, both included. @throws ShoalError `malformed` */
export function bytesOf(
	value: unknown,
	min: number,
	max: number = min,
): Uint8Array {
	if (
		!(value instanceof Uint8Array) ||
		value.length < min ||
		value.length > max
	)
		throw new ShoalError("malformed", "expected bytes of another length");
	return value;
}

/** An integer within the bounds, both included. @throws ShoalError `malformed` */
export function integerOf(value: unknown, min: number, max: number): number {
	if (!Number.isSafeInteger(value) || typeof value !== "number")
		throw new ShoalError("malformed", "expected an integer");
	if (value < min || value > max)
		throw new ShoalError("malformed", "a number is out of bounds");
	return value;
}

/** Text of 1 to `max` UTF-16 units. @throws ShoalError `malformed` */
export function textOf(value: unknown, max: number): string {
	if (typeof value !== "string" || value.length < 1 || value.length > max)
		throw new ShoalError("malformed", "expected text of another length");
	return value;
}

/** A list of lengths within the bounds, both included. @throws ShoalError `malformed` */
export function listOf(
	value: unknown,
	min: number,
	max: number,
): readonly unknown[] {
	if (!Array.isArray(value) || value.length < min || value.length > max)
		throw new ShoalError("malformed", "expected a list of another length");
	return value;
}

/** Whether keys ascend strictly: sets have one form. @throws ShoalError `malformed` */
export function expectAscending(keys: readonly Uint8Array[]): void {
	for (const [at, key] of keys.entries()) {
		const before = keys[at - 1];
		if (before !== undefined && compareBytes(before, key) >= 0)
			throw new ShoalError("malformed", "a list is not in order");
	}
}

/** Distinct hashes of 32 bytes, ascending. @throws ShoalError `malformed` */
export function hashesOf(
	value: unknown,
	min: number,
	max: number,
): readonly Uint8Array[] {
	const hashes = listOf(value, min, max).map((hash) => bytesOf(hash, 32));
	expectAscending(hashes);
	return hashes;
}
