/** What a fact may hold: plain data that every peer reads back as it was written. */
import { utf8 } from "../wire/bytes.ts";
import { MAX_VALUE_DEPTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { LONE_SURROGATE } from "../wire/plain.ts";

/** A value that is now nobody else's, and about how many bytes it takes in an entry. */
export interface PlainCopy {
	readonly value: unknown;
	readonly bytes: number;
}

/**
 * Copies and freezes what a caller wants to write: null, booleans, finite numbers, text, byte strings, arrays and plain
 * objects of these. Properties that are `undefined` are left out, as JSON does.
 *
 * @throws ShoalError `bad-input` for anything else: what cannot be read back the same on every peer is not written.
 */
export function copyPlain(value: unknown, depth = 0): PlainCopy {
	if (depth > MAX_VALUE_DEPTH) throw unfit("is nested too deep");
	if (value === null || typeof value === "boolean") return { value, bytes: 1 };
	if (typeof value === "number") {
		if (!Number.isFinite(value)) throw unfit("is not a finite number");
		return { value: value === 0 ? 0 : value, bytes: numberBytes(value) };
	}
	if (typeof value === "string") return { value, bytes: textBytes(value) };
	if (value instanceof Uint8Array)
		return { value: Uint8Array.from(value), bytes: value.length + 9 };
	if (Array.isArray(value)) {
		const items = Array.from(value, (item) => copyPlain(item, depth + 1));
		return {
			value: Object.freeze(items.map((item) => item.value)),
			bytes: items.reduce((sum, item) => sum + item.bytes, 9),
		};
	}
	if (typeof value === "object" && isPlainObject(value)) {
		const copy: Record<string, unknown> = {};
		let bytes = 9;
		for (const [name, item] of Object.entries(value)) {
			if (item === undefined) continue;
			if (name === "__proto__") throw unfit("has a forbidden name");
			const inner = copyPlain(item, depth + 1);
			copy[name] = inner.value;
			bytes += textBytes(name) + inner.bytes;
		}
		return { value: Object.freeze(copy), bytes };
	}
	throw unfit("is not plain data");
}

/** Freezes a value in depth: facts are handed to many readers. Byte strings cannot be frozen. */
export function freezePlain(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Uint8Array) return value;
	for (const item of Object.values(value)) freezePlain(item);
	return Object.freeze(value);
}

function isPlainObject(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}

function numberBytes(value: number): number {
	if (!Number.isInteger(value)) return 9;
	return Math.abs(value) < 64 ? 2 : Math.abs(value) < 8192 ? 3 : 9;
}

function textBytes(text: string): number {
	if (LONE_SURROGATE.test(text)) throw unfit("has half a character in a text");
	return utf8(text).length + 5;
}

function unfit(why: string): ShoalError {
	return new ShoalError("bad-input", `The value ${why}.`);
}
