/**
 * The body of a removal (M1): which device goes, and how far each of its logs was seen. Positions, never times, tell
 * what it said before.
 */
import { compareBytes } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_REMOVAL_BYTES, MAX_SPACE_ID_LENGTH } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { SpaceId } from "../wire/ids.ts";
import {
	bytesOf,
	expectAscending,
	fieldsOf,
	integerOf,
	listOf,
	textOf,
} from "./shape.ts";

/** How far a log was seen. */
export interface Cut {
	readonly space: SpaceId;
	/** Key of the session whose log it is, 32 bytes. */
	readonly session: Uint8Array;
	/** Entries from this seq on do not count; at least 1. */
	readonly next: number;
	/** Hash of the entry before. */
	readonly head: Uint8Array;
}

export interface RemovalAct {
	/** Key of the device that goes, 32 bytes. */
	readonly device: Uint8Array;
	/** In any order. Logs that are not named were not seen: nothing of them counts. */
	readonly cuts: readonly Cut[];
}

/** @throws ShoalError `too-large` for a device with more logs than fit 4 MiB */
export function encodeRemoval({ device, cuts }: RemovalAct): Uint8Array {
	const bySpace = new Map<SpaceId, Cut[]>();
	for (const cut of cuts)
		bySpace.set(cut.space, [...(bySpace.get(cut.space) ?? []), cut]);
	const spaces = [...bySpace].sort(([a], [b]) => (a < b ? -1 : 1));
	const body = encodeCbor({
		device,
		cuts: spaces.map(([space, logs]) => [
			space,
			logs
				.toSorted((a, b) => compareBytes(a.session, b.session))
				.map(({ session, next, head }) => [session, next, head]),
		]),
	});
	if (body.length > MAX_REMOVAL_BYTES)
		throw new ShoalError("too-large", "This device has written too many logs.");
	return body;
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeRemoval(body: Uint8Array): RemovalAct {
	const fields = fieldsOf(
		decodeCbor(body, { maxBytes: MAX_REMOVAL_BYTES, maxDepth: 6 }),
		["device", "cuts"],
	);
	const cuts: Cut[] = [];
	let before = "";
	for (const part of listOf(fields.get("cuts"), 0, MAX_REMOVAL_BYTES)) {
		const [name, logs] = listOf(part, 2, 2);
		const space = textOf(name, MAX_SPACE_ID_LENGTH);
		if (space <= before)
			throw new ShoalError("malformed", "a list is not in order");
		before = space;
		const here = listOf(logs, 1, MAX_REMOVAL_BYTES).map((log): Cut => {
			const [session, next, head] = listOf(log, 3, 3);
			return {
				space,
				session: bytesOf(session, 32),
				next: integerOf(next, 1, Number.MAX_SAFE_INTEGER),
				head: bytesOf(head, 32),
			};
		});
		expectAscending(here.map(({ session }) => session));
		cuts.push(...here);
	}
	return { device: bytesOf(fields.get("device"), 32), cuts };
}
