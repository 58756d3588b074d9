/** Seeded changes to plain data: an item elsewhere, twice, missing, of another kind, or from another input. */
import type { Random } from "../../src/wire/clock.ts";

export interface Values {
	/** A change to a byte string. */
	bytes(inner: Uint8Array): Uint8Array;
	/** Another input, to take a part of. */
	other(): unknown;
}

const EXTREMES: readonly unknown[] = [
	...[0, 1, -1, 23, 24, 255, 256, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER],
	...[0.5, -0.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e300],
	...[true, false, null, undefined, 2n ** 60n],
	...["", "x", "swarm", "__proto__", "constructor", "toString", "\u0000"],
	...[[], {}, new Uint8Array(), new Uint8Array(32), "job:x", "a".repeat(300)],
	...["a".repeat(20_000), [[[[[[]]]]]], { length: 5 }],
];

export const below = (random: Random, limit: number): number =>
	Math.floor(random.fraction() * limit);

/** One of a list that is not empty. */
export function pick<T>(random: Random, items: readonly T[]): T {
	const at = below(random, items.length);
	if (at >= items.length) throw new Error("nothing to pick from");
	return items[at] as T;
}

/** A changed copy. */
export function changeValue(
	random: Random,
	value: unknown,
	values: Values,
): unknown {
	const goesIn = random.fraction() < 0.8;
	if (value instanceof Uint8Array)
		return goesIn ? values.bytes(value) : strange(random, values);
	if (Array.isArray(value))
		return changeList(random, value, values, goesIn) ?? strange(random, values);
	if (typeof value === "object" && value !== null)
		return (
			changeFields(random, value, values, goesIn) ?? strange(random, values)
		);
	if (typeof value === "number" && goesIn)
		return value + pick(random, [1, -1, 0.5, 2 ** 32, -value, -2 * value]);
	if (typeof value === "string" && goesIn && value.length > 0)
		return changeText(random, value);
	return strange(random, values);
}

function changeList(
	random: Random,
	list: readonly unknown[],
	values: Values,
	goesIn: boolean,
): unknown[] | undefined {
	if (list.length === 0) return undefined;
	const items = [...list];
	const at = below(random, items.length);
	if (goesIn) {
		items[at] = changeValue(random, items[at], values);
		return items;
	}
	switch (below(random, 6)) {
		case 0:
			items.splice(at, 1);
			break;
		case 1: // an item again, elsewhere
			items.splice(at, 0, pick(random, items));
			break;
		case 2:
			items[at] = pick(random, items);
			break;
		case 3:
			items.reverse();
			break;
		case 4: {
			const times = 2 ** below(random, 11);
			items.push(...Array.from({ length: times }, () => items[at]));
			break;
		}
		default:
			items[at] = strange(random, values);
	}
	return items;
}

function changeFields(
	random: Random,
	value: object,
	values: Values,
	goesIn: boolean,
): object | undefined {
	const fields: [string, unknown][] = Object.entries(value);
	if (fields.length === 0) return undefined;
	const at = below(random, fields.length);
	const [name, inner] = fields[at] ?? ["", null];
	if (goesIn) fields[at] = [name, changeValue(random, inner, values)];
	else
		switch (below(random, 5)) {
			case 0:
				fields.splice(at, 1);
				break;
			case 1:
				fields.push([pick(random, [`${name}x`, "__proto__", "then"]), inner]);
				break;
			case 2:
				fields[at] = [name, pick(random, fields)[1]];
				break;
			default:
				fields[at] = [name, strange(random, values)];
		}
	return Object.fromEntries(fields);
}

function changeText(random: Random, text: string): string {
	const at = below(random, text.length + 1);
	switch (below(random, 5)) {
		case 0:
			return text.slice(0, at);
		case 1:
			return text.slice(0, at) + pick(random, STRANGE_TEXTS) + text.slice(at);
		case 2:
			return text.repeat(2 ** below(random, 7)).slice(0, 20_000);
		case 3:
			return text.toUpperCase();
		default:
			return text.slice(0, at) + text.slice(at + 1);
	}
}

const STRANGE_TEXTS = ["0", "\ud83d\ude00", "/", ".", "*", "#", "\n", "\u0000"];

/** Something of another kind, or of another input. */
function strange(random: Random, values: Values): unknown {
	if (random.fraction() < 0.6) return pick(random, EXTREMES);
	let value = values.other();
	for (let depth = below(random, 6); depth > 0; depth--) {
		if (typeof value !== "object" || value === null) break;
		if (value instanceof Uint8Array) break;
		const parts: unknown[] = Object.values(value);
		if (parts.length === 0) break;
		value = pick(random, parts);
	}
	return value;
}
