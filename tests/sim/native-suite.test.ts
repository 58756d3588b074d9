/** The simulator's real signatures are the product's (E4). */
import { expect, it } from "vitest";
import { nobleSuite } from "../../src/identity/noble.ts";
import { utf8 } from "../../src/wire/bytes.ts";
import crafted from "../unit/identity/crafted-vectors.json" with {
	type: "json",
};
import { unhex, webRandom } from "../unit/identity/fixtures.ts";
import { nativeSuite } from "./world/native-suite.ts";

const native = nativeSuite(webRandom);
const noble = nobleSuite(webRandom);

it.each(crafted)(
	"[E4] answers as the product does: $name",
	async ({ publicKey, message, signature, valid }) => {
		const given = [publicKey, message, signature].map(unhex) as [
			Uint8Array,
			Uint8Array,
			Uint8Array,
		];
		expect(await native.verify(...given)).toBe(valid);
		expect(await noble.verify(...given)).toBe(valid);
	},
);

it("[E1] makes and opens the keys that the product does, and signs alike", async () => {
	const stored = await native.generate();
	const signers = [
		await native.open(stored),
		await noble.open(stored),
		...(stored.kind === "noble"
			? [await native.fromSeed(stored.seed), await noble.fromSeed(stored.seed)]
			: []),
	];
	expect(signers).toHaveLength(4);
	const message = utf8("hello");
	const signatures = await Promise.all(
		signers.map(({ sign }) => sign(message)),
	);
	for (const [at, signature] of signatures.entries()) {
		expect(signature).toEqual(signatures[0]);
		expect(signers[at]?.publicKey).toEqual(stored.publicKey);
		expect(await native.verify(stored.publicKey, message, signature)).toBe(
			true,
		);
	}
});
