/** The signing ports. One suite runs on WebCrypto where present, one on noble everywhere else (E1, E4). */

/** Holds one Ed25519 private key. */
export interface Signer {
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
	/** 64 bytes (RFC 8032). */
	sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface Verifier {
	/**
	 * Cofactorless Ed25519 verification, the same answer in every suite (E4). Never throws: malformed keys and
	 * signatures are `false`.
	 */
	verify(
		publicKey: Uint8Array,
		message: Uint8Array,
		signature: Uint8Array,
	): Promise<boolean>;
}

/** A private key as IndexedDB keeps it (structured-cloneable). */
export type StoredKey =
	| {
			readonly kind: "webcrypto";
			readonly publicKey: Uint8Array;
			readonly privateKey: CryptoKey;
	  }
	| {
			readonly kind: "noble";
			readonly publicKey: Uint8Array;
			readonly seed: Uint8Array;
	  };

export interface KeySuite extends Verifier {
	/** Whether keys made here can be read by nobody, or lie as a seed in storage. */
	readonly protection: "hardware" | "software";
	generate(): Promise<StoredKey>;
	/** The signer of a 32-byte seed (RFC 8032). */
	fromSeed(seed: Uint8Array): Promise<Signer>;
	/** Opens a key of either kind, whichever suite made it. */
	open(key: StoredKey): Promise<Signer>;
}
