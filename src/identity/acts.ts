/** Bodies of the acts that let devices in, as CBOR (M1, M2). Strict both ways: what is not exactly this is no act. */
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_INVITE_BYTES, MAX_SEALED_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { bytesOf, fieldsOf, hashesOf, integerOf, textOf } from "./shape.ts";

/** What a device may do, from most to least. */
export type Role = "owner" | "admin" | "member" | "guest";
const ROLES: readonly Role[] = ["owner", "admin", "member", "guest"];

/** Bodies are small; an admit holds a proof of at most 512 bytes. */
const MAX_ACT_BYTES = 2048;
const MAX_TAKEN_BACK = 32;
const MAX_NAME_LENGTH = 100;
const MAX_USES = 1_000_000;

/** Begins a swarm. Its author is the first owner. */
export interface Genesis {
	/** 1 to 100 UTF-16 units. */
	readonly name: string;
	/** 16 random bytes, so that two swarms of one device and name are two. */
	readonly nonce: Uint8Array;
}

/** Opens the door to who holds the invite's private key. */
export interface InviteAct {
	/** Public key of the invite, 32 bytes. */
	readonly key: Uint8Array;
	/** Devices it admits. */
	readonly uses: number;
	readonly role: Role;
	/** The epoch it was issued in: with the next one it closes (M2). */
	readonly epoch: number;
	/** Wall clock, milliseconds since 1970; judged by the admitting device alone (E6). */
	readonly expires?: number;
}

/** Lets a device in. */
export interface Admit {
	/** What `proveJoin` made, verbatim. */
	readonly proof: Uint8Array;
	readonly role: Role;
	/** Hashes of removals of this device that it takes back, ascending. */
	readonly after?: readonly Uint8Array[];
}

/** Lets another member answer an invite: it gets the seed, sealed to its device. */
export interface Delegate {
	/** Public key of the invite, which the author issued. */
	readonly key: Uint8Array;
	/** Key of the device that may admit, too. */
	readonly device: Uint8Array;
	/** The invite's seed, sealed to that device (`sealTo`). */
	readonly seed: Uint8Array;
}

export function encodeGenesis(genesis: Genesis): Uint8Array {
	return encodeCbor({ name: genesis.name, nonce: genesis.nonce });
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeGenesis(body: Uint8Array): Genesis {
	const fields = read(body, ["name", "nonce"]);
	return {
		name: textOf(fields.get("name"), MAX_NAME_LENGTH),
		nonce: bytesOf(fields.get("nonce"), 16),
	};
}

export function encodeInviteAct(act: InviteAct): Uint8Array {
	const { key, uses, role, epoch, expires } = act;
	return encodeCbor({
		...{ key, uses, role, epoch },
		...(expires !== undefined && { expires }),
	});
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeInviteAct(body: Uint8Array): InviteAct {
	const fields = read(body, ["key", "uses", "role", "epoch"], ["expires"]);
	const act = {
		key: bytesOf(fields.get("key"), 32),
		uses: integerOf(fields.get("uses"), 1, MAX_USES),
		role: roleOf(fields.get("role")),
		epoch: integerOf(fields.get("epoch"), 0, Number.MAX_SAFE_INTEGER),
	};
	return fields.has("expires")
		? {
				...act,
				expires: integerOf(fields.get("expires"), 0, Number.MAX_SAFE_INTEGER),
			}
		: act;
}

export function encodeAdmit(admit: Admit): Uint8Array {
	const { proof, role, after } = admit;
	return encodeCbor(
		after === undefined ? { proof, role } : { proof, role, after },
	);
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeAdmit(body: Uint8Array): Admit {
	const fields = read(body, ["proof", "role"], ["after"]);
	const admit = {
		proof: bytesOf(fields.get("proof"), 1, MAX_INVITE_BYTES),
		role: roleOf(fields.get("role")),
	};
	return fields.has("after")
		? { ...admit, after: hashesOf(fields.get("after"), 1, MAX_TAKEN_BACK) }
		: admit;
}

export function encodeDelegate({ key, device, seed }: Delegate): Uint8Array {
	return encodeCbor({ key, device, seed });
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeDelegate(body: Uint8Array): Delegate {
	const fields = read(body, ["key", "device", "seed"]);
	return {
		key: bytesOf(fields.get("key"), 32),
		device: bytesOf(fields.get("device"), 32),
		seed: bytesOf(fields.get("seed"), 1, MAX_SEALED_BYTES),
	};
}

function read(
	body: Uint8Array,
	required: readonly string[],
	optional?: readonly string[],
): ReadonlyMap<string, unknown> {
	const value = decodeCbor(body, { maxBytes: MAX_ACT_BYTES, maxDepth: 2 });
	return fieldsOf(value, required, optional);
}

function roleOf(value: unknown): Role {
	const role = ROLES.find((name) => name === value);
	if (role === undefined) throw new ShoalError("malformed", "not a role");
	return role;
}
