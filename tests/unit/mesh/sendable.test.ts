/** What may be said in a message: nothing that the page at the other end would take for an offence. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nobleSuite } from "../../../src/identity/noble.ts";
import { openMessages, sealMessages } from "../../../src/mesh/messages.ts";
import { checkSendable } from "../../../src/mesh/sendable.ts";
import { MAX_SENT_DEPTH } from "../../../src/wire/constants.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { isFullMesh, meshWorld, SWARM } from "../../helpers/mesh-world.ts";
import { seededRandom } from "../../sim/world/random.ts";

function nested(depth: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = [value];
	return value;
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

const refused: [string, unknown][] = [
	["a map", new Map([[1, 2]])],
	["a date", new Date(0)],
	["a function", () => 1],
	["a big integer", 2n],
	["what is not there", [undefined]],
	["a cycle", cycle],
	["a deep nest", nested(MAX_SENT_DEPTH + 1)],
	["a prototype", JSON.parse('{"__proto__": {}}')],
	["half a character in a name", { "\ud800": 1, "\ufffd": 2 }],
	["numbers of four bytes", new Float32Array(2)],
];

describe("what is sent", () => {
	it("[E3] is read by the other end as it was, or refused here", async () => {
		const suite = nobleSuite(seededRandom(1));
		const signer = await suite.open(await suite.generate());
		const to = "ab".repeat(32);
		const scope = { swarm: SWARM, epoch: 0 };
		const verifier = { verify: async () => true };
		const values = fc.anything({
			...{ maxDepth: 8, withNullPrototype: true, withSparseArray: true },
			...{ withBigInt: true, withDate: true, withMap: true, withSet: true },
			...{ withTypedArray: true, withUnicodeString: true },
		});
		await fc.assert(
			fc.asyncProperty(values, async (value) => {
				try {
					checkSendable(value);
				} catch (error) {
					expect(codeOf(error)).toBe("bad-input");
					return;
				}
				const message = { id: "1", method: "m", params: value, trace: "t" };
				const sealed = await sealMessages(signer, scope, to, [message]);
				const { messages } = await openMessages(verifier, SWARM, to, sealed);
				expect(messages.length).toBe(1);
			}),
			{ numRuns: 300 },
		);
	});

	it.each(refused)("[E3] %s costs no link", async (_, value) => {
		const world = await meshWorld();
		const a = await world.open("a");
		const b = await world.open("b");
		await world.clock.until(() => isFullMesh([a, b]), 5_000);
		const { messenger } = a.mesh;
		b.mesh.messenger.handle("give", () => value);
		expect(() => messenger.publish("topic", value)).toThrowError(
			expect.objectContaining({ code: "bad-input" }),
		);
		await expect(
			messenger.request(b.peer, "ping", value),
		).rejects.toMatchObject({ code: "bad-input" });
		const given = messenger.request(b.peer, "give").catch(codeOf);
		for (let i = 0; i < 50; i++) {
			await world.clock.run(10);
			expect(isFullMesh([a, b])).toBe(true);
		}
		expect(await given).toBe("bad-input");
	});

	it("[L4] above 16 MiB is refused and not lost", async () => {
		const world = await meshWorld();
		const { messenger } = (await world.open("a")).mesh;
		for (const data of ["x".repeat(2 ** 24), new Uint8Array(2 ** 24)])
			expect(() => messenger.publish("topic", data)).toThrowError(
				expect.objectContaining({ code: "too-large" }),
			);
	});

	it("[A4] goes to topics alone that the other end takes", async () => {
		const world = await meshWorld();
		const { messenger } = (await world.open("a")).mesh;
		for (const topic of ["", "a b", "a*", "x".repeat(201), 7 as never])
			expect(() => messenger.publish(topic, 1)).toThrowError(
				expect.objectContaining({ code: "bad-input" }),
			);
	});
});
