/** Small shared facts: last writer per author, all authors visible. */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Replica } from "../replica/types.ts";
import { toHex } from "../wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_SENT_DEPTH, MAX_STATE_VALUE_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { type DeviceId, memorySpace, type PeerId } from "../wire/ids.ts";
import { compareText } from "../wire/order.ts";
import { isPlain } from "../wire/plain.ts";
import type { StateEntry } from "./api.ts";

/**
 * A value with a counter. A device's pages write in corners of their own; the counter, one above all the device's
 * earlier ones, tells which of them wrote last, without a clock (E6).
 */
interface Counted {
	readonly v: unknown;
	readonly c: number;
}

export class SharedState {
	readonly #replica: Replica;
	readonly #device: DeviceId;
	readonly #deviceOf: (peer: PeerId) => DeviceId | undefined;

	constructor(
		replica: Replica,
		device: DeviceId,
		deviceOf: (peer: PeerId) => DeviceId | undefined,
	) {
		this.#replica = replica;
		this.#device = device;
		this.#deviceOf = deviceOf;
	}

	/** @throws ShoalError `bad-input`, `too-large`, `not-saved` */
	async put(space: string, key: string, value: unknown): Promise<void> {
		checkName(space, 100, "space");
		checkName(key, 1000, "key");
		const plain = toPlain(value);
		let count = 0;
		for (const fact of this.#replica.factsAt(memorySpace(space), key))
			if (fact.device === this.#device)
				count = Math.max(count, countedOf(fact.value)?.c ?? 0);
		const counted: Counted = { v: plain, c: count + 1 };
		await this.#replica.put(memorySpace(space), { [key]: counted });
	}

	/** Sorted by author, then key. */
	entries(space: string): StateEntry[] {
		checkName(space, 100, "space");
		const last = new Map<
			string,
			{ entry: StateEntry; c: number; peer: PeerId }
		>();
		for (const { key, value, device, peer } of this.#replica.facts(
			memorySpace(space),
		)) {
			const counted = countedOf(value);
			if (counted === undefined) continue;
			const id = `${device} ${key}`;
			const known = last.get(id);
			const isLater =
				known === undefined ||
				counted.c > known.c ||
				(counted.c === known.c && peer > known.peer);
			if (isLater)
				last.set(id, {
					entry: { key, value: counted.v, author: device },
					c: counted.c,
					peer,
				});
		}
		return [...last.values()]
			.map(({ entry }) => entry)
			.sort(
				(a, b) => compareText(a.author, b.author) || compareText(a.key, b.key),
			);
	}

	/** Equal on every device that holds the same entries (S11). */
	digest(space: string): string {
		const rows = this.entries(space).map(({ author, key, value }) => [
			author,
			key,
			value,
		]);
		return toHex(sha256(encodeCbor(rows)));
	}

	/** Devices known to hold all of it, this one included. */
	copies(space: string): number {
		checkName(space, 100, "space");
		return copiesOf(
			this.#replica,
			memorySpace(space),
			this.#device,
			this.#deviceOf,
		);
	}
}

/** Distinct devices that hold all of a space, this one included. */
export function copiesOf(
	replica: Replica,
	space: string,
	device: DeviceId,
	deviceOf: (peer: PeerId) => DeviceId | undefined,
): number {
	const devices = new Set<DeviceId | undefined>([device]);
	for (const peer of replica.holders(space)) devices.add(deviceOf(peer));
	devices.delete(undefined);
	return devices.size;
}

function checkName(name: unknown, max: number, what: string): void {
	if (typeof name !== "string" || name.length === 0 || name.length > max)
		throw new ShoalError(
			"bad-input",
			`A ${what} is a text of 1-${max} characters.`,
		);
}

/** A copy that is surely plain data, equal to what every other device will decode. */
function toPlain(value: unknown): unknown {
	if (!isPlain(value, MAX_SENT_DEPTH, true))
		throw new ShoalError("bad-input", "Only plain data can be shared.");
	const bytes = encodeCbor(value);
	if (bytes.length > MAX_STATE_VALUE_BYTES)
		throw new ShoalError("too-large", "A value may be up to 8 MiB.");
	return decodeCbor(bytes, {
		maxBytes: MAX_STATE_VALUE_BYTES,
		maxDepth: MAX_SENT_DEPTH,
	});
}

function countedOf(value: unknown): Counted | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const { v, c } = value as Partial<Counted>;
	return Number.isSafeInteger(c) ? { v, c: Number(c) } : undefined;
}
