/** Plain data: what every peer that decodes it reads as it was written. */

/** Under the `u` flag a surrogate matches only when it is alone. Encoders would silently replace it. */
export const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * Whether a value is null, a boolean, a finite number, a text, a byte string, or a list or an object of these, nested no
 * deeper than `maxDepth`. Foreign authors can encode more than that: big integers, NaN, and a `__proto__` that becomes
 * the object's prototype; and callers can pass more than that.
 *
 * @param unset whether properties may be `undefined`: encoders of CBOR leave them out
 */
export function isPlain(
	value: unknown,
	maxDepth: number,
	unset = false,
): boolean {
	if (maxDepth < 0) return false;
	if (value === null || typeof value === "boolean") return true;
	if (typeof value === "number") return Number.isFinite(value);
	if (typeof value === "string") return !LONE_SURROGATE.test(value);
	if (typeof value !== "object") return false;
	if (value instanceof Uint8Array) return true;
	// With a loop: methods pass over what a list has no items for.
	if (Array.isArray(value)) {
		for (const item of value)
			if (!isPlain(item, maxDepth - 1, unset)) return false;
		return true;
	}
	if (Object.getPrototypeOf(value) !== Object.prototype) return false;
	return Object.entries(value).every(
		([name, item]) =>
			name !== "__proto__" &&
			!LONE_SURROGATE.test(name) &&
			((unset && item === undefined) || isPlain(item, maxDepth - 1, unset)),
	);
}
