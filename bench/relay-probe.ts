/** A well-behaved pair: one says something at a moderate rate, the other hears it, and how long that took. */
import { WebSocket } from "ws";
import { dialectOf, type RunningServer } from "./relay-servers.ts";

/** An offer with its candidates. */
const FRAME_BYTES = 2_000;
const EVERY_MS = 20;
/** What has not come by then counts as lost. */
const LAST_MS = 2_000;
const OPEN_LIMIT_MS = 5_000;

export interface Heard {
	/** Milliseconds, one a delivered frame, in no order. */
	readonly times: readonly number[];
	readonly sent: number;
}

export interface Probe {
	/** Says and hears for so long, one frame every so often. */
	run(ms: number, everyMs?: number): Promise<Heard>;
	close(): void;
}

let probes = 0;

/** @throws when the pair cannot connect and hear each other within five seconds */
export async function openProbe(server: RunningServer): Promise<Probe> {
	const dialect = dialectOf(server.name);
	const name = `probe-${process.pid}-${probes++}`;
	const padding = "x".repeat(FRAME_BYTES);
	const begun = new Map<number, number>();
	let times: number[] = [];
	let serial = 0;
	const [reader, writer] = await Promise.all([
		open(server, name),
		open(server, `${name}-writer`),
	]);
	const hello = dialect.hello(name);
	if (hello !== undefined) reader.send(hello);
	reader.on("message", (text) => {
		const data = dialect.heard(JSON.parse(String(text)));
		if (typeof data !== "object" || data === null || !("serial" in data))
			return;
		const at = begun.get(Number(data.serial));
		if (at === undefined) return;
		begun.delete(Number(data.serial));
		times.push(performance.now() - at);
	});
	const say = (): void => {
		begun.set(++serial, performance.now());
		if (writer.readyState === WebSocket.OPEN)
			writer.send(dialect.say(name, { serial, padding }));
	};
	const close = (): void => {
		reader.terminate();
		writer.terminate();
	};
	const settled = async (ms: number): Promise<void> => {
		const until = performance.now() + ms;
		while (begun.size > 0 && performance.now() < until) await wait(EVERY_MS);
	};
	// The first may be said before the hello was read.
	const until = performance.now() + OPEN_LIMIT_MS;
	while (times.length === 0 && performance.now() < until) {
		say();
		await wait(EVERY_MS);
	}
	if (times.length === 0) {
		close();
		throw new Error("Nothing is heard.");
	}
	return {
		close,
		async run(ms, everyMs = EVERY_MS) {
			await settled(LAST_MS);
			begun.clear();
			times = [];
			const first = serial;
			const end = performance.now() + ms;
			while (performance.now() < end) {
				say();
				await wait(everyMs);
			}
			await settled(LAST_MS);
			return { times, sent: serial - first };
		},
	};
}

/** The value that this share of all is not above. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const value = sorted[Math.ceil(share * sorted.length) - 1];
	if (value === undefined) throw new Error("There is no quantile of nothing.");
	return value;
}

export function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function open({ name, port }: RunningServer, own: string): Promise<WebSocket> {
	return new Promise((resolve, reject) => {
		const address = `ws://127.0.0.1:${port}${dialectOf(name).path(own)}`;
		const socket = new WebSocket(address, {
			perMessageDeflate: false,
			handshakeTimeout: OPEN_LIMIT_MS,
		});
		socket.on("error", reject);
		socket.on("open", () => resolve(socket));
	});
}
