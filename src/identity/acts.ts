/** Bodies of the membership acts, as CBOR (M1, M2). Strict both ways: what is not exactly this is no act. */
import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { MAX_INVITE_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { bytesOf, fieldsOf, integerOf, textOf } from "./shape.ts";

/** What a device may do, from most to least. */
export type Role = "owner" | "admin" | "member" | "guest";
const ROLES: readonly Role[] = ["owner", "admin", "member", "guest"];

/** Bodies are small; an admit holds a proof of at most 512 bytes. */
const MAX_ACT_BYTES = 1024;
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
	/** Devices it admits; the admitter counts. */
	readonly uses: number;
	readonly role: Role;
	/** Wall clock, milliseconds since 1970; judged by the admitting device alone (E6). */
	readonly expires?: number;
}

/** Lets a device in. */
export interface Admit {
	/** What `proveJoin` made, verbatim. */
	readonly proof: Uint8Array;
	readonly role: Role;
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
	const { key, uses, role, expires } = act;
	return encodeCbor(
		expires === undefined ? { key, uses, role } : { key, uses, role, expires },
	);
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeInviteAct(body: Uint8Array): InviteAct {
	const fields = read(body, ["key", "uses", "role"], ["expires"]);
	const act = {
		key: bytesOf(fields.get("key"), 32),
		uses: integerOf(fields.get("uses"), 1, MAX_USES),
		role: roleOf(fields.get("role")),
	};
	return fields.has("expires")
		? {
				...act,
				expires: integerOf(fields.get("expires"), 0, Number.MAX_SAFE_INTEGER),
			}
		: act;
}

export function encodeAdmit(admit: Admit): Uint8Array {
	return encodeCbor({ proof: admit.proof, role: admit.role });
}

/** @throws ShoalError `malformed`, `too-large` */
export function decodeAdmit(body: Uint8Array): Admit {
	const fields = read(body, ["proof", "role"]);
	return {
		proof: bytesOf(fields.get("proof"), 1, MAX_INVITE_BYTES),
		role: roleOf(fields.get("role")),
	};
}

function read(
	body: Uint8Array,
	required: readonly string[],
	optional?: readonly string[],
): ReadonlyMap<string, unknown> {
	const value = decodeCbor(body, { maxBytes: MAX_ACT_BYTES, maxDepth: 1 });
	return fieldsOf(value, required, optional);
}

function roleOf(value: unknown): Role {
	const role = ROLES.find((name) => name === value);
	if (role === undefined) throw new ShoalError("malformed", "not a role");
	return role;
}
