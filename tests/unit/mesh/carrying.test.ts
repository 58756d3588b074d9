import { describe, expect, it } from "vitest";
import { Carrying } from "../../../src/mesh/carrying.ts";
import {
	decodeSide,
	type Packet,
	type SideMessage,
} from "../../../src/mesh/side-messages.ts";
import {
	CARRY_BURST_BYTES,
	MAX_CARRIED_WAITING_BYTES,
} from "../../../src/wire/constants.ts";
import { VirtualClock } from "../../sim/world/clock.ts";

const [A, X, B, Y] = ["0a", "0f", "0b", "0e"].map((id) => id.repeat(32)) as [
	string,
	string,
	string,
	string,
];

function carrier() {
	const clock = new VirtualClock();
	const sent: { to: string; message: SideMessage; taken: () => void }[] = [];
	const delivered: Packet[] = [];
	const carrying = new Carrying({
		clock,
		self: X,
		send: (to, _lane, bytes) =>
			to === B || to === A
				? new Promise((resolve) => {
						sent.push({ to, message: decodeSide(bytes), taken: resolve });
					})
				: undefined,
		deliver: (packet) => delivered.push(packet),
	});
	const packet = (bytes: number, path = [A, X, B], at = 1): Packet => ({
		kind: "packet",
		path,
		at,
		body: new Uint8Array(bytes).fill(1),
	});
	return { clock, carrying, sent, delivered, packet };
}

describe("carrying", () => {
	it("[L6] hands a packet to the next page on its path, and to nobody else", () => {
		const { carrying, sent, delivered, packet } = carrier();
		expect(carrying.take(A, "control", packet(5))).toBe(true);
		expect(sent).toMatchObject([
			{
				to: B,
				message: { path: [A, X, B], at: 2, body: new Uint8Array(5).fill(1) },
			},
		]);
		expect(delivered).toEqual([]);
		expect(carrying.take(A, "control", packet(5, [B, A, X], 2))).toBe(true);
		expect(delivered).toHaveLength(1);
		// There is no link to Y: nothing is carried there.
		expect(carrying.take(A, "control", packet(5, [A, X, Y]))).toBe(true);
		expect(sent).toHaveLength(1);
	});

	it("[L6] refuses packets that do not come from where their path says", () => {
		const { carrying, sent, packet } = carrier();
		expect(carrying.take(B, "control", packet(5))).toBe(false);
		expect(carrying.take(A, "control", packet(5, [A, Y, B]))).toBe(false);
		expect(sent).toEqual([]);
	});

	it("[L6] holds no more of a neighbour's than it may while the next link is slow", async () => {
		const { clock, carrying, sent, packet } = carrier();
		const size = 64 * 1024;
		for (let i = 0; i < 1000; i++) carrying.take(A, "bulk", packet(size));
		expect(sent.length * size).toBeLessThanOrEqual(MAX_CARRIED_WAITING_BYTES);
		expect(sent.length).toBeGreaterThan(MAX_CARRIED_WAITING_BYTES / size / 2);
		// Another neighbour is not harmed by it.
		const before = sent.length;
		carrying.take(B, "bulk", packet(size, [B, X, A]));
		expect(sent).toHaveLength(before + 1);
		for (const { taken } of sent) taken();
		await clock.run(0);
		carrying.take(A, "bulk", packet(size));
		expect(sent).toHaveLength(before + 2);
	});

	it("[L6] carries no more for a neighbour than its share, which comes back with time", async () => {
		const { clock, carrying, sent, packet } = carrier();
		const flood = async (): Promise<number> => {
			const before = sent.length;
			for (let i = 0; i < 200; i++) {
				for (let n = 0; n < 10; n++)
					carrying.take(A, "bulk", packet(64 * 1024));
				for (const { taken } of sent) taken();
				await clock.run(0);
			}
			return (sent.length - before) * 64 * 1024;
		};
		const first = await flood();
		expect(first).toBeGreaterThan(CARRY_BURST_BYTES / 2);
		expect(first).toBeLessThanOrEqual(CARRY_BURST_BYTES);
		expect(await flood()).toBe(0);
		await clock.run(1000);
		expect(await flood()).toBeGreaterThan(0);
	});
});
