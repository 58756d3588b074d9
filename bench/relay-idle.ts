/** Many WebSockets that say their name, answer pings and nothing else: plain sockets, so that the measuring side stays light. */
import { connect, type Socket } from "node:net";
import type { RunningServer } from "./relay-servers.ts";
import { dialectOf } from "./relay-servers.ts";

/** So many of each address: less than the relay grants one. Linux answers on all of 127.0.0.0/8. */
const PER_ADDRESS = 200;
const AT_ONCE = 100;
const OPEN_LIMIT_MS = 10_000;

const ping = Buffer.from([0x89, 0]);
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

export interface Crowd {
	/** Connections that are open now. */
	size(): number;
	close(): void;
}

/** Opens `count` of them; those that are refused are missing from the crowd's size. */
export async function openCrowd(
	server: RunningServer,
	count: number,
): Promise<Crowd> {
	const open = new Set<Socket>();
	const waiting = Array.from({ length: count }, (_, index) => index);
	const work = async (): Promise<void> => {
		for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
			await openOne(server, next, open);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	return {
		size: () => open.size,
		close() {
			for (const socket of open) socket.destroy();
		},
	};
}

function openOne(
	{ name, port }: RunningServer,
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
