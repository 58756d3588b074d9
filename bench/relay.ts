/** The relay beside y-webrtc's and PeerJS's servers: in the quiet, with 10,000 who say nothing, and under the same abuse. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../scripts/process.ts";
import {
	type Bench,
	type Figure,
	type MeasureOptions,
	median,
	rounded,
} from "./figure.ts";
import { type Abuse, abuses } from "./relay-abuse.ts";
import { openCrowd } from "./relay-idle.ts";
import { type Heard, openProbe, quantile, wait } from "./relay-probe.ts";
import {
	type RunningServer,
	type ServerName,
	serverNames,
	startServer,
} from "./relay-servers.ts";
import { installRivals } from "./rivals.ts";

const bench = "relay";
const IDLE = 10_000;
const PROBE_MS = 5_000;
const ABUSE_MS = 6_000;
/** Who holds more than this has shown what it would do with all the memory there is. */
const MEMORY_LIMIT_BYTES = 6e9;

export const relay: Bench = {
	about:
		"10,000 connections, and abuse, beside y-webrtc's and PeerJS's servers",
	defaultRuns: 1,
	measure,
};

/** Values of one metric, one a run. */
type Values = Map<string, { unit: string; values: number[] }>;

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	await installRivals(onNote);
	for (const name of serverNames) {
		const values: Values = new Map();
		for (let run = 0; run < runs; run++) {
			onNote(`${name}, run ${run + 1}: in the quiet, then with ${IDLE} idle`);
			await measureCrowd(name, values);
			for (const abuse of Object.keys(abuses) as Abuse[]) {
				onNote(`${name}, run ${run + 1}: ${abuse} (${abuses[abuse]})`);
				await measureAbuse(name, abuse, values);
			}
		}
		for (const [metric, { unit, values: all }] of values)
			yield { bench, case: name, metric, unit, value: rounded(median(all)) };
	}
}

function add(to: Values, metric: string, unit: string, value: number): void {
	const known = to.get(metric);
	if (known === undefined) to.set(metric, { unit, values: [value] });
	else known.values.push(value);
}

function addTimes(to: Values, when: string, { times, sent }: Heard): void {
	if (times.length > 0) {
		add(to, `${when}, p50`, "ms", quantile(times, 0.5));
		add(to, `${when}, p99`, "ms", quantile(times, 0.99));
	}
	add(to, `${when}, delivered`, "%", (100 * times.length) / sent);
}

async function measureCrowd(name: ServerName, values: Values): Promise<void> {
	const server = await startServer(name);
	try {
		const probe = await openProbe(server);
		addTimes(values, "quiet", await probe.run(PROBE_MS));
		const before = await server.memory();
		const begun = performance.now();
		const crowd = await openCrowd(server, IDLE);
		const seconds = (performance.now() - begun) / 1_000;
		await wait(1_000);
		const after = await server.memory();
		add(values, "idle connections held", `of ${IDLE}`, crowd.size());
		add(values, "connections opened", "a second", crowd.size() / seconds);
		if (before !== undefined && after !== undefined)
			add(
				values,
				"memory an idle connection",
				"kB",
				(after - before) / crowd.size() / 1_000,
			);
		addTimes(values, "beside idle", await probe.run(PROBE_MS));
		add(values, "idle connections still held", `of ${IDLE}`, crowd.size());
		probe.close();
		crowd.close();
	} finally {
		await server.close();
	}
}

async function measureAbuse(
	name: ServerName,
	abuse: Abuse,
	values: Values,
): Promise<void> {
	const server = await startServer(name);
	const probe = await openProbe(server);
	const abuser = spawn(
		process.execPath,
		[
			"--import",
			"tsx",
			join(root, "bench", "relay-abuse.ts"),
			abuse,
			name,
			String(server.port),
		],
		{ cwd: root, stdio: "ignore" },
	);
	let peak = 0;
	const watch = setInterval(() => {
		server.memory().then(
			(bytes = 0) => {
				peak = Math.max(peak, bytes);
				if (bytes > MEMORY_LIMIT_BYTES) abuser.kill("SIGKILL");
			},
			() => undefined,
		);
	}, 100);
	try {
		addTimes(values, abuse, await probe.run(ABUSE_MS));
		abuser.kill("SIGKILL");
		probe.close();
		add(values, `${abuse}, peak memory`, "MB", peak / 1e6);
		const alive = await servesAgain(server);
		add(values, `${abuse}, alive afterwards`, "1 or 0", alive ? 1 : 0);
	} finally {
		clearInterval(watch);
		abuser.kill("SIGKILL");
		await server.close();
	}
}

/** Whether two who come now hear each other. */
async function servesAgain(server: RunningServer): Promise<boolean> {
	await wait(500);
	if (!server.alive()) return false;
	const probe = await openProbe(server).catch(() => undefined);
	probe?.close();
	return probe !== undefined;
}
