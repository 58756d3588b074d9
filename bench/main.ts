/** `npm run bench -- NAME [--json] [--runs N]`: measures, and prints a table, or with `--json` one object a line. */
import { parseArgs } from "node:util";
import { crypto } from "./crypto.ts";
import { type Bench, type Figure, tableOf } from "./figure.ts";
import { heal } from "./heal.ts";
import { join } from "./join.ts";
import { link } from "./link.ts";
import { relay } from "./relay.ts";
import { relayAbuse } from "./relay-abused.ts";
import { replica } from "./replica.ts";
import { research } from "./research.ts";
import { traffic } from "./traffic.ts";

const benches: ReadonlyMap<string, Bench> = new Map(
	Object.entries({
		crypto,
		heal,
		join,
		link,
		relay,
		"relay-abuse": relayAbuse,
		replica,
		research,
		traffic,
	}),
);

/** The exit code: 0 measured, 1 failed, 2 asked for wrongly. */
async function main(args: readonly string[]): Promise<number> {
	const asked = read(args);
	if (typeof asked === "string") {
		console.error(asked);
		console.error("npm run bench -- NAME [--json] [--runs N]");
		for (const [name, { about }] of benches)
			console.error(`  ${name.padEnd(13)}${about}`);
		return 2;
	}
	const figures: Figure[] = [];
	const { bench, runs, json } = asked;
	try {
		const onNote = (note: string): void => console.error(note);
		for await (const figure of bench.measure({ runs, onNote })) {
			figures.push(figure);
			if (json) console.log(JSON.stringify(figure));
		}
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		return 1;
	} finally {
		if (!json) for (const line of tableOf(figures)) console.log(line);
	}
	return 0;
}

/** What was asked for, or what is wrong with it. */
function read(
	args: readonly string[],
): { bench: Bench; runs: number; json: boolean } | string {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				json: { type: "boolean", default: false },
				runs: { type: "string" },
			},
		});
		const [name] = positionals;
		const bench = name === undefined ? undefined : benches.get(name);
		if (bench === undefined || positionals.length > 1)
			return name === undefined
				? "Name a benchmark."
				: `There is no benchmark ${positionals.join(" ")}.`;
		const runs = Number(values.runs ?? bench.defaultRuns);
		if (!Number.isInteger(runs) || runs < 1 || runs > 1_000)
			return "--runs takes a whole number from 1 to 1000.";
		return { bench, runs, json: values.json };
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

process.exitCode = await main(process.argv.slice(2));
