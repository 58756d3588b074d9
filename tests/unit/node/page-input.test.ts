/** What scripts pass to the page API that is not what its types say. */
import { describe, expect, it } from "vitest";
import {
	listenerOf,
	optionsOf,
	refusalOf,
	textOf,
} from "../../../src/node/page-input.ts";
import { createShoal, type Service } from "../../../src/node/shoal.ts";
import { codeOf, ShoalError } from "../../../src/wire/error.ts";

const bad = expect.objectContaining({ code: "bad-input" });
const wrong: unknown[] = [null, 7, true, {}, [], () => 1, Symbol("x"), 2n];

describe("what a script passes", () => {
	it("is a text, options or a listener, or is refused", () => {
		for (const value of [...wrong, undefined])
			expect(() => textOf(value)).toThrowError(bad);
		for (const value of [null, 7, "ab"])
			expect(() => optionsOf(value as never)).toThrowError(bad);
		for (const value of [null, undefined, 7, "ab", {}])
			expect(() => listenerOf(value as never)).toThrowError(bad);
		expect(optionsOf(undefined)).toEqual({});
	});

	it("cannot be sent to the node: that is an error with a code, too", () => {
		const unsent = [
			new DOMException("x", "DataCloneError"),
			...[new RangeError("too deep"), new TypeError("no")],
		];
		for (const error of unsent)
			expect(codeOf(refusalOf(error))).toBe("bad-input");
		const own = new ShoalError("timeout", "late");
		expect(refusalOf(own)).toBe(own);
	});

	it("never gets as far as the node where it is wrong", async () => {
		const service = new Proxy(
			{},
			{
				get: (_, name) => {
					if (name === "then") return undefined;
					if (name === "someDraft") return () => new Promise(() => undefined);
					return () => Promise.reject(new Error(`${String(name)} was called`));
				},
			},
		);
		const shoal = createShoal(
			service as Service,
			Promise.resolve(),
			() => undefined,
		);
		const calls: (() => unknown)[] = wrong.flatMap((value) => {
			const given = value as never;
			return [
				() => shoal.subscribe(given, () => undefined),
				() => shoal.job(given),
				() => shoal.join(given),
				() => shoal.request(given, "ping"),
				() => shoal.request("a", given),
				...(Array.isArray(value) ? [] : [() => shoal.documents.add(given)]),
			];
		});
		for (const value of [null, 7, "x"]) {
			const given = value as never;
			calls.push(
				() => shoal.createSwarm(given),
				() => shoal.invite(given),
				() => shoal.request("a", "b", null, given),
				() => shoal.subscribe("a", given),
				() => shoal.watch(given),
				() => shoal.documents.watch(given),
				() => shoal.documents.add([], given),
				() => shoal.documents.addEach([], {}, given),
				() => shoal.research(given).done,
				() => shoal.job("a").progress(given),
				() => shoal.drafts.watch(given),
				() => shoal.drafts.open("a", given),
			);
		}
		for (const call of calls)
			await expect((async () => call())()).rejects.toMatchObject({
				code: "bad-input",
			});
	});
});
