/** Where the cells of the swarm stand: this page in the middle, the others around it. The same swarm, the same picture. */
import type { Device, Page } from "../shell/devices.ts";

/** A page that is open, or a device that is asleep. */
export interface Cell {
	/** Peer id, or device id of a sleeping device. */
	readonly id: string;
	readonly device: Device;
	readonly page: Page | null;
	readonly x: number;
	readonly y: number;
	readonly r: number;
	/** Lines of words below it: the name, and how it is linked where there is room. */
	readonly lines: 1 | 2;
	/** As much of the name as fits. */
	readonly letters: number;
}

export interface Size {
	readonly width: number;
	readonly height: number;
}

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
/** Height of one line of words, and about the width of a letter, in pixels. */
const LINE = 18;
const LETTER = 7.2;
/** Kept free between any two cells with their words. */
const GAP = 10;

/**
 * Places the cells in a picture of `size` pixels: this page in the middle, the others on an ellipse as large as the
 * picture allows. Cells are as large as they can be without one, or its words, touching another.
 */
export function placeCells(devices: readonly Device[], size: Size): Cell[] {
	const n =
		devices.reduce((sum, d) => sum + Math.max(1, d.pages.length), 0) - 1;
	let best: Cell[] = [];
	for (const scale of [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.42, 0.34, 0.26]) {
		for (const turn of n < 3 && size.width > size.height ? [0] : [0.25, 0]) {
			best = placeAt(devices, size, scale, turn);
			if (!crowded(best)) return best;
		}
	}
	return best;
}

function placeAt(
	devices: readonly Device[],
	size: Size,
	scale: number,
	turn: number,
): Cell[] {
	const all = devices.flatMap(
		(device): Pick<Cell, "id" | "device" | "page">[] =>
			device.pages.length === 0
				? [{ device, page: null, id: device.device }]
				: device.pages.map((page) => ({ device, page, id: page.peer })),
	);
	const [own, ...others] = all;
	if (own === undefined) return [];
	const n = others.length;
	const lines = n > 8 ? 1 : 2;
	const letters = n > 8 || size.width < 520 ? 12 : 22;
	const words = lines * LINE + 8;
	const biggest = Math.max(
		12,
		Math.min(80, size.width / 5, size.height / 6) * scale,
	);
	const outer = biggest * 0.82;
	const middle = { x: size.width / 2, y: (size.height - words) / 2 };
	const rx = Math.min(
		380,
		middle.x - Math.max(outer, (letters * LETTER) / 2) - 6,
	);
	const ry = Math.min(300, middle.y - outer - 10);
	const ring = others.map((cell, at) => {
		const angle =
			(at / n + turn + (turn > 0 && n > 2 ? -0.5 : 0)) * 2 * Math.PI;
		return {
			...cell,
			x: middle.x + Math.max(0, rx) * Math.cos(angle),
			y: middle.y + Math.max(0, ry) * Math.sin(angle),
			r: outer * (cell.page === null ? 0.8 : 1),
			lines,
			letters,
		} as const;
	});
	return [{ ...own, ...middle, r: biggest, lines, letters }, ...ring];
}

/** Whether any two cells, words included, come closer than the gap. */
function crowded(cells: readonly Cell[]): boolean {
	return cells.some((a, at) =>
		cells.slice(at + 1).some((b) => {
			const near = Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r + GAP;
			return near || wordsTouch(a, b) || wordsTouch(b, a);
		}),
	);
}

/** Whether the words below `a` touch `b` or the words below `b`. */
function wordsTouch(a: Cell, b: Cell): boolean {
	const half = (cell: Cell) =>
		(Math.min(cell.letters, cell.device.name.length + 4) * LETTER) / 2;
	const bottom = (cell: Cell) => cell.y + cell.r + cell.lines * LINE + 4;
	const wide = Math.abs(a.x - b.x) < half(a) + Math.max(half(b), b.r);
	return wide && bottom(a) > b.y - b.r && a.y + a.r < bottom(b);
}

/** Where `count` agents stand in a cell of radius `r` around its middle: a sunflower, so that any number looks whole. */
export function placeAgents(
	count: number,
	r: number,
): { x: number; y: number; r: number }[] {
	// The outermost stands at the square root of the count; the cell's edge stays clear of it.
	const dot = Math.min(9, (r * 0.82) / (2.1 * Math.sqrt(count) + 1));
	if (count === 1) return [{ x: 0, y: 0, r: dot }];
	const step = dot * 2.1;
	return Array.from({ length: count }, (_, at) => {
		const distance = step * Math.sqrt(at + 0.6);
		const angle = at * GOLDEN_ANGLE;
		return {
			x: distance * Math.cos(angle),
			y: distance * Math.sin(angle),
			r: dot,
		};
	});
}

/** A soft cell: a circle that is not quite one, always the same for the same id. Closed path around 0, 0. */
export function softCircle(r: number, id: string): string {
	const points = 8;
	let seed = 7;
	for (let i = 0; i < id.length; i++) {
		seed = (seed * 31 + id.charCodeAt(i)) >>> 0;
	}
	const at = Array.from({ length: points }, (_, n) => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		const reach = r * (0.965 + (seed / 0xffffffff) * 0.07);
		const angle = (n / points) * 2 * Math.PI;
		return { x: reach * Math.cos(angle), y: reach * Math.sin(angle) };
	});
	// Catmull-Rom through the points, as Bézier curves.
	const point = (n: number) => at[(n + points) % points] ?? { x: 0, y: 0 };
	let path = `M${fixed(point(0).x)} ${fixed(point(0).y)}`;
	for (let n = 0; n < points; n++) {
		const [a, b, c, d] = [point(n - 1), point(n), point(n + 1), point(n + 2)];
		path += `C${fixed(b.x + (c.x - a.x) / 6)} ${fixed(b.y + (c.y - a.y) / 6)} ${fixed(c.x - (d.x - b.x) / 6)} ${fixed(c.y - (d.y - b.y) / 6)} ${fixed(c.x)} ${fixed(c.y)}`;
	}
	return `${path}z`;
}

/** The line between two cells, from edge to edge. */
export function between(
	a: Cell,
	b: Cell,
): { x1: number; y1: number; x2: number; y2: number } {
	const dx = b.x - a.x;
	const dy = b.y - a.y;
	const long = Math.hypot(dx, dy) || 1;
	return {
		x1: a.x + (dx / long) * a.r,
		y1: a.y + (dy / long) * a.r,
		x2: b.x - (dx / long) * b.r,
		y2: b.y - (dy / long) * b.r,
	};
}

function fixed(n: number): number {
	return Math.round(n * 10) / 10;
}
