/** Devices by name: `did:key` of an Ed25519 key, multicodec 0xed, base58btc (E1; W3C CCG did:key v0.9). */
import { concatBytes, toHex } from "../wire/bytes.ts";
import { ShoalError } from "../wire/error.ts";
import type { DeviceId } from "../wire/ids.ts";

const PREFIX = "did:key:z";
const ED25519 = Uint8Array.of(0xed, 0x01);
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** The multicodec prefix fixes the leading digits, so every such name has this many. */
const DIGITS = 47;

/** @throws ShoalError `malformed` where the key is not 32 bytes. */
export function deviceIdOf(publicKey: Uint8Array): DeviceId {
	if (publicKey.length !== 32)
		throw new ShoalError("malformed", "a device key has 32 bytes");
	let rest = BigInt(`0x${toHex(concatBytes(ED25519, publicKey))}`);
	let digits = "";
	for (; rest > 0n; rest /= 58n) digits = ALPHABET[Number(rest % 58n)] + digits;
	return PREFIX + digits;
}

/** The 32-byte key a name stands for, or `undefined` where it is not the one spelling of an Ed25519 `did:key`. */
export function keyOfDevice(id: DeviceId): Uint8Array | undefined {
	if (!id.startsWith(PREFIX) || id.length !== PREFIX.length + DIGITS)
		return undefined;
	let value = 0n;
	for (const char of id.slice(PREFIX.length)) {
		const digit = ALPHABET.indexOf(char);
		if (digit < 0) return undefined;
		value = value * 58n + BigInt(digit);
	}
	const key = new Uint8Array(32);
	for (let i = 31; i >= 0; i--, value >>= 8n) key[i] = Number(value & 0xffn);
	return value === 0xed01n ? key : undefined;
}
