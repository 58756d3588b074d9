import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../src/node/api.ts";
import { fragmentOf, parseRoute, type Route } from "../../../src/ui/route.ts";

const place = fc.record({ section: fc.nat(9999), sentence: fc.nat(9999) });
const route: fc.Arbitrary<Route> = fc.oneof(
	fc.constant<Route>({ place: "ask" }),
	fc.record({
		place: fc.constant("job" as const),
		job: fc.stringMatching(/^[\w-]{1,40}$/),
		at: fc.option(place),
	}),
	fc.record({
		place: fc.constant("drafts" as const),
		draft: fc.option(fc.stringMatching(/^[\w-]{1,40}$/)),
	}),
	fc.record({
		place: fc.constant("swarm" as const),
		selected: fc.option(
			fc
				.string({ minLength: 1, unit: "grapheme" })
				.filter((id) => id.isWellFormed())
				.map((id) => id as PeerId),
		),
	}),
);

describe("places in the address", () => {
	it("are read back as they were written", () => {
		fc.assert(
			fc.property(route, (to) => {
				expect(parseRoute(fragmentOf(to))).toEqual(to);
			}),
		);
	});

	it("lead to the start whenever they are not ours", () => {
		for (const fragment of [
			"",
			"#",
			"#join=abc",
			"#/map",
			"#/job",
			"#/job/a b",
		])
			expect(parseRoute(fragment)).toEqual({ place: "ask" });
	});

	it("never throw", () => {
		expect(parseRoute("#/swarm/%E0%A4%A")).toEqual({
			place: "swarm",
			selected: null,
		});
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (rest) => {
				for (const start of ["", "#/swarm/", "#/drafts/", "#/job/"])
					parseRoute(start + rest);
			}),
		);
	});
});
