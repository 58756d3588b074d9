/** The relay, y-webrtc's and PeerJS's servers under the same abuse, with the memory of a small machine. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../scripts/process.ts";
import type { Bench, Figure, MeasureOptions } from "./figure.ts";
import { type Abuse, abuses } from "./relay-abuse.ts";
import {
	add,
	addTimes,
	figuresOf,
	newComparison,
	type Values,
} from "./relay-compared.ts";
import { openProbe, wait } from "./relay-probe.ts";
import {
	type RunningServer,
	type ServerName,
	startServer,
} from "./relay-servers.ts";
import { installRivals } from "./rivals.ts";

const ABUSE_MS = 15_000;
/** What a small machine or container has: who holds more is killed, as it would be there. */
const ALLOWANCE_BYTES = 512e6;
const WATCH_MS = 50;

export const relayAbuse: Bench = {
	about: `${Object.keys(abuses).length} abuses of the relay, y-webrtc's and PeerJS's servers`,
	defaultRuns: 1,
	measure,
};

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	await installRivals(onNote);
	for (const abuse of Object.keys(abuses) as Abuse[]) {
		const all = newComparison();
		for (let run = 1; run <= runs; run++)
			for (const [name, values] of run % 2 === 1 ? all : [...all].reverse()) {
				onNote(`run ${run}, ${name}: ${abuse} (${abuses[abuse]})`);
				await measureAbuse(name, abuse, values);
			}
		yield* figuresOf("relay-abuse", all);
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
		{ cwd: root, stdio: ["ignore", "ignore", "ignore", "ipc"] },
	);
	const ended = new Promise<void>((resolve) =>
		abuser.once("exit", () => resolve()),
	);
	const begun = new Promise<void>((resolve) =>
		abuser.once("message", () => resolve()),
	);
	let peak = 0;
	let killed = false;
	const watch = setInterval(() => {
		server.memory().then(
			(bytes = 0) => {
				peak = Math.max(peak, bytes);
				if (bytes <= ALLOWANCE_BYTES) return;
				killed = true;
				server.kill();
			},
			() => undefined,
		);
	}, WATCH_MS);
	try {
		await Promise.race([begun, ended]);
		addTimes(values, abuse, await probe.run(ABUSE_MS));
		const newcomers = await serves(server);
		abuser.kill("SIGKILL");
		await ended;
		probe.close();
		add(values, `${abuse}, peak memory`, "MB", peak / 1e6);
		add(values, `${abuse}, newcomers served`, "1 or 0", newcomers ? 1 : 0);
		await wait(500);
		const alive = server.alive() && (await serves(server));
		add(values, `${abuse}, alive afterwards`, "1 or 0", alive ? 1 : 0);
		add(values, `${abuse}, beyond its memory`, "1 or 0", killed ? 1 : 0);
	} finally {
		clearInterval(watch);
		abuser.kill("SIGKILL");
		await server.close();
	}
}

/** Whether two who come now hear each other. */
async function serves(server: RunningServer): Promise<boolean> {
	const probe = await openProbe(server).catch(() => undefined);
	probe?.close();
	return probe !== undefined;
}
