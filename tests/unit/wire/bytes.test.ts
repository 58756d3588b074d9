/** Byte strings as text and in order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	compareBytes,
	concatBytes,
	equalBytes,
	fromBase64Url,
	fromHex,
	fromUtf8,
	toBase64Url,
	toHex,
	utf8,
} from "../../../src/wire/bytes.ts";

const bytes = fc.uint8Array({ maxLength: 80 });

describe("hex", () => {
	it("gives back the bytes", () => {
		fc.assert(
			fc.property(bytes, (b) => {
				expect(fromHex(toHex(b))).toEqual(Uint8Array.from(b));
			}),
		);
	});

	it("orders as the bytes do", () => {
		fc.assert(
			fc.property(bytes, bytes, (a, b) => {
				const [x, y] = [toHex(a), toHex(b)];
				const order = x < y ? -1 : x > y ? 1 : 0;
				expect(Math.sign(compareBytes(a, b))).toBe(order);
				expect(equalBytes(a, b)).toBe(order === 0);
			}),
		);
	});

	it.each(["0", "0g", "AB", "+1", " 1", "0x", "１１"])("refuses %j", (text) => {
		expect(fromHex(text)).toBeUndefined();
	});
});

describe("base64url", () => {
	it("gives back the bytes, in characters that a URL's fragment keeps", () => {
		fc.assert(
			fc.property(bytes, (b) => {
				const text = toBase64Url(b);
				expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
				expect(fromBase64Url(text)).toEqual(Uint8Array.from(b));
			}),
		);
	});

	it("takes more bytes than a call takes arguments", () => {
		const large = new Uint8Array(300_000).map((_, i) => i);
		const back = fromBase64Url(toBase64Url(large));
		expect(back !== undefined && equalBytes(back, large)).toBe(true);
	});

	it.each(["A", "AA==", "A+", "A/", "AB", "AAB", "A A"])(
		"refuses %j, which nothing encodes to",
		(text) => {
			expect(fromBase64Url(text)).toBeUndefined();
		},
	);
});

describe("text and parts", () => {
	it("refuses bytes that are not UTF-8", () => {
		expect(fromUtf8(utf8("café 🐟"))).toBe("café 🐟");
		expect(() => fromUtf8(Uint8Array.of(0xc3, 0x28))).toThrow(TypeError);
	});

	it("joins parts in order", () => {
		expect(
			concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)),
		).toEqual(Uint8Array.of(1, 2, 3));
	});
});
