/** What is fuzzed: a decoder, or something that works in what it decodes, and what its users rely on. */
import { utf8 } from "../../src/wire/bytes.ts";
import type { Random } from "../../src/wire/clock.ts";
import { codeOf } from "../../src/wire/error.ts";

/** `accepted`, or the code it was refused with; `refused` where a decoder only says no. */
export type Outcome = string;

export const ACCEPTED: Outcome = "accepted";
const REFUSED: Outcome = "refused";

export interface Target {
	readonly name: string;
	/** Its share of a run's inputs, where that is not 1: those that are slow to take are given fewer. */
	readonly weight?: number;
	/** The same on every call with the same chance. */
	begin(random: Random): Promise<Fuzzed> | Fuzzed;
}

export interface Fuzzed {
	/** Good inputs, that changed ones are made of. */
	readonly inputs: readonly Uint8Array[];
	/** Pieces that mean something to the decoder. */
	readonly tokens?: readonly Uint8Array[];
	/** Readies what the next input meets, so that it does not matter which came before. */
	reset?(): Promise<void> | void;
	/**
	 * Takes one input.
	 *
	 * @throws whatever is a bug: what no caller expects, and what must hold and does not
	 */
	take(input: Uint8Array): Promise<Outcome> | Outcome;
}

/** The outcome of a decoder that throws errors with codes, or returns `undefined` for what it refuses. */
export async function outcomeOf<T>(
	decode: () => T | Promise<T>,
	check?: (value: T) => void | Promise<void>,
): Promise<Outcome> {
	let value: T;
	try {
		value = await decode();
	} catch (error) {
		const code = codeOf(error);
		if (code === undefined) throw error;
		return code;
	}
	if (value === undefined || value === false) return REFUSED;
	await check?.(value);
	return ACCEPTED;
}

/** A bug, in words. */
export function ensure(holds: boolean, what: string): asserts holds {
	if (!holds) throw new Error(what);
}

export const texts = (...pieces: readonly string[]): Uint8Array[] =>
	pieces.map(utf8);
