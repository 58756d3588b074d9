import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Routes } from "../../../src/mesh/routes.ts";
import { decodeSide, encodeSide } from "../../../src/mesh/side-messages.ts";
import { MAX_CARRIERS } from "../../../src/wire/constants.ts";

const peer = fc
	.integer({ min: 1, max: 12 })
	.map((n) => n.toString(16).padStart(2, "0").repeat(32));
const route = fc.uniqueArray(peer, { minLength: 1, maxLength: MAX_CARRIERS });
const told = fc.array(fc.tuple(peer, fc.array(route)));
const SELF = "00".repeat(32);

function routesOf(heard: readonly (readonly [string, string[][]])[]): Routes {
	const routes = new Routes(SELF);
	for (const [neighbour, ways] of heard) routes.take(neighbour, ways);
	return routes;
}

describe("routes", () => {
	it("[L6] lead there in few steps and never in circles, whatever neighbours say", () => {
		fc.assert(
			fc.property(told, peer, (heard, to) => {
				for (const way of routesOf(heard).waysTo(to)) {
					const path = [SELF, ...way, to];
					expect(new Set(path).size).toBe(path.length);
					expect(way.length).toBeLessThanOrEqual(MAX_CARRIERS);
				}
			}),
		);
	});

	it("[L6] told to a neighbour never lead back through it, and can be read by it", () => {
		fc.assert(
			fc.property(told, peer, fc.uniqueArray(peer), (heard, to, linked) => {
				const routes = routesOf(heard).tell(to, linked);
				for (const way of routes) expect(way).not.toContain(to);
				const side = { kind: "routes", routes } as const;
				expect(decodeSide(encodeSide(side))).toEqual(side);
			}),
		);
	});

	it("[L6] go by the fewest pages first, and by none that is gone", () => {
		const [a, b, c, d] = ["0a", "0b", "0c", "0d"].map((id) =>
			id.repeat(32),
		) as [string, string, string, string];
		const routes = routesOf([
			[a, [[c, d]]],
			[b, [[d]]],
		]);
		expect(routes.waysTo(d)).toEqual([[b], [a, c]]);
		expect([...routes.reached]).toEqual([d]);
		routes.drop(b);
		expect(routes.waysTo(d)).toEqual([[a, c]]);
	});
});

describe("side messages", () => {
	it("[E3] are refused with a code where they are anything else", () => {
		const messages = [
			encodeSide({ kind: "routes", routes: [["0a".repeat(32)]] }),
			encodeSide({
				kind: "packet",
				path: ["0a", "0b", "0c"].map((id) => id.repeat(32)),
				at: 1,
				body: Uint8Array.of(1, 2, 3),
			}),
			encodeSide({ kind: "signal", message: Uint8Array.of(1) }),
		];
		fc.assert(
			fc.property(
				fc.constantFrom(...messages),
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				(wire, at, flip) => {
					const i = at % wire.length;
					try {
						decodeSide(wire.with(i, (wire[i] ?? 0) ^ flip));
					} catch (error) {
						expect(error).toMatchObject({
							code: expect.stringMatching(/malformed|too-large/),
						});
					}
				},
			),
		);
	});
});
