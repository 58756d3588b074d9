/** Deterministic CBOR: one encoding for each value, everything else refused with a code (E2, E3). */
import { encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { codeOf, ShoalError } from "../../../src/wire/error.ts";

const limits = { maxBytes: 1 << 20 };

function decodeHex(hex: string, maxDepth?: number): unknown {
	const bytes = fromHex(hex.replaceAll(" ", ""));
	if (bytes === undefined) throw new TypeError("not hex");
	return decodeCbor(
		bytes,
		maxDepth === undefined ? limits : { ...limits, maxDepth },
	);
}

/** The code of what a call throws; `null` where it returns. */
function codeThrownBy(call: () => unknown): string | null {
	try {
		call();
		return null;
	} catch (error) {
		if (!(error instanceof ShoalError)) throw error;
		return error.code;
	}
}

const plain = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4 },
		fc.constant(null),
		fc.boolean(),
		fc.maxSafeInteger(),
		fc.double({ noNaN: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
		fc.string({ unit: "binary" }),
		fc.uint8Array({ maxLength: 40 }),
		fc
			.uint8Array({ minLength: 1000, maxLength: 1100 })
			.map((bytes) => Uint8Array.from(bytes)),
		fc.array(tie("value"), { maxLength: 6 }),
		fc.dictionary(fc.string({ unit: "binary", maxLength: 8 }), tie("value"), {
			maxKeys: 6,
			noNullPrototype: true,
		}),
	),
})).value;

describe("deterministic CBOR", () => {
	it("gives back what was encoded, and the same bytes for it", () => {
		fc.assert(
			fc.property(plain, (value) => {
				const bytes = encodeCbor(value);
				const back = decodeCbor(bytes, limits);
				expect(back).toEqual(value);
				expect(encodeCbor(back)).toEqual(bytes);
			}),
			{ numRuns: 500 },
		);
	});

	it("encodes a map the same whatever the order of its keys", () => {
		expect(toHex(encodeCbor({ b: 1, a: 2, aa: 3 }))).toBe(
			toHex(encodeCbor({ aa: 3, a: 2, b: 1 })),
		);
	});

	it("sorts keys by their encoding, whatever they are made of", () => {
		const key = fc.string({ unit: "binary", maxLength: 3 });
		const keys = fc.dictionary(key, fc.constant(1), { noNullPrototype: true });
		fc.assert(
			fc.property(keys, (value) => {
				const expected = encode(value, rfc8949EncodeOptions);
				expect(toHex(encodeCbor(value))).toBe(toHex(expected));
			}),
		);
	});

	it("keeps a key that is named like a prototype's", () => {
		const value = JSON.parse('{"__proto__": 1, "constructor": 2}');
		const back = decodeCbor(encodeCbor(value), limits);
		expect(Object.entries(back ?? {})).toEqual([
			["__proto__", 1],
			["constructor", 2],
		]);
		expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
	});

	it.each([
		["duplicate keys", "a2 6161 01 6161 02"],
		["unsorted keys", "a2 6162 01 6161 02"],
		["keys sorted as text, the longer first", "a2 626161 01 6162 02"],
		["an indefinite array", "9f 01 ff"],
		["an indefinite map", "bf 6161 01 ff"],
		["an indefinite byte string", "5f 4101 ff"],
		["an indefinite text", "7f 6161 ff"],
		["an integer in more bytes than it needs", "18 17"],
		["an integer in 2 bytes that fits in 1", "19 00ff"],
		["an integer in 8 bytes that fits in 4", "1b 00000000ffffffff"],
		["a negative integer in more bytes than it needs", "38 17"],
		["a text length in more bytes than it needs", "78 01 61"],
		["a byte length in more bytes than it needs", "58 01 61"],
		["an array length in more bytes than it needs", "98 01 01"],
		["a float that is an integer", "f9 3c00"],
		["a double that fits in a half", "fb 3ff8000000000000"],
		["a double that fits in a single", "fb 3ff1 9999a0000000"],
		["a single that fits in a half", "fa 3fc00000"],
		["negative zero", "f9 8000"],
		["a NaN with a payload", "f9 7e01"],
		["a NaN as a double", "fb 7ff8000000000000"],
		["undefined", "f7"],
		["a simple value", "f0"],
		["a simple value in two bytes", "f8 ff"],
		["a tag", "c1 01"],
		["an integer beyond the safe ones", "1b 0020000000000000"],
		["a negative integer beyond the safe ones", "3b 0020000000000000"],
		["text that is not UTF-8", "62 c328"],
		["a surrogate in UTF-8", "63 eda080"],
		["a key that is no text", "a1 01 01"],
		["bytes after the value", "01 01"],
		["nothing", ""],
		["a head without its argument", "19 01"],
		["text that ends early", "62 61"],
		["a map that ends early", "a1 6161"],
		["a reserved length", "1c"],
		["a break alone", "ff"],
	])("[E2] refuses %s", (_, hex) => {
		expect(codeThrownBy(() => decodeHex(hex))).toBe("malformed");
	});

	it("[E2] refuses a large byte string whose length takes more bytes than it needs", () => {
		const body = "07".repeat(2000);
		expect(decodeHex(`5907d0${body}`)).toHaveLength(2000);
		expect(codeThrownBy(() => decodeHex(`5a000007d0${body}`))).toBe(
			"malformed",
		);
		expect(codeThrownBy(() => decodeHex(`5b00000000000007d0${body}`))).toBe(
			"malformed",
		);
		expect(codeThrownBy(() => decodeHex(`a2 6162 01 6161 5907d0${body}`))).toBe(
			"malformed",
		);
	});

	it("keeps large byte strings to the byte, wherever they stand", () => {
		const body = (fill: number, length: number) =>
			new Uint8Array(length).fill(fill);
		const value = {
			a: [body(1, 1023), body(2, 1024), "x", body(3, 70_000)],
			b: { c: body(4, 5000), d: -1.5 },
		};
		expect(decodeCbor(encodeCbor(value), limits)).toEqual(value);
	});

	it.each([
		["an array of 2^32 items", "9b 0000000100000000"],
		["a map of 2^53 items", "bb 0020000000000000"],
		["a text of 2^31 bytes", "7a 80000000 61"],
		["bytes of 2^63", "5b 8000000000000000 61"],
	])("[E3] refuses a short input that promises %s", (_, hex) => {
		expect(codeThrownBy(() => decodeHex(hex))).toBe("malformed");
	});

	it.each([
		["arrays", "81"],
		["maps", "a16161"],
		["tags", "c1"],
	])("[E3] refuses %s nested beyond the cap, however deep", (_, head) => {
		for (const depth of [17, 1000, 100_000])
			expect(codeThrownBy(() => decodeHex(`${head.repeat(depth)}01`))).toBe(
				"too-large",
			);
	});

	it("[E3] takes nesting up to the cap", () => {
		expect(decodeHex(`${"81".repeat(3)}01`, 3)).toEqual([[[1]]]);
		expect(codeThrownBy(() => decodeHex(`${"81".repeat(4)}01`, 3))).toBe(
			"too-large",
		);
		// Width is not depth.
		expect(decodeHex("83 8101 8102 8103", 2)).toEqual([[1], [2], [3]]);
	});

	it("[E3] refuses what is over the size cap before looking at it", () => {
		expect(
			codeThrownBy(() => decodeCbor(new Uint8Array(11), { maxBytes: 10 })),
		).toBe("too-large");
	});

	it("[E2] refuses or reads any bytes; what it reads is their one encoding", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
				const code = codeThrownBy(() =>
					expect(encode(decodeCbor(bytes, limits))).toBeDefined(),
				);
				if (code !== null) expect(code).toMatch(/^(malformed|too-large)$/);
				else
					expect(encodeCbor(decodeCbor(bytes, limits))).toEqual(
						Uint8Array.from(bytes),
					);
			}),
			{ numRuns: 2000 },
		);
	});

	it("[E2] refuses or reads any mutation of a good encoding", () => {
		fc.assert(
			fc.property(plain, fc.nat(), fc.nat(255), (value, at, byte) => {
				const bytes = encodeCbor(value);
				bytes[at % bytes.length] = byte;
				const code = codeThrownBy(() =>
					expect(encodeCbor(decodeCbor(bytes, limits))).toEqual(bytes),
				);
				if (code !== null) expect(code).toMatch(/^(malformed|too-large)$/);
			}),
			{ numRuns: 1000 },
		);
	});

	it("leaves out properties that are undefined, as JSON does", () => {
		expect(encodeCbor({ a: 1, b: undefined })).toEqual(encodeCbor({ a: 1 }));
	});

	it("does not encode what no reader takes", () => {
		const cycle: unknown[] = [];
		cycle.push(cycle);
		for (const value of [[undefined], 1n, () => 1, Symbol("x"), cycle])
			expect(codeThrownBy(() => encodeCbor(value))).toBe("bad-input");
	});

	it("tells an error of its own by its code", () => {
		expect(codeOf(new ShoalError("malformed", "x"))).toBe("malformed");
		expect(codeOf(new Error("x"))).toBeUndefined();
	});
});
