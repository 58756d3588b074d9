import { describe, expect, it } from "vitest";
import { inBatches } from "../../../src/node/batches.ts";

/** Calls that end when told. */
function slowCalls() {
	const calls: { items: readonly number[]; end: () => void }[] = [];
	const send = (items: readonly number[]): Promise<string[]> =>
		new Promise((resolve) => {
			calls.push({ items, end: () => resolve(items.map(String)) });
		});
	return { calls, one: inBatches(send) };
}

const turn = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

describe("calls between page and worker", () => {
	it("share one call among what comes while another is under way, in order", async () => {
		const { calls, one } = slowCalls();
		const first = one(1);
		await turn();
		const later = [one(2), one(3)];
		expect(calls.map(({ items }) => items)).toEqual([[1]]);
		calls[0]?.end();
		expect(await first).toBe("1");
		await turn();
		expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3]]);
		calls[1]?.end();
		expect(await Promise.all(later)).toEqual(["2", "3"]);
	});

	it("send each alone where a call fails, so that one bad item fails alone", async () => {
		const sent: (readonly number[])[] = [];
		const one = inBatches(async (items: readonly number[]) => {
			sent.push(items);
			if (items.includes(2)) throw new Error("not that one");
			return items;
		});
		const outcomes = await Promise.allSettled([one(1), one(2), one(3)]);
		expect(outcomes.map(({ status }) => status)).toEqual([
			"fulfilled",
			"rejected",
			"fulfilled",
		]);
		expect(sent).toEqual([[1, 2, 3], [1], [2], [3]]);
	});
});
