/** What the three servers are measured by: values of each metric, and the figures that come of them. */
import { type Figure, median, rounded } from "./figure.ts";
import { type Heard, quantile } from "./relay-probe.ts";
import { type ServerName, serverNames } from "./relay-servers.ts";

/** Values of one metric, one a measurement. */
export type Values = Map<string, { unit: string; values: number[] }>;

export type Comparison = ReadonlyMap<ServerName, Values>;

export function newComparison(): Comparison {
	return new Map(
		serverNames.map((name): [ServerName, Values] => [name, new Map()]),
	);
}

const lessIsBetter = new Set(["ms", "kB", "MB"]);

/** Medians; where less is better, ours also as a ratio to the better of the other two. */
export function* figuresOf(bench: string, all: Comparison): Generator<Figure> {
	for (const [name, values] of all)
		for (const [metric, { unit, values: own }] of values) {
			const value = median(own);
			const rival =
				name === "shoal" && lessIsBetter.has(unit)
					? leastOf(all, metric)
					: undefined;
			yield {
				...{ bench, case: name, metric, unit, value: rounded(value) },
				...(rival && {
					ratio: rounded(value / rival.value),
					against: rival.name,
				}),
			};
		}
}

/** Which of the other two has least of something. */
function leastOf(
	all: Comparison,
	metric: string,
): { name: ServerName; value: number } | undefined {
	return [...all]
		.flatMap(([name, values]) => {
			const known = name === "shoal" ? undefined : values.get(metric)?.values;
			return known === undefined ? [] : [{ name, value: median(known) }];
		})
		.sort((a, b) => a.value - b.value)[0];
}

export function add(
	to: Values,
	metric: string,
	unit: string,
	value: number,
): void {
	const known = to.get(metric);
	if (known === undefined) to.set(metric, { unit, values: [value] });
	else known.values.push(value);
}

export function addTimes(
	to: Values,
	when: string,
	{ times, sent }: Heard,
): void {
	if (times.length > 0) {
		add(to, `${when}, p50`, "ms", quantile(times, 0.5));
		add(to, `${when}, p99`, "ms", quantile(times, 0.99));
	}
	add(to, `${when}, delivered`, "%", (100 * times.length) / sent);
}
