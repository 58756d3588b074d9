/** What a signed round trip is made of besides the channel, each measured in the run that it is compared in. */

/** Runs in a page: milliseconds to make and check the two signatures of a request and its answer. */
export async function timeSignatures(bytes: number): Promise<number> {
	const { publicKey, privateKey } = (await crypto.subtle.generateKey(
		"Ed25519",
		false,
		["sign", "verify"],
	)) as CryptoKeyPair;
	const message = new Uint8Array(bytes + 150);
	const rounds = 300;
	let begun = 0;
	// The first tenth warms up.
	for (let round = -rounds / 10; round < rounds; round++) {
		if (round === 0) begun = performance.now();
		for (let end = 0; end < 2; end++) {
			const signature = await crypto.subtle.sign(
				"Ed25519",
				privateKey,
				message,
			);
			await crypto.subtle.verify("Ed25519", publicKey, signature, message);
		}
	}
	return (performance.now() - begun) / rounds;
}

/**
 * Runs in a page of Shoal: milliseconds of the hops of one round trip. A script's call goes to the worker and its answer
 * comes back: two hops, as of this page's own `me()`. The channels are in the workers.
 */
export async function timeHops(): Promise<number> {
	const rounds = 300;
	let begun = 0;
	for (let round = -rounds / 10; round < rounds; round++) {
		if (round === 0) begun = performance.now();
		await shoal.me();
	}
	return (performance.now() - begun) / rounds;
}
