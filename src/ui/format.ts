/** Numbers, sizes and times in words. */

const whole = new Intl.NumberFormat("en");

/** `1 passage`, `1,312 passages`. */
export function count(n: number, one: string, many = `${one}s`): string {
	return `${whole.format(n)} ${n === 1 ? one : many}`;
}

/** `96 of 1,220`. */
export function ofAll(n: number, total: number): string {
	return `${whole.format(n)} of ${whole.format(total)}`;
}

/** Time that is left, rounded the way a person would say it; `null` gives `null`. */
export function timeLeft(ms: number | null): string | null {
	if (ms === null || !Number.isFinite(ms)) return null;
	const seconds = Math.max(1, Math.round(ms / 1000));
	if (seconds < 90) return `about ${seconds} s left`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 90) return `about ${minutes} min left`;
	return `about ${Math.round(minutes / 60)} h left`;
}

/** `3 ms`; `null` before the first measurement. */
export function roundTrip(ms: number | null): string | null {
	if (ms === null) return null;
	return ms < 1 ? "under 1 ms" : `${Math.round(ms)} ms`;
}

/** `812 B`, `4.2 kB`, `31 MB`. */
export function fileSize(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	const units = ["kB", "MB", "GB"];
	let value = bytes / 1000;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? "GB"}`;
}

/** A moment for a list: the time today, the weekday this week, else the date. */
export function moment(at: number, now: number): string {
	const date = new Date(at);
	if (new Date(now).toDateString() === date.toDateString()) {
		return new Intl.DateTimeFormat("en", {
			hour: "2-digit",
			minute: "2-digit",
			hourCycle: "h23",
		}).format(date);
	}
	const week = 6 * 24 * 60 * 60 * 1000;
	return new Intl.DateTimeFormat(
		"en",
		now - at < week
			? { weekday: "long" }
			: { day: "numeric", month: "short", year: "numeric" },
	).format(date);
}

/** The last part of a path, and what stands before it. */
export function splitPath(path: string): { folder: string; file: string } {
	const cut = path.lastIndexOf("/");
	return { folder: path.slice(0, cut + 1), file: path.slice(cut + 1) };
}

/** How much of the end of a long name is always seen: the number or the version that tells it from its neighbours. */
const TAIL = 9;

/** A name in two parts: the first may be cut off where there is no room, the second stays. */
export function splitName(name: string): { head: string; tail: string } {
	const letters = [...name];
	// Of a name that fits anywhere nothing needs to be kept apart.
	const cut = letters.length <= 2 * TAIL ? letters.length : -TAIL;
	return {
		head: letters.slice(0, cut).join(""),
		tail: cut < 0 ? letters.slice(cut).join("") : "",
	};
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
	return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(words);
}
