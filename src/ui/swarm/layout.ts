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
/** Kept free between any two cells with their words, and between linked ones, so that the link is seen. */
const GAP = 10;
const LINK_GAP = 32;
/** Below this many cells a name may take the width it needs. */
const FEW = 3;

/**
 * Places the cells in a picture of `size` pixels: two side by side, more with this page in the middle and the others
 * on an ellipse as large as the picture allows. Cells are as large as they can be without one, or its words, touching
 * another.
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
	const letters = n > 8 || (n >= FEW && size.width < 520) ? 12 : 22;
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
	const [other] = others;
	if (other !== undefined && n === 1) {
		// As far apart as a look takes in at once, on both sides of the middle.
		const wide = size.width > size.height;
		const x = wide ? Math.min(170, middle.x - biggest - 24) : 0;
		const y = wide ? 0 : Math.min(150, middle.y - biggest - 10);
		const r = { own: biggest, other: outer * (other.page === null ? 0.8 : 1) };
		return [
			{ ...own, x: middle.x - x, y: middle.y - y, r: r.own, lines, letters },
			{
				...other,
				x: middle.x + x,
				y: middle.y + y,
				r: r.other,
				lines,
				letters,
			},
		];
	}
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

/** Whether any two cells, words included, come closer than their gap. All are linked with the first. */
function crowded(cells: readonly Cell[]): boolean {
	return cells.some((a, at) =>
		cells.slice(at + 1).some((b) => {
			const gap = at === 0 ? LINK_GAP : GAP;
			const near = Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r + gap;
			return near || wordsTouch(a, b, gap) || wordsTouch(b, a, gap);
		}),
	);
}

/** Half the width of the words below a cell. */
function halfWords(cell: Cell): number {
	return (Math.min(cell.letters, cell.device.name.length + 4) * LETTER) / 2;
}

/** From the middle of a cell to the end of the words below it. */
function reachBelow(cell: Cell): number {
	return cell.r + cell.lines * LINE + 4;
}

/** Whether the words below `a` come closer than `gap` to `b`, or touch the words below `b`. */
function wordsTouch(a: Cell, b: Cell, gap: number): boolean {
	const wide = Math.abs(a.x - b.x) < halfWords(a) + Math.max(halfWords(b), b.r);
	return (
		wide &&
		a.y + reachBelow(a) + gap - GAP > b.y - b.r &&
		a.y + a.r < b.y + reachBelow(b)
	);
}

/**
 * Where `count` agents stand in a cell of radius `r` around its middle: a ring while they are few, one of them in the
 * middle if need be, else a sunflower.
 */
export function placeAgents(
	count: number,
	r: number,
): { x: number; y: number; r: number }[] {
	// The outermost of a sunflower stands at the square root of the count; the cell's edge stays clear of it.
	const dot = Math.min(9, (r * 0.82) / (2.1 * Math.sqrt(count) + 1));
	const inMiddle = count === 1 || count === 6 || count === 7 ? 1 : 0;
	const onRing = count - inMiddle;
	const ring = (1.7 * dot) / Math.sin(Math.PI / Math.max(2, onRing));
	const step = dot * 2.1;
	return Array.from({ length: count }, (_, at) => {
		const few = count <= 7;
		const distance = few
			? at < inMiddle
				? 0
				: ring
			: step * Math.sqrt(at + 0.6);
		const angle = few
			? ((at - inMiddle) / Math.max(1, onRing) - 0.25) * 2 * Math.PI
			: at * GOLDEN_ANGLE;
		return {
			x: fixed(distance * Math.cos(angle)),
			y: fixed(distance * Math.sin(angle)),
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

/** The line between two cells, from edge to edge; where it would run through the words below one, from below them. */
export function between(
	a: Cell,
	b: Cell,
): { x1: number; y1: number; x2: number; y2: number } {
	const dx = b.x - a.x;
	const dy = b.y - a.y;
	const long = Math.hypot(dx, dy) || 1;
	const [x, y] = [dx / long, dy / long];
	const [from, to] = [clearOf(a, x, y), clearOf(b, -x, -y)];
	return {
		x1: a.x + x * from,
		y1: a.y + y * from,
		x2: b.x - x * to,
		y2: b.y - y * to,
	};
}

/** How far from the middle of a cell a line in the direction `x`, `y` is clear of the cell and its words. */
function clearOf(cell: Cell, x: number, y: number): number {
	const half = halfWords(cell);
	if (y <= 0 || Math.abs(x / y) * cell.r > half) return cell.r;
	const side = x === 0 ? Number.POSITIVE_INFINITY : half / Math.abs(x);
	return Math.max(cell.r, Math.min(reachBelow(cell) / y, side));
}

function fixed(n: number): number {
	return Math.round(n * 10) / 10;
}
