/** The three signalling servers as processes, and how one speaks to each. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../scripts/process.ts";
import { commandOf, freePort, untilListening } from "./rivals.ts";

export const serverNames = ["shoal", "y-webrtc", "peerjs"] as const;
export type ServerName = (typeof serverNames)[number];

/** What a client says, as JSON texts. A name is a topic that one client listens to, or PeerJS's id of that client. */
export interface Dialect {
	/** Of the WebSocket's address. */
	path(name: string): string;
	/** Makes the client be heard of under its name; nothing where the path does. */
	hello(name: string): string | undefined;
	say(to: string, data: unknown): string;
	/** Has the server remember these names for this connection. */
	take(names: readonly string[]): readonly string[];
	/** The data of a frame that somebody said, else undefined. */
	heard(frame: Readonly<Record<string, unknown>>): unknown;
}

const topics: Dialect = {
	path: () => "/",
	hello: (name) => JSON.stringify({ type: "subscribe", topics: [name] }),
	take: (names) => [JSON.stringify({ type: "subscribe", topics: names })],
	say: (topic, data) => JSON.stringify({ type: "publish", topic, data }),
	heard: ({ type, data }) => (type === "publish" ? data : undefined),
};

const ids: Dialect = {
	path: (id) => `/peerjs?key=peerjs&token=t&id=${id}`,
	hello: () => undefined,
	// A connection has one id; what is said to others that nobody has yet is kept for them.
	take: (names) => names.map((dst) => JSON.stringify({ type: "OFFER", dst })),
	say: (dst, payload) => JSON.stringify({ type: "OFFER", dst, payload }),
	heard: ({ type, payload }) => (type === "OFFER" ? payload : undefined),
};

export function dialectOf(name: ServerName): Dialect {
	return name === "peerjs" ? ids : topics;
}

export interface RunningServer {
	readonly name: ServerName;
	readonly port: number;
	alive(): boolean;
	/** Ends it as a container does that has used up its memory. */
	kill(): void;
	/** Resident memory in bytes; undefined where the system has no /proc. */
	memory(): Promise<number | undefined>;
	close(): Promise<void>;
}

/**
 * Starts one on a free port of loopback and waits until it listens.
 * @param connections - for PeerJS, whose own cap is 5,000; the other two hold more without being asked
 */
export async function startServer(
	name: ServerName,
	connections?: number,
): Promise<RunningServer> {
	const port = await freePort();
	const child = spawn(process.execPath, argumentsOf(name, port, connections), {
		cwd: root,
		env: { ...process.env, PORT: String(port) },
		stdio: "ignore",
	});
	const ended = new Promise<void>((resolve) =>
		child.once("exit", () => resolve()),
	);
	const alive = (): boolean =>
		child.exitCode === null && child.signalCode === null;
	await untilListening(port);
	return {
		name,
		port,
		alive,
		kill: () => child.kill("SIGKILL"),
		memory: () => residentBytes(child),
		async close() {
			if (alive()) child.kill("SIGKILL");
			await ended;
		},
	};
}

function argumentsOf(
	name: ServerName,
	port: number,
	connections: number | undefined,
): readonly string[] {
	if (name === "shoal")
		return ["--import", "tsx", join(root, "bench", "relay-serve.ts")];
	const { program, args } = commandOf(name, port);
	const cap =
		name === "peerjs" && connections !== undefined
			? ["--concurrent_limit", String(connections)]
			: [];
	return [program, ...args, ...cap];
}

async function residentBytes({
	pid,
}: ChildProcess): Promise<number | undefined> {
	const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
	const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
