/** What a benchmark measures, and how it is printed: a table for people, JSON lines for programs. */

/** One measured figure. The keys are those of `npm run bench -- NAME --json`, one object a line. */
export interface Figure {
	readonly bench: string;
	readonly case: string;
	readonly metric: string;
	readonly unit: string;
	readonly value: number;
	/** This value divided by that of `against`, measured in the same run. */
	readonly ratio?: number;
	readonly against?: string;
}

/** A benchmark yields each figure as soon as it is known, so that a run that is stopped has told what it had. */
export interface Bench {
	/** One line for the list of benchmarks. */
	readonly about: string;
	readonly defaultRuns: number;
	measure(options: MeasureOptions): AsyncIterable<Figure>;
}

export interface MeasureOptions {
	/** How often each case is measured, at least 1. */
	readonly runs: number;
	/** What is going on, for a person; never part of the results. */
	onNote(note: string): void;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	const low = sorted[Math.ceil(middle) - 1];
	const high = sorted[Math.floor(middle)];
	if (low === undefined || high === undefined)
		throw new Error("There is no median of nothing.");
	return (low + high) / 2;
}

/** Median, least and greatest of one metric; only the median carries what it is compared with. */
export function spread(
	figure: Omit<Figure, "value">,
	values: readonly number[],
): Figure[] {
	const { bench, case: name, metric, unit } = figure;
	const bound = (what: string, value: number): Figure => ({
		bench,
		case: name,
		metric: `${metric}, ${what}`,
		unit,
		value: rounded(value),
	});
	return [
		{
			...figure,
			metric: `${metric}, median`,
			value: rounded(median(values)),
			...(figure.ratio === undefined ? {} : { ratio: rounded(figure.ratio) }),
		},
		bound("min", Math.min(...values)),
		bound("max", Math.max(...values)),
	];
}

/** Three significant digits; more would be noise. Whole numbers stay whole. */
export function rounded(value: number): number {
	return Math.abs(value) >= 100
		? Math.round(value)
		: Number(value.toPrecision(3));
}

/** Lines of a table, one a figure, aligned; the first is the heading. */
export function tableOf(figures: readonly Figure[]): string[] {
	const rows = [
		["case", "metric", "value", "unit", "compared"],
		...figures.map(({ case: name, metric, value, unit, ratio, against }) => [
			name,
			metric,
			value.toLocaleString("en"),
			unit,
			ratio === undefined ? "" : `${ratio} × ${against ?? ""}`,
		]),
	];
	const widths = rows[0]?.map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	return rows.map((row) =>
		row
			.map((cell, column) => {
				const width = widths?.[column] ?? 0;
				return column === 2 ? cell.padStart(width) : cell.padEnd(width);
			})
			.join("  ")
			.trimEnd(),
	);
}
