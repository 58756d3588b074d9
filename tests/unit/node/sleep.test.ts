import { describe, expect, it } from "vitest";
import { watchSleep } from "../../../src/node/sleep.ts";
import { VirtualClock } from "../../sim/world/clock.ts";

/** A computer whose clocks may stand still or jump, each on its own. */
function computer() {
	const clock = new VirtualClock();
	let nowOffset = 0;
	let wallOffset = 0;
	let wakes = 0;
	const stop = watchSleep(
		{
			now: () => clock.now() + nowOffset,
			wall: () => clock.wall() + wallOffset,
			after: (ms, task) => clock.after(ms, task),
		},
		() => wakes++,
	);
	return {
		clock,
		stop,
		jump(nowMs: number, wallMs: number) {
			nowOffset += nowMs;
			wallOffset += wallMs;
		},
		wakes: () => wakes,
	};
}

describe("noticing sleep", () => {
	it("[L5] sees a jump of either clock, once", async () => {
		const { clock, jump, wakes } = computer();
		await clock.run(5000);
		expect(wakes()).toBe(0);
		jump(60_000, 60_000);
		await clock.run(5000);
		expect(wakes()).toBe(1);
		// The monotonic clock of some computers stands still while they sleep.
		jump(0, 60_000);
		await clock.run(5000);
		expect(wakes()).toBe(2);
	});

	it("[L5] takes a busy moment for none, nor a clock that is set back", async () => {
		const { clock, jump, wakes } = computer();
		jump(3000, 3000);
		await clock.run(2000);
		jump(0, -3_600_000);
		await clock.run(2000);
		expect(wakes()).toBe(0);
	});

	it("ends", async () => {
		const { clock, jump, wakes, stop } = computer();
		stop();
		jump(60_000, 60_000);
		await clock.run(5000);
		expect(wakes()).toBe(0);
	});
});
