/** The relay beside y-webrtc's and PeerJS's servers: in the quiet, and with 10,000 who say nothing. */
import type { Bench, Figure, MeasureOptions } from "./figure.ts";
import {
	add,
	addTimes,
	figuresOf,
	newComparison,
	type Values,
} from "./relay-compared.ts";
import { openCrowd } from "./relay-idle.ts";
import { openProbe, wait } from "./relay-probe.ts";
import { type ServerName, startServer } from "./relay-servers.ts";
import { installRivals } from "./rivals.ts";

const IDLE = 10_000;
const PROBE_MS = 5_000;
/** A server that has been up for a while has been compiled: some 1,000 frames first, which are not counted. */
const WARM_UP_MS = 2_500;
const WARM_UP_EVERY_MS = 2;

export const relay: Bench = {
	about: "10,000 connections, beside y-webrtc's and PeerJS's servers",
	defaultRuns: 1,
	measure,
};

async function* measure({
	runs,
	onNote,
}: MeasureOptions): AsyncGenerator<Figure> {
	await installRivals(onNote);
	const all = newComparison();
	for (let run = 1; run <= runs; run++)
		// There and back, so that none is always first: the machine is not the same at every moment.
		for (const [name, values] of [...all, ...[...all].reverse()]) {
			onNote(`run ${run}, ${name}: in the quiet, then with ${IDLE} idle`);
			await measureCrowd(name, values);
		}
	yield* figuresOf("relay", all);
}

async function measureCrowd(name: ServerName, values: Values): Promise<void> {
	const server = await startServer(name, 2 * IDLE);
	try {
		const probe = await openProbe(server);
		await probe.run(WARM_UP_MS, WARM_UP_EVERY_MS);
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
