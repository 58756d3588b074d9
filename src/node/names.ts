/** Names that people give to devices and swarms. */
import { ShoalError } from "../wire/error.ts";

/** Of a device. */
export const MAX_NAME = 60;

/** @throws ShoalError `bad-input` */
export function checkName(name: unknown, max = MAX_NAME): string {
	const trimmed = typeof name === "string" ? name.trim() : "";
	if (trimmed.length === 0 || trimmed.length > max)
		throw new ShoalError("bad-input", `A name has 1-${max} characters.`);
	return trimmed;
}
