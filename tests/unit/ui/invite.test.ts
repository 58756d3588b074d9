import { decodeQR } from "qr/decode.js";
import { describe, expect, it } from "vitest";
import { onlyThisComputer } from "../../../src/ui/dialogs/invite-address.ts";
import { qrPath } from "../../../src/ui/dialogs/qr-path.ts";

describe("the address of an invite", () => {
	it.each([
		["http://localhost:8787/#join=a", true],
		["http://shoal.localhost/#join=a", true],
		["http://127.0.0.1:8787/#join=a", true],
		["http://127.8.9.1/#join=a", true],
		["http://[::1]:8787/#join=a", true],
		["https://192.168.1.20:8787/#join=a", false],
		["https://localhost.example.org/#join=a", false],
		["https://127.0.0.1.example.org/#join=a", false],
		["no address", false],
	])("%s is for this computer only: %s", (invite, only) => {
		expect(onlyThisComputer(invite)).toBe(only);
	});
});

describe("the code of an invite", () => {
	it("is read back by a scanner", () => {
		const link = `https://192.168.1.20:8787/#join=${"aB3_-".repeat(30)}`;
		const { path, size } = qrPath(link);
		expect(decodeQR(paint(path, size, 4))).toBe(link);
	});

	it("has the quiet zone of four modules that scanners need", () => {
		const { path, size } = qrPath("https://192.168.1.20/");
		for (const [, x, y, wide] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
			expect(Number(x)).toBeGreaterThanOrEqual(4);
			expect(Number(y)).toBeGreaterThanOrEqual(4);
			expect(Number(x) + Number(wide)).toBeLessThanOrEqual(size - 4);
			expect(Number(y)).toBeLessThan(size - 4);
		}
	});
});

/** The path as pixels, as a camera sees it. */
function paint(path: string, size: number, scale: number) {
	const width = size * scale;
	const data = new Uint8Array(width * width * 4).fill(255);
	for (const [, x, y, wide] of path.matchAll(/M(\d+) (\d+)h(\d+)/g))
		for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++)
			data.fill(
				0,
				(row * width + Number(x) * scale) * 4,
				(row * width + (Number(x) + Number(wide)) * scale) * 4,
			);
	for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
	return { width, height: width, data };
}
