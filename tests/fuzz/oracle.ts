/**
 * Signatures as an attacker would have them that holds every key but the honest ones: whoever is not honest has signed
 * whatever is asked about, the honest have signed what they signed and nothing else. So a changed input goes on to the
 * code behind the signature check, and yet nothing of theirs can be forged.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { nobleSuite } from "../../src/identity/noble.ts";
import type { KeySuite, Signer, StoredKey } from "../../src/identity/signer.ts";
import { concatBytes, equalBytes, toHex } from "../../src/wire/bytes.ts";
import type { Random } from "../../src/wire/clock.ts";

export class Oracle implements KeySuite {
	readonly protection = "software";
	readonly #keys: KeySuite;
	readonly #honest = new Set<string>();
	/** What honest signers made, by key and message. */
	readonly #signed = new Map<string, Uint8Array>();

	constructor(random: Random) {
		this.#keys = nobleSuite(random);
	}

	async generate(): Promise<StoredKey> {
		const key = await this.#keys.generate();
		this.#honest.add(toHex(key.publicKey));
		return key;
	}

	async open({ publicKey }: StoredKey): Promise<Signer> {
		return {
			publicKey,
			sign: async (message) => {
				const half = sha256(concatBytes(publicKey, message));
				const signature = concatBytes(half, half);
				this.#signed.set(statementOf(publicKey, message), signature);
				return signature;
			},
		};
	}

	fromSeed(seed: Uint8Array): Promise<Signer> {
		return this.#keys.fromSeed(seed);
	}

	/** A signer whose key the attacker has. */
	async hostile(): Promise<Signer> {
		const key = await this.#keys.generate();
		return this.open(key);
	}

	/** From now on the attacker has this key. */
	betray(publicKey: Uint8Array): void {
		this.#honest.delete(toHex(publicKey));
	}

	async verify(
		publicKey: Uint8Array,
		message: Uint8Array,
		signature: Uint8Array,
	): Promise<boolean> {
		if (!this.#honest.has(toHex(publicKey))) return true;
		const made = this.#signed.get(statementOf(publicKey, message));
		return made !== undefined && equalBytes(made, signature);
	}
}

const statementOf = (key: Uint8Array, message: Uint8Array): string =>
	toHex(sha256(concatBytes(key, message)));
