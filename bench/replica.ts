/** What a device that comes late pays for records that others wrote: seconds, bytes on the wire and on disk, heap. */
import { openStage, type Stage } from "../scripts/headless-swarm.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	median,
	rounded,
} from "./figure.ts";
import {
	type Amount,
	hostRival,
	hostShoal,
	type Late,
	type RecordsHost,
} from "./records-hosts.ts";
import { largeThenSmall } from "./records-large.ts";
import { type Arena, openArena } from "./rivals.ts";

const bench = "replica";

export const replica: Bench = {
	about: "cold join to 10,000 and 100,000 records of five authors",
	defaultRuns: 3,
	measure,
};

const cases: readonly Amount[] = [
	// What y-webrtc can still send in one message.
	{ count: 1_000, each: 1 },
	{ count: 10_000, each: 1 },
	{ count: 100_000, each: 20 },
];

const libraries: readonly {
	readonly name: string;
	readonly verifies: boolean;
	host(stage: Stage, arena: Arena, how: Amount): Promise<RecordsHost>;
}[] = [
	{
		name: "shoal",
		verifies: true,
		host: (stage, _, how) => hostShoal(stage, how),
	},
	{
		name: "automerge-repo",
		verifies: false,
		host: ({ browser }, arena, how) =>
			hostRival(browser, arena, "records-automerge", how),
	},
	{
		name: "y-webrtc",
		verifies: false,
		host: ({ browser }, arena, how) =>
			hostRival(browser, arena, "records-y-webrtc", how),
	},
];

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	const stage = await openStage();
	const arena = await openArena(onNote);
	try {
		onNote(`Chromium ${stage.browser.version()}, ${runs} late joiners of each`);
		for (const { name, verifies } of libraries)
			yield {
				bench,
				case: name,
				metric: "verifies who wrote each record",
				unit: "1 yes, 0 no",
				value: Number(verifies),
			};
		yield* largeThenSmall(bench, stage, arena);
		for (const how of cases)
			yield* measureCase(stage, arena, how, runs, onNote);
	} finally {
		await arena.close();
		await stage.close();
	}
}

async function* measureCase(
	stage: Stage,
	arena: Arena,
	amount: Amount,
	runs: number,
	onNote: (note: string) => void,
): AsyncGenerator<Figure> {
	const { count, each } = amount;
	const what = `${count.toLocaleString("en")} records, ${each} at once`;
	const hosts: [string, RecordsHost][] = [];
	for (const { name, host } of libraries) {
		// It loses what is above 256 KiB, and shows it by waiting for ever; seen once, in the least case that is.
		if (name === "y-webrtc" && count > 10_000) continue;
		onNote(`${name} writes ${what}`);
		hosts.push([name, await host(stage, arena, amount)]);
	}
	const seen = new Map<string, (Late | undefined)[]>();
	// They take turns, so that none has the machine's better minute to itself.
	for (let run = 0; run < runs; run++)
		for (const [name, host] of hosts) {
			const earlier = seen.get(name) ?? [];
			// What never came the first time costs a minute each time.
			if (earlier.some((late) => late === undefined)) continue;
			onNote(`${name}, late joiner ${run + 1} to ${what}`);
			seen.set(name, [...earlier, await host.late()]);
		}
	for (const [, host] of hosts) await host.close();
	const own = metricsOf(seen.get("shoal") ?? [], count);
	for (const [name, all] of seen) {
		const label = `${name}, ${what}`;
		if (all.includes(undefined)) {
			yield {
				bench,
				case: label,
				metric: "got everything",
				unit: "",
				value: 0,
			};
			continue;
		}
		for (const [metric, { unit, values }] of metricsOf(all, count)) {
			const ours = own.get(metric)?.values ?? [];
			const compared = name !== "shoal" && ours.length > 0;
			yield {
				bench,
				case: label,
				metric: `${metric}, median`,
				unit,
				value: rounded(median(values)),
				...(compared && {
					ratio: rounded(median(values) / median(ours)),
					against: "shoal",
				}),
			};
		}
	}
}

function metricsOf(
	all: readonly (Late | undefined)[],
	count: number,
): Map<string, { unit: string; values: number[] }> {
	const of = (unit: string, take: (late: Late) => number) => ({
		unit,
		values: all.flatMap((late) => (late === undefined ? [] : [take(late)])),
	});
	return new Map([
		["first peer", of("s", ({ linkMs }) => linkMs / 1000)],
		["first peer to all records", of("s", ({ recordsMs }) => recordsMs / 1000)],
		[
			"link opened to all records",
			of("s", ({ linkMs, recordsMs }) => (linkMs + recordsMs) / 1000),
		],
		["on the wire", of("B a record", ({ wireBytes }) => wireBytes / count)],
		["on disk", of("B a record", ({ diskBytes }) => diskBytes / count)],
		["heap", of("MB", ({ heapBytes }) => heapBytes / 1e6)],
	]);
}
