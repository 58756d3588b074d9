/**
 * One abuser of a signalling server, in a process of its own until it is killed: `relay-abuse.ts KIND SERVER PORT`. It comes
 * from another loopback address than the well-behaved clients, as an abuser does, and connects again when it is cut off.
 */
import { connect, type Socket } from "node:net";
import { setPriority } from "node:os";
import { WebSocket } from "ws";
import { type Dialect, dialectOf, serverNames } from "./relay-servers.ts";

export const abuses = {
	malformed: "frames that are no JSON, or not what they say they are",
	large: "frames of 10 MB",
	"half-open": "3,000 connections that never end their request",
	flood: "four connections that say as much as they can",
	unheard: "60 kB frames to names that nobody has, as many as are read",
	names: "four connections that take name after name",
	"slow reader": "eight connections that hear 60 MB/s and read nothing",
	"byte by byte": "200 connections that send a frame a byte at a time",
	hoard: "6,000 connections from one address",
	churn: "connections that leave as soon as they are open",
} as const;
export type Abuse = keyof typeof abuses;

const HALF_OPEN = 3_000;
const HOARD = 6_000;
const HOARD_AT_ONCE = 200;
const CHURNERS = 40;
const DRIPPING = 200;
const FLOOD_WAITING_BYTES = 256 * 1024;
const localAddress = "127.0.0.2";

interface Abuser {
	readonly dialect: Dialect;
	readonly port: number;
}

/** Keeps one connection of this name open, and calls back with each new one. */
function persist(
	{ dialect, port }: Abuser,
	name: string,
	onOpen: (socket: WebSocket) => void,
): void {
	const address = `ws://127.0.0.1:${port}${dialect.path(name)}`;
	const socket = new WebSocket(address, {
		localAddress,
		perMessageDeflate: false,
	});
	// To be cut off is what an abuser expects.
	socket.on("error", () => socket.terminate());
	socket.on("open", () => {
		const hello = dialect.hello(name);
		if (hello !== undefined) socket.send(hello);
		onOpen(socket);
	});
	socket.on("close", () =>
		setTimeout(() => persist({ dialect, port }, name, onOpen), 50),
	);
}

/** An upgraded connection without a client's library: what follows is bytes. `onOpen` is told that the server took it. */
function openRaw(
	{ dialect, port }: Abuser,
	name: string,
	onOpen: (socket: Socket) => void,
): Socket {
	const socket = connect({ host: "127.0.0.1", port, localAddress });
	socket.setNoDelay(true);
	socket.on("error", () => socket.destroy());
	socket.write(
		`GET ${dialect.path(name)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
	);
	socket.once("data", () => onOpen(socket));
	return socket;
}

/** The same, opened again a while after it was ended. */
function persistRaw(
	abuser: Abuser,
	name: string,
	onOpen: (socket: Socket) => void,
): void {
	openRaw(abuser, name, onOpen).on("close", () =>
		setTimeout(() => persistRaw(abuser, name, onOpen), 200),
	);
}

/** Says something every so often while the connection is open. */
function repeat(socket: WebSocket, ms: number, say: () => void): void {
	const timer = setInterval(() => {
		if (socket.readyState === WebSocket.OPEN) say();
	}, ms);
	socket.on("close", () => clearInterval(timer));
}

function each(count: number, act: (index: number) => void): void {
	for (let index = 0; index < count; index++) act(index);
}

const acts: Readonly<Record<Abuse, (abuser: Abuser) => void>> = {
	malformed(abuser) {
		const frames = [
			"{",
			"null",
			'"publish"',
			'{"type":"subscribe","topics":7}',
			'{"type":"subscribe","topics":[null,{},["x"]]}',
			'{"type":"publish","topic":{}}',
			'{"type":"OFFER","dst":{},"payload":null}',
			'{"type":{"toString":1}}',
			"[".repeat(50_000),
			"\u0000",
		];
		each(4, (index) =>
			persist(abuser, `malformed-${index}`, (socket) =>
				repeat(socket, 20, () => {
					for (const frame of frames) socket.send(frame);
				}),
			),
		);
	},
	large(abuser) {
		each(4, (index) => {
			const name = `large-${index}`;
			const frame = abuser.dialect.say(name, "x".repeat(10_000_000));
			persist(abuser, name, (socket) =>
				repeat(socket, 200, () => {
					if (socket.bufferedAmount === 0) socket.send(frame);
				}),
			);
		});
	},
	"half-open"({ port }) {
		const open = (): void => {
			const socket = connect({ host: "127.0.0.1", port, localAddress });
			socket.on("connect", () =>
				socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
			);
			socket.on("error", () => socket.destroy());
			socket.on("close", () => setTimeout(open, 1_000));
		};
		each(HALF_OPEN, open);
	},
	flood(abuser) {
		each(4, (index) => {
			const name = `flood-${index}`;
			const frame = abuser.dialect.say(name, "x".repeat(200));
			persist(abuser, name, (socket) =>
				repeat(socket, 5, () => {
					each(100, () => {
						if (socket.bufferedAmount < FLOOD_WAITING_BYTES) socket.send(frame);
					});
				}),
			);
		});
	},
	unheard(abuser) {
		const data = "x".repeat(60_000);
		let fresh = 0;
		each(4, (index) =>
			persist(abuser, `unheard-${index}`, (socket) =>
				repeat(socket, 5, () => {
					for (let i = 0; i < 20; i++) {
						if (socket.bufferedAmount > 16 * data.length) return;
						socket.send(abuser.dialect.say(`nobody-${fresh++}`, data));
					}
				}),
			),
		);
	},
	names(abuser) {
		let fresh = 0;
		each(4, (index) =>
			persist(abuser, `names-${index}`, (socket) =>
				repeat(socket, 10, () => {
					if (socket.bufferedAmount > FLOOD_WAITING_BYTES) return;
					const names = Array.from(
						{ length: 1_000 },
						() => `name-${fresh++}-${"x".repeat(32)}`,
					);
					for (const frame of abuser.dialect.take(names)) socket.send(frame);
				}),
			),
		);
	},
	"slow reader"(abuser) {
		const names = Array.from({ length: 8 }, (_, index) => `slow-${index}`);
		for (const name of names)
			persist(abuser, name, (socket) => setTimeout(() => socket.pause(), 100));
		const data = "x".repeat(60_000);
		const frames = names.map((name) => abuser.dialect.say(name, data));
		persist(abuser, "slow-writer", (socket) =>
			repeat(socket, 8, () => {
				if (socket.bufferedAmount < 16 * data.length)
					for (const frame of frames) socket.send(frame);
			}),
		);
	},
	"byte by byte"(abuser) {
		// The head of a frame of 60,000 bytes, which never comes to its end.
		const head = Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]);
		const byte = Buffer.from("x");
		each(DRIPPING, (index) =>
			persistRaw(abuser, `drip-${index}`, (socket) => {
				socket.write(head);
				const timer = setInterval(() => {
					if (socket.writableLength === 0) socket.write(byte);
				}, 3);
				socket.on("close", () => clearInterval(timer));
			}),
		);
	},
	hoard(abuser) {
		let next = 0;
		const open = (): void => {
			if (next >= HOARD) return;
			const socket = openRaw(abuser, `hoard-${next++}`, () => open());
			socket.on("close", () => setTimeout(open, 20));
		};
		each(HOARD_AT_ONCE, open);
	},
	churn(abuser) {
		let next = 0;
		const open = (): void => {
			const socket = openRaw(abuser, `churn-${next++}`, () => socket.destroy());
			socket.on("close", () => setTimeout(open, 5));
		};
		each(CHURNERS, open);
	},
};

function isAbuse(name: string | undefined): name is Abuse {
	return name !== undefined && name in abuses;
}

/** Imported for the list, this does nothing. */
if (process.argv[1]?.endsWith("relay-abuse.ts")) {
	const [, , kind, wanted, port] = process.argv;
	const name = serverNames.find((known) => known === wanted);
	if (!isAbuse(kind) || name === undefined)
		throw new Error("relay-abuse.ts KIND SERVER PORT");
	// It stands for another computer: the server and who behaves well come first on this one.
	setPriority(10);
	acts[kind]({ dialect: dialectOf(name), port: Number(port) });
	process.send?.("begun");
}
