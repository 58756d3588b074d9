import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeviceId } from "../../../src/node/api.ts";
import type { Device, Page } from "../../../src/ui/shell/devices.ts";
import {
	between,
	type Cell,
	placeAgents,
	placeCells,
	softCircle,
} from "../../../src/ui/swarm/layout.ts";

function device(n: number, pages = 1): Device {
	const id: DeviceId = `did:key:z${n}`;
	return {
		device: id,
		name: `Device ${n}`,
		mine: n === 0,
		role: "member",
		pages: Array.from(
			{ length: pages },
			(_, at): Page => ({ peer: `peer-${n}-${at}`, link: null, agents: [] }),
		),
		state: pages === 0 ? "asleep" : "awake",
	};
}

const swarm = (n: number) => Array.from({ length: n }, (_, at) => device(at));
const desktop = { width: 852, height: 640 };
const phone = { width: 390, height: 510 };

/** Everything that is drawn of some cells. */
function bounds(cells: readonly Cell[]) {
	return {
		left: Math.min(...cells.map((cell) => cell.x - cell.r)),
		right: Math.max(...cells.map((cell) => cell.x + cell.r)),
		top: Math.min(...cells.map((cell) => cell.y - cell.r)),
		bottom: Math.max(...cells.map((cell) => cell.y + cell.r + 18 * cell.lines)),
	};
}

describe("the picture of the swarm", () => {
	it.each([desktop, phone])("has one device in the middle of %o", (size) => {
		const [own] = placeCells(swarm(1), size);
		expect(own?.x).toBe(size.width / 2);
	});

	it.each([desktop, phone])(
		"has two devices on both sides of the middle of %o",
		(size) => {
			const [own, other] = placeCells(swarm(2), size);
			if (own === undefined || other === undefined) throw new Error("no cells");
			expect((own.x + other.x) / 2).toBeCloseTo(size.width / 2);
			const apart = Math.hypot(own.x - other.x, own.y - other.y);
			expect(apart).toBeGreaterThan(own.r + other.r + 60);
		},
	);

	it("stays inside its frame, with one to twelve pages", () => {
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: 0, max: 2 }), {
					minLength: 1,
					maxLength: 6,
				}),
				fc.constantFrom(desktop, phone),
				([, ...pages], size) => {
					const devices = [device(0), ...pages.map((p, n) => device(n + 1, p))];
					const cells = placeCells(devices, size);
					const box = bounds(cells);
					expect(box.left).toBeGreaterThanOrEqual(0);
					expect(box.right).toBeLessThanOrEqual(size.width);
					expect(box.top).toBeGreaterThanOrEqual(0);
					expect(box.bottom).toBeLessThanOrEqual(size.height);
				},
			),
		);
	});

	it("lets no cell cover another", () => {
		for (const size of [desktop, phone])
			for (let n = 1; n <= 12; n++) {
				const cells = placeCells(swarm(n), size);
				expect(cells).toHaveLength(n);
				cells.forEach((a, at) => {
					for (const b of cells.slice(at + 1))
						expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(a.r + b.r);
				});
			}
	});

	it("draws a link from edge to edge, and not through the words below a cell", () => {
		const cells = placeCells(swarm(3), phone);
		const [own, ...others] = cells;
		if (own === undefined) throw new Error("no cells");
		const above = others.find((cell) => cell.y < own.y);
		const below = others.find((cell) => cell.y > own.y);
		if (above === undefined || below === undefined) throw new Error("no ring");
		expect(between(own, below).y1).toBeGreaterThan(own.y + own.r + 36);
		expect(between(own, below).y2).toBeCloseTo(below.y - below.r);
		expect(between(own, above).y1).toBeCloseTo(own.y - own.r);
		expect(between(own, above).y2).toBeGreaterThan(above.y + above.r + 36);
	});

	it("draws a level link from edge to edge", () => {
		const [own, other] = placeCells(swarm(2), desktop);
		if (own === undefined || other === undefined) throw new Error("no cells");
		const line = between(own, other);
		expect(line.x1).toBeCloseTo(own.x + own.r);
		expect(line.x2).toBeCloseTo(other.x - other.r);
	});

	it("is the same for the same swarm", () => {
		expect(placeCells(swarm(5), desktop)).toEqual(
			placeCells(swarm(5), desktop),
		);
		expect(softCircle(40, "peer")).toBe(softCircle(40, "peer"));
		expect(softCircle(40, "peer")).not.toBe(softCircle(40, "other"));
	});
});

describe("agents in a cell", () => {
	it("stay inside it and apart from each other", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 40 }),
				fc.integer({ min: 12, max: 80 }),
				(count, r) => {
					const dots = placeAgents(count, r);
					expect(dots).toHaveLength(count);
					dots.forEach((a, at) => {
						expect(Math.hypot(a.x, a.y) + a.r).toBeLessThanOrEqual(r);
						for (const b of dots.slice(at + 1))
							expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(
								1.9 * a.r,
							);
					});
				},
			),
		);
	});

	it("stand around its middle while they are few", () => {
		for (let count = 1; count <= 7; count++) {
			const dots = placeAgents(count, 70);
			expect(dots.reduce((sum, dot) => sum + dot.x, 0)).toBeCloseTo(0, 0);
			expect(dots.reduce((sum, dot) => sum + dot.y, 0)).toBeCloseTo(0, 0);
		}
	});
});
