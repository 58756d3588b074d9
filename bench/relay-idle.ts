/**
 * Many WebSockets that say their name, answer pings and nothing else: plain sockets in a process of their own, `relay-idle.ts
 * SERVER PORT COUNT`, so that the measuring side stays light.
 */
import { type ChildProcess, fork } from "node:child_process";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { root } from "../scripts/process.ts";
import { dialectOf, type RunningServer, serverNames } from "./relay-servers.ts";

/** So many of each address: less than the relay grants one. Linux answers on all of 127.0.0.0/8. */
const PER_ADDRESS = 200;
const AT_ONCE = 100;
const OPEN_LIMIT_MS = 10_000;
const TELL_MS = 500;

const ping = Buffer.from([0x89, 0]);
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Of `ChildProcess` messages: how many are open, and whether all have been tried. */
interface Told {
	readonly size: number;
	readonly tried: boolean;
}

export interface Crowd {
	/** Connections that were open a moment ago. */
	size(): number;
	close(): void;
}

/** Opens `count` of them; those that are refused are missing from the crowd's size. */
export async function openCrowd(
	{ name, port }: RunningServer,
	count: number,
): Promise<Crowd> {
	const child: ChildProcess = fork(
		join(root, "bench", "relay-idle.ts"),
		[name, String(port), String(count)],
		{ cwd: root, execArgv: ["--import", "tsx"] },
	);
	let size = 0;
	await new Promise<void>((resolve, reject) => {
		child.on("message", (told: Told) => {
			size = told.size;
			if (told.tried) resolve();
		});
		child.on("exit", () => reject(new Error("The crowd has gone.")));
	});
	return { size: () => size, close: () => child.kill("SIGKILL") };
}

async function beCrowd(server: Target, count: number): Promise<void> {
	const open = new Set<Socket>();
	const waiting = Array.from({ length: count }, (_, index) => index);
	let tried = false;
	const tell = () => process.send?.({ size: open.size, tried } satisfies Told);
	const work = async (): Promise<void> => {
		for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
			await openOne(server, next, open);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	tried = true;
	tell();
	setInterval(tell, TELL_MS);
}

type Target = Pick<RunningServer, "name" | "port">;

function openOne(
	{ name, port }: Target,
	index: number,
	open: Set<Socket>,
): Promise<void> {
	const dialect = dialectOf(name);
	const own = `idle-${index}`;
	const site = Math.floor(index / PER_ADDRESS);
	const localAddress = `127.0.${1 + Math.floor(site / 250)}.${1 + (site % 250)}`;
	return new Promise((resolve) => {
		const socket = connect({ host: "127.0.0.1", port, localAddress });
		const limit = setTimeout(() => socket.destroy(), OPEN_LIMIT_MS);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			clearTimeout(limit);
			open.delete(socket);
			resolve();
		});
		socket.write(
			`GET ${dialect.path(own)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
		);
		socket.on("data", (data) => {
			if (open.has(socket)) {
				if (data.includes(ping)) socket.write(pong);
				return;
			}
			if (!data.includes("101 Switching")) {
				socket.destroy();
				return;
			}
			clearTimeout(limit);
			open.add(socket);
			const hello = dialect.hello(own);
			if (hello !== undefined) socket.write(textFrame(hello));
			resolve();
		});
	});
}

/** A short text frame, masked with zeros. */
function textFrame(text: string): Buffer {
	const payload = Buffer.from(text);
	return Buffer.concat([
		Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]),
		payload,
	]);
}

/** Imported for its functions, this does nothing. */
if (process.argv[1]?.endsWith("relay-idle.ts")) {
	const [, , wanted, port, count] = process.argv;
	const name = serverNames.find((known) => known === wanted);
	if (name === undefined) throw new Error("relay-idle.ts SERVER PORT COUNT");
	process.on("disconnect", () => process.exit());
	await beCrowd({ name, port: Number(port) }, Number(count));
}
