/** W3C Trace Context (https://www.w3.org/TR/trace-context/): `00-<trace id>-<parent id>-01`. */
import { toHex } from "../wire/bytes.ts";
import type { Random } from "../wire/clock.ts";

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/;

/** A span of the given parent's trace, or the first of a new one. */
export function traceparent(random: Random, parent?: string): string {
	const trace =
		parent !== undefined && TRACEPARENT.test(parent)
			? parent.slice(3, 35)
			: toHex(random.bytes(16));
	return `00-${trace}-${toHex(random.bytes(8))}-01`;
}
