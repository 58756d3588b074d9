/** Checks of what scripts pass to the page API, where nobody behind it asks. Types end where a script begins. */
import { codeOf, messageOf, ShoalError } from "../wire/error.ts";

function must(holds: boolean, what: string): asserts holds {
	if (!holds) throw new ShoalError("bad-input", `This takes ${what}.`);
}

/** @throws ShoalError `bad-input` for what is no text */
export function textOf(value: unknown): string {
	must(typeof value === "string", "a text");
	return value;
}

/**
 * The options of a call, none where none were passed.
 *
 * @throws ShoalError `bad-input` for what is no object
 */
export function optionsOf<T extends object>(value: T | undefined): Partial<T> {
	must(value === undefined || Object(value) === value, "options as an object");
	return value ?? {};
}

/** @throws ShoalError `bad-input` for what cannot be called */
export function listenerOf(value: unknown): void {
	must(typeof value === "function", "a function");
}

/**
 * What a call rejects with. What has no code of ours comes of what was passed: a browser sends no functions, no proxies
 * and nothing nested too deep, and what is of another type than it should be fails where it is used.
 */
export const refusalOf = (error: unknown): unknown =>
	codeOf(error) === undefined
		? new ShoalError("bad-input", messageOf(error))
		: error;
