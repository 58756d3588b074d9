/** Records of five authors, the same for every library: what is written, and what two pages compare. */
import type { RecordsPage } from "../../rival.ts";
import { meeting } from "./drive.ts";

export const AUTHORS = 5;
/** How many the guest is to wait for. */
const expected = Number(meeting.count);

export type Row = readonly [key: string, value: string];

/** An author's share of so many records, cut into writes of so many. */
export function writesOf(author: number, count: number, each: number): Row[][] {
	const writes: Row[][] = [];
	for (let at = 0; at < count / AUTHORS; at += each)
		writes.push(
			Array.from({ length: Math.min(each, count / AUTHORS - at) }, (_, index) =>
				recordOf(author, at + index),
			),
		);
	return writes;
}

/** A hundred characters that do not compress to nothing. */
function recordOf(author: number, index: number): Row {
	let value = "";
	for (let seed = author * 1_000_003 + index + 1; value.length < 100; ) {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		value += seed.toString(36);
	}
	return [`${author}/${index}`, value.slice(0, 100)];
}

/** What a library offers; the rest is the same for all. */
export interface Records {
	fill(count: number, each: number): void | Promise<void>;
	put(key: string, value: string): void;
	size(): number;
	rows(): Iterable<Row>;
	/** Calls whenever something came. */
	onChange(listener: () => void): void;
}

export function offer(records: Records): void {
	const page: RecordsPage = {
		async fill(count, each) {
			await records.fill(count, each);
		},
		put: (key, bytes) => records.put(key, "x".repeat(bytes)),
		has: (key) => [...records.rows()].some(([name]) => name === key),
		async digest() {
			const rows = [...records.rows()].sort(([a], [b]) => (a < b ? -1 : 1));
			const hash = await crypto.subtle.digest(
				"SHA-256",
				new TextEncoder().encode(JSON.stringify(rows)),
			);
			return Array.from(new Uint8Array(hash), (byte) =>
				byte.toString(16),
			).join();
		},
	};
	records.onChange(() => {
		if (
			page.equalAt === undefined &&
			expected > 0 &&
			records.size() >= expected
		)
			page.equalAt = performance.timeOrigin + performance.now();
	});
	globalThis.records = page;
}
