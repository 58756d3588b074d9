/** The passage strip: which device read which passage of a document, packed into a bounded number of ticks. */
import type { DeviceId, Progress } from "../../node/api.ts";

type Reading = Progress["readings"][number];

/** More passages than this share ticks, so that a long book stays one short picture. */
export const MAX_TICKS = 300;

/** One tick: the device that read most of its passages, and how much of it is read (0 to 1). */
export interface Tick {
	readonly device: DeviceId | null;
	readonly share: number;
}

/**
 * Packs the readings of one document into at most `max` ticks. A passage that two devices read counts for the first.
 * A tick is `null` only where nothing of it is read yet.
 */
export function packTicks(
	document: string,
	passages: number,
	readings: readonly Reading[],
	max = MAX_TICKS,
): Tick[] {
	const readers: (DeviceId | undefined)[] = new Array(passages);
	for (const reading of readings) {
		if (reading.document !== document) continue;
		const to = Math.min(reading.to, passages);
		for (let i = Math.max(0, reading.from); i < to; i++) {
			readers[i] ??= reading.device;
		}
	}
	const ticks = Math.min(passages, max);
	return Array.from({ length: ticks }, (_, tick) => {
		const from = Math.floor((tick * passages) / ticks);
		const to = Math.floor(((tick + 1) * passages) / ticks);
		return majority(readers.slice(from, to));
	});
}

function majority(readers: readonly (DeviceId | undefined)[]): Tick {
	const counts = new Map<DeviceId, number>();
	let read = 0;
	for (const device of readers) {
		if (device === undefined) continue;
		read++;
		counts.set(device, (counts.get(device) ?? 0) + 1);
	}
	let device: DeviceId | null = null;
	for (const [candidate, n] of counts) {
		if (device === null || n > (counts.get(device) ?? 0)) device = candidate;
	}
	return { device, share: readers.length === 0 ? 0 : read / readers.length };
}

/** Passages of a document that were read, by device, most first. */
export function readBy(
	document: string,
	readings: readonly Reading[],
): { device: DeviceId; passages: number }[] {
	const counts = new Map<DeviceId, number>();
	const seen = new Set<number>();
	for (const reading of readings) {
		if (reading.document !== document) continue;
		for (let i = reading.from; i < reading.to; i++) {
			if (seen.has(i)) continue;
			seen.add(i);
			counts.set(reading.device, (counts.get(reading.device) ?? 0) + 1);
		}
	}
	return [...counts]
		.map(([device, passages]) => ({ device, passages }))
		.sort((a, b) => b.passages - a.passages);
}

/**
 * The ticks of each device as one path, in an SVG one unit high and `ticks.length` wide. A tick that is read in part
 * is lower. Without a gap, equal neighbours are drawn as one, so that no seams show.
 */
export function tickPaths(
	ticks: readonly Tick[],
	gap: number,
): { device: DeviceId | null; path: string }[] {
	const paths = new Map<DeviceId | null, string>();
	for (let at = 0; at < ticks.length; at++) {
		const tick = ticks[at];
		if (tick === undefined) break;
		const from = at;
		while (gap === 0 && same(tick, ticks[at + 1])) at++;
		const width = round(at - from + 1 - gap);
		const height = tick.device === null ? 1 : Math.max(0.35, tick.share);
		const draw = `M${from} ${round(1 - height)}h${width}V1h-${width}z`;
		paths.set(tick.device, (paths.get(tick.device) ?? "") + draw);
	}
	return [...paths].map(([device, path]) => ({ device, path }));
}

function same(a: Tick, b: Tick | undefined): boolean {
	return b !== undefined && a.device === b.device && a.share === b.share;
}

function round(n: number): number {
	return Math.round(n * 1000) / 1000;
}
