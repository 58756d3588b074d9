import { describe, expect, it } from "vitest";
import { Intake } from "../../../src/mesh/intake.ts";
import {
	INTAKE_BURST,
	INTAKE_PER_SECOND,
	MAX_INTAKE_BYTES,
} from "../../../src/wire/constants.ts";
import { VirtualClock } from "../../sim/world/clock.ts";

function intake(deliver: (bytes: Uint8Array) => Promise<void>) {
	const clock = new VirtualClock();
	let floods = 0;
	const tested = new Intake({
		clock,
		deliver,
		onFlood: () => {
			floods++;
		},
	});
	return { clock, tested, floods: () => floods };
}

describe("intake", () => {
	it("works messages in one after another, in their order, however long each takes", async () => {
		const done: number[] = [];
		const { clock, tested } = intake(async (bytes) => {
			for (let i = 0; i < (bytes[0] ?? 0) % 5; i++) await Promise.resolve();
			done.push(bytes[0] ?? 0);
		});
		for (let i = 0; i < 20; i++) tested.add(new Uint8Array([i]));
		await clock.run(10);
		expect(done).toEqual(Array.from({ length: 20 }, (_, i) => i));
	});

	it("[E3] lets a fast peer wait instead of losing what it said", async () => {
		let done = 0;
		const { clock, tested, floods } = intake(async () => {
			done++;
		});
		const count = INTAKE_BURST + INTAKE_PER_SECOND;
		for (let i = 0; i < count; i++) tested.add(new Uint8Array(1));
		await clock.run(1);
		expect(done).toBeGreaterThan(INTAKE_BURST / 2);
		expect(done).toBeLessThan(count);
		await clock.run(3000);
		expect(done).toBe(count);
		expect(floods()).toBe(0);
	});

	it("[E3] gives up a peer that makes us hold more than the bound", async () => {
		const { tested, floods } = intake(() => new Promise(() => undefined));
		const piece = new Uint8Array(1024 * 1024);
		for (
			let held = 0;
			held <= MAX_INTAKE_BYTES + 2 * piece.length;
			held += piece.length
		)
			tested.add(piece);
		expect(floods()).toBe(1);
	});
});
