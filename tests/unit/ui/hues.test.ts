import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeviceId } from "../../../src/node/api.ts";
import { assignHues, HUES, initial } from "../../../src/ui/hues.ts";

const devices = fc.uniqueArray(
	fc.string({ minLength: 1 }).map((id): DeviceId => `did:key:z${id}`),
	{ maxLength: 3 * HUES },
);

describe("hues of devices", () => {
	it("differ as long as there are hues enough, and are always ones that exist", () => {
		fc.assert(
			fc.property(devices, (list) => {
				const hues = assignHues(list);
				expect([...hues.keys()]).toEqual(list);
				for (let at = 0; at < list.length; at += HUES) {
					const round = list.slice(at, at + HUES).map((id) => hues.get(id));
					expect(new Set(round).size).toBe(round.length);
				}
				for (const hue of hues.values()) {
					expect(hue).toBeGreaterThanOrEqual(1);
					expect(hue).toBeLessThanOrEqual(HUES);
				}
			}),
		);
	});

	it("stay when devices are added behind, so that two screens agree", () => {
		fc.assert(
			fc.property(devices, fc.nat(), (list, cut) => {
				const before = assignHues(list.slice(0, cut % (list.length + 1)));
				const after = assignHues(list);
				for (const [device, hue] of before) expect(after.get(device)).toBe(hue);
			}),
		);
	});

	it("count a device that is named twice once", () => {
		expect(assignHues(["did:key:a", "did:key:a"]).size).toBe(1);
	});
});

describe("the letter of a device", () => {
	it.each([
		["laptop", "L"],
		["  tablet", "T"],
		["élan", "É"],
		["🦊 fox", "🦊"],
		["", "?"],
		["   ", "?"],
	])("%o shows %s", (name, letter) => {
		expect(initial(name)).toBe(letter);
	});
});
