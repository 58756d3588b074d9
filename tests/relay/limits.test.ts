/** Every limit, and that a well-behaved client is served after and beside whatever runs into it. */
import { writeFile } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Hub } from "../../relay/hub.ts";
import { defaultLimits } from "../../relay/limits.ts";
import type { Relay } from "../../relay/server.ts";
import {
	Client,
	carries,
	isError,
	isPong,
	openRelay,
	temporaryFolder,
} from "./harness.ts";

/** A frame of exactly this many bytes. */
function frameOf(bytes: number): string {
	const frame = (data: string) =>
		JSON.stringify({ type: "publish", topic: "x", data });
	return frame("a".repeat(bytes - frame("").length));
}

/** A WebSocket that was opened by hand and says nothing more. */
async function openIdle(port: number, localAddress: string): Promise<Socket> {
	const socket = createConnection({ port, host: "127.0.0.1", localAddress });
	onTestFinished(() => {
		socket.destroy();
	});
	socket.write(
		"GET /relay HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
	);
	const answer = await new Promise((resolve, reject) => {
		socket.once("data", (data) => resolve(String(data)));
		socket.once("error", reject);
	});
	expect(answer).toContain("101 Switching Protocols");
	return socket;
}

/** The token of an event stream that stays open. */
async function openSession(relay: Relay): Promise<string> {
	const stream = await fetch(`${relay.url}/relay/sse`);
	const reader = stream.body?.getReader();
	onTestFinished(() => reader?.cancel());
	const { value } = (await reader?.read()) ?? {};
	const token = /data: (\S+)/.exec(new TextDecoder().decode(value))?.[1];
	if (token === undefined) throw new Error("no session");
	return token;
}

function postHead(session: string, bytes: number): string {
	return `POST /relay/send?session=${session} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`;
}

async function expectService(relay: Relay): Promise<void> {
	const [a, b] = [await Client.open(relay.url), await Client.open(relay.url)];
	a.send({ type: "subscribe", topics: ["service"] });
	await a.settled();
	b.send({ type: "publish", topic: "service", data: "works" });
	await a.hear(carries("works"));
}

describe("frames", () => {
	it("takes 64 KiB and closes the connection of more", async () => {
		const relay = await openRelay();
		const client = await Client.open(relay.url);
		client.send({ type: "subscribe", topics: ["x"] });
		client.socket.send(frameOf(64 * 1024));
		await client.hear((frame) => frame["topic"] === "x");
		client.socket.send(frameOf(64 * 1024 + 1));
		expect(await client.closed).toBe(1009);
		await expectService(relay);
	});

	it("says once that a frame was malformed, and stays", async () => {
		const relay = await openRelay();
		const client = await Client.open(relay.url);
		for (let i = 0; i < 50; i++) client.socket.send("{");
		const heard = await client.settled();
		expect(heard).toHaveLength(1);
		expect(heard[0]).toMatchObject({ type: "error", code: "malformed" });
	});

	it("[Y6] outlives any frame and any bytes", async () => {
		const relay = await openRelay();
		const parts = fc.oneof(
			fc.string(),
			fc.constantFrom("subscribe", "unsubscribe", "publish", "ping", "pong"),
			fc.anything({ withNullPrototype: true, maxDepth: 3 }),
		);
		const frame = fc
			.record(
				{
					type: parts,
					topics: fc.oneof(parts, fc.array(parts)),
					topic: parts,
					data: parts,
					clients: parts,
				},
				{ requiredKeys: [] },
			)
			.map((value) => JSON.stringify(value) ?? "");
		const mutated = fc
			.tuple(frame, fc.nat(), fc.nat(255))
			.map(([text, at, byte]) => {
				const bytes = Buffer.from(text);
				if (bytes.length > 0) bytes[at % bytes.length] = byte;
				return bytes;
			});
		const hostile = fc.oneof(frame, mutated, fc.uint8Array(), fc.json());
		await fc.assert(
			fc.asyncProperty(fc.array(hostile, { maxLength: 40 }), async (frames) => {
				const client = await Client.open(relay.url);
				for (const data of frames) client.socket.send(data);
				await client.settled();
				client.socket.terminate();
			}),
			{ numRuns: 150 },
		);
		await expectService(relay);
	});

	it("outlives bytes that are no WebSocket frames", async () => {
		const relay = await openRelay();
		const upgrade = `GET /relay HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
		await fc.assert(
			fc.asyncProperty(
				fc.uint8Array({ minLength: 1, maxLength: 200 }),
				fc.boolean(),
				async (bytes, upgraded) => {
					const socket = createConnection(relay.port, "127.0.0.1");
					const ended = new Promise((resolve) => {
						socket.once("close", resolve);
						socket.once("error", resolve);
					});
					socket.resume();
					if (upgraded) socket.write(upgrade);
					socket.end(bytes);
					await ended;
				},
			),
			{ numRuns: 60 },
		);
		await expectService(relay);
	});

	it("ends a connection whose frame comes in more than 64 pieces", async () => {
		const relay = await openRelay();
		const client = await Client.open(relay.url);
		for (let i = 0; i < 70; i++) client.socket.send(" ", { fin: false });
		expect(await client.closed).toBe(1008);
		await expectService(relay);
	});

	it("[R5] ends a connection whose frame comes in more than 256 reads", async () => {
		const relay = await openRelay();
		const socket = await openIdle(relay.port, "127.0.0.2");
		socket.setNoDelay(true);
		const closed = new Promise<"closed">((resolve) => {
			socket.once("close", () => resolve("closed"));
			socket.on("error", () => resolve("closed"));
		});
		const good = await Client.open(relay.url);
		// The head of a frame of 60,000 bytes.
		socket.write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
		let reads = 0;
		let ended = false;
		while (!ended && reads < 1_000) {
			socket.write(" ");
			// It was read by the time that the other is answered.
			const answer = good.settled().then(() => "read" as const);
			ended = (await Promise.race([answer, closed])) === "closed";
			reads++;
		}
		expect(reads).toBeGreaterThan(200);
		expect(reads).toBeLessThan(300);
	});

	it("answers once in a while only, however often it refuses", async () => {
		let now = 0;
		const hub = new Hub(defaultLimits, () => now);
		const sent: string[] = [];
		const member = hub.admit("a", {
			send: (frame) => sent.push(frame),
			buffered: () => 0,
			drop: () => undefined,
		});
		member.refuse("malformed");
		now = defaultLimits.refusalMs - 1;
		member.refuse("malformed");
		expect(sent).toHaveLength(1);
		now = defaultLimits.refusalMs;
		member.refuse("malformed");
		expect(sent).toHaveLength(2);
	});

	it("answers a frame of brackets only", async () => {
		const relay = await openRelay();
		const client = await Client.open(relay.url);
		const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
		client.send({ type: "subscribe", topics: ["x"] });
		client.socket.send(`{"type":"publish","topic":"x","data":${deep}}`);
		await client.hear(isError("malformed"));
		await client.settled();
	});
});

describe("topics", () => {
	it("limits how many a connection has, how long their names are and how many members they have", async () => {
		const relay = await openRelay({
			limits: { topicsPerConnection: 2, membersPerTopic: 1, refusalMs: 0 },
		});
		const a = await Client.open(relay.url);
		a.send({ type: "subscribe", topics: ["1", "x".repeat(257), "2", "3"] });
		await a.hear(isError("topic-name"));
		a.send({ type: "subscribe", topics: ["4"] });
		await a.hear(isError("too-many-topics"));
		const b = await Client.open(relay.url);
		b.send({ type: "subscribe", topics: ["1"] });
		await b.hear(isError("topic-full"));
		expect(relay.hub.kept.topics).toBe(2);
	});
});

describe("floods", () => {
	it("drops what is too much, hears the same address again as the bucket refills, and bans nobody", async () => {
		const relay = await openRelay({
			limits: { perConnection: { frames: 50, bytes: 1e9 }, refillMs: 400 },
		});
		const flooder = await Client.open(relay.url);
		flooder.send({ type: "subscribe", topics: ["x"] });
		for (let i = 0; i < 5_000; i++)
			flooder.send({ type: "publish", topic: "x", data: i });
		await flooder.hear(isError("slow-down"));
		await expectService(relay);
		// A frame a turn, until one is taken: nothing but time passing is needed.
		for (let taken = false; !taken; ) {
			flooder.send({ type: "publish", topic: "x", data: "again" });
			await fetch(relay.url);
			taken = flooder.heard.some(carries("again"));
		}
		const published = flooder.heard.filter((f) => f["type"] === "publish");
		expect(published.length).toBeLessThan(2_000);
	});

	it("charges an address for all its connections together", async () => {
		const relay = await openRelay({
			limits: { perAddress: { frames: 100, bytes: 1e9 }, refillMs: 1e9 },
		});
		const clients = await Promise.all(
			[1, 2, 3, 4].map(() => Client.open(relay.url)),
		);
		for (const client of clients)
			for (let i = 0; i < 30; i++) client.send({ type: "ping" });
		await Promise.any(clients.map((c) => c.hear(isError("slow-down"))));
		const pongs = clients.flatMap((c) => c.heard.filter(isPong));
		expect(pongs.length).toBeLessThanOrEqual(100);
	});

	it("charges an address for the bytes of all its connections together, and no other address", async () => {
		const relay = await openRelay({
			limits: { perAddress: { frames: 1e6, bytes: 100_000 }, refillMs: 1e9 },
		});
		const [a, b] = [await Client.open(relay.url), await Client.open(relay.url)];
		a.socket.send(frameOf(60_000));
		await a.settled();
		b.socket.send(frameOf(60_000));
		await b.hear(isError("slow-down"));
		const neighbour = await Client.open(`ws://127.0.0.1:${relay.port}`, {
			localAddress: "127.0.0.2",
		});
		neighbour.socket.send(frameOf(60_000));
		expect(await neighbour.settled()).toEqual([]);
	});

	it("charges a publisher for every copy", async () => {
		const relay = await openRelay({
			limits: { perConnection: { frames: 1e6, bytes: 40_000 }, refillMs: 1e9 },
		});
		const readers = await Promise.all(
			[1, 2, 3].map(() => Client.open(relay.url)),
		);
		for (const reader of readers)
			reader.send({ type: "subscribe", topics: ["x"] });
		await Promise.all(readers.map((reader) => reader.settled()));
		const publisher = await Client.open(relay.url);
		const frame = frameOf(9_000);
		publisher.socket.send(frame);
		publisher.socket.send(frame);
		await publisher.hear(isError("slow-down"));
		const copies = await Promise.all(readers.map((r) => r.settled()));
		expect(copies.map((heard) => heard.length)).toEqual([1, 1, 1]);
	});

	it("keep nobody waiting until they have been read", async () => {
		const relay = await openRelay();
		const good = await Client.open(relay.url);
		const flooder = await openIdle(relay.port, "127.0.0.2");
		const frame = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x7b]);
		// What fits one read of a socket; the ping lies in the other socket by the time this one is read.
		flooder.write(Buffer.concat(Array.from({ length: 8_000 }, () => frame)));
		await good.settled();
		expect(relay.hub.tally.framesIn).toBeLessThan(4_000);
		await expect.poll(() => relay.hub.tally.framesIn).toBe(8_001);
	});

	it("[R5] answers no protocol ping that was not paid for, and drops who does not read the answers", async () => {
		let waiting = 0;
		let dropped = 0;
		const hub = new Hub({ ...defaultLimits, bufferedBytes: 200 });
		const member = hub.admit("a", {
			send: () => undefined,
			buffered: () => waiting,
			drop: () => dropped++,
		});
		expect(member.reads(125)).toBe(true);
		waiting = 100;
		expect(member.reads(125)).toBe(false);
		expect(dropped).toBe(1);
		const relay = await openRelay({
			limits: { perConnection: { frames: 5, bytes: 1e6 }, refillMs: 1e9 },
		});
		const client = await Client.open(relay.url);
		let pongs = 0;
		client.socket.on("pong", () => pongs++);
		for (let i = 0; i < 10; i++) client.socket.ping();
		await client.hear(isError("slow-down"));
		expect(pongs).toBe(5);
	});

	it("charges protocol pings", async () => {
		const relay = await openRelay({
			limits: { perConnection: { frames: 5, bytes: 1e6 }, refillMs: 1e9 },
		});
		const client = await Client.open(relay.url);
		for (let i = 0; i < 10; i++) client.socket.ping();
		await client.hear(isError("slow-down"));
	});
});

describe("connections", () => {
	it("has room for so many an address, and for the next when one has gone", async () => {
		const relay = await openRelay({ limits: { connectionsPerAddress: 2 } });
		const first = await Client.open(relay.url);
		await Client.open(relay.url);
		await expect(Client.open(relay.url)).rejects.toThrow("429");
		const stream = await fetch(`${relay.url}/relay/sse`);
		expect(stream.status).toBe(429);
		first.socket.close();
		await first.closed;
		await expect.poll(() => relay.hub.kept.connections).toBe(1);
		await Client.open(relay.url);
	});

	it("has room for so many in all, from whichever address", async () => {
		const relay = await openRelay({ limits: { connections: 1 } });
		const url = `ws://127.0.0.1:${relay.port}`;
		await Client.open(url);
		await expect(
			Client.open(url, { localAddress: "127.0.0.2" }),
		).rejects.toThrow("429");
	});

	it("[R5] holds 1,000 idle ones of eight addresses, serves beside them, and forgets them", async () => {
		const relay = await openRelay();
		const sockets = await Promise.all(
			Array.from({ length: 1_000 }, (_, i) =>
				openIdle(relay.port, `127.0.1.${1 + (i % 8)}`),
			),
		);
		expect(relay.hub.kept).toMatchObject({ connections: 1_000, visitors: 8 });
		await expectService(relay);
		for (const socket of sockets) socket.destroy();
		await expect.poll(() => relay.hub.kept.connections).toBeLessThan(3);
	});

	it("ends TCP connections beyond those of an address", async () => {
		const relay = await openRelay({ limits: { socketsPerAddress: 3 } });
		const sockets = [1, 2, 3, 4, 5].map(() =>
			createConnection(relay.port, "127.0.0.1"),
		);
		onTestFinished(() => {
			for (const socket of sockets) socket.destroy();
		});
		const ends = sockets.map(
			(socket) => new Promise((resolve) => socket.once("close", resolve)),
		);
		await Promise.all(ends.slice(3));
		sockets[0]?.destroy();
		await ends[0];
		await expect
			.poll(() =>
				fetch(relay.url).then(
					(r) => r.status,
					() => 0,
				),
			)
			.toBe(404);
	});

	it("forgets addresses that have gone and owe nothing", async () => {
		const relay = await openRelay({ limits: { refillMs: 1 } });
		const client = await Client.open(relay.url);
		relay.hub.sweep();
		expect(relay.hub.kept.visitors).toBe(1);
		client.socket.terminate();
		await expect
			.poll(() => {
				relay.hub.sweep();
				return relay.hub.kept;
			})
			.toEqual({ connections: 0, topics: 0, visitors: 0 });
	});

	it("asks sockets whether they are there one after the other", async () => {
		const relay = await openRelay({ limits: { keepaliveMs: 1_000 } });
		const askedAt = await Promise.all(
			Array.from({ length: 20 }, async () => {
				const { socket } = await Client.open(relay.url);
				await new Promise((resolve) => socket.once("ping", resolve));
				return performance.now();
			}),
		);
		expect(Math.max(...askedAt) - Math.min(...askedAt)).toBeGreaterThan(300);
	});

	it("reaps a socket that does not answer, and keeps one that does", async () => {
		const relay = await openRelay({ limits: { keepaliveMs: 40 } });
		const alive = await Client.open(relay.url);
		const mute = new WebSocket(relay.url, { autoPong: false });
		const closed = new Promise((resolve) => mute.once("close", resolve));
		expect(await closed).toBe(1006);
		await alive.settled();
		expect(relay.hub.kept.connections).toBe(1);
	});

	it("ends a request whose body does not come to its end", async () => {
		const relay = await openRelay({ limits: { headersMs: 60, requestMs: 90 } });
		const socket = createConnection(relay.port, "127.0.0.1");
		const answer = new Promise((resolve) =>
			socket.once("data", (data) => resolve(String(data))),
		);
		socket.write(postHead(await openSession(relay), 100));
		socket.write("slow");
		expect(await answer).toContain("408 Request Timeout");
		socket.destroy();
		await expectService(relay);
	});

	it("ends a plain connection that says nothing", async () => {
		const relay = await openRelay({
			limits: { headersMs: 50 },
		});
		const socket = createConnection(relay.port, "127.0.0.1");
		await new Promise((resolve) => {
			socket.resume();
			socket.once("close", resolve);
		});
		await expectService(relay);
	});

	it("ends an answer that nobody reads", async () => {
		const folder = await temporaryFolder();
		await writeFile(join(folder, "large.bin"), Buffer.alloc(16_000_000));
		const relay = await openRelay({
			folder,
			limits: { idleMs: 500, socketsPerAddress: 1 },
		});
		const socket = createConnection(relay.port, "127.0.0.1");
		onTestFinished(() => {
			socket.destroy();
		});
		socket.on("error", () => undefined);
		socket.write("GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
		await new Promise((resolve) => socket.once("data", resolve));
		socket.pause();
		// While it lasts the address has no room for another.
		const status = () =>
			fetch(`http://127.0.0.1:${relay.port}`).then(
				(response) => response.status,
				() => 0,
			);
		expect(await status()).toBe(0);
		await expect.poll(status, { timeout: 10_000 }).toBe(404);
	});

	it("refuses a request whose head is larger than 16 KiB", async () => {
		const relay = await openRelay();
		const response = await fetch(relay.url, {
			headers: { "X-Large": "a".repeat(17 * 1024) },
		});
		expect(response.status).toBe(431);
		await expectService(relay);
	});

	it("stops reading a body that goes on and on", async () => {
		const relay = await openRelay();
		const socket = createConnection(relay.port, "127.0.0.1");
		const closed = new Promise<"closed">((resolve) => {
			socket.once("close", () => resolve("closed"));
			socket.on("error", () => resolve("closed"));
		});
		socket.resume();
		// Far more than the kernel's buffers take.
		const pieces = 1_000;
		socket.write(postHead(await openSession(relay), pieces * 65_536));
		let written = 0;
		let ended = false;
		while (!ended && written < pieces) {
			const taken = new Promise<"taken">((resolve) =>
				socket.write(Buffer.alloc(65_536, "a"), () => resolve("taken")),
			);
			ended = (await Promise.race([taken, closed])) === "closed";
			written++;
		}
		expect(written).toBeLessThan(pieces);
		expect(relay.hub.tally.refused["too-large"]).toBe(1);
		await expectService(relay);
	});

	it("ends a request that does not come to its end", async () => {
		const relay = await openRelay({ limits: { headersMs: 60 } });
		const socket = createConnection(relay.port, "127.0.0.1");
		socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
		const answer = await new Promise((resolve) =>
			socket.once("data", (data) => resolve(String(data))),
		);
		expect(answer).toContain("408 Request Timeout");
		socket.destroy();
	});
});

describe("slow readers", () => {
	it.each([
		["alone", 1, 0],
		["one of ten", 10, 1],
	])("[R5] share what may wait for all: %s", (_, members, drops) => {
		const hub = new Hub({
			...defaultLimits,
			bufferedBytes: 200,
			bufferedBytesInAll: 1_000,
		});
		let dropped = 0;
		const connect = (waiting: number) =>
			hub.admit("a", {
				send: () => undefined,
				buffered: () => waiting,
				drop: () => dropped++,
			});
		for (let i = 1; i < members; i++) connect(0);
		// 15 bytes come to these 90.
		connect(90).receive('{"type":"ping"}');
		expect([dropped, hub.tally.slowReaders]).toEqual([drops, drops]);
	});

	it("[R5] may always be sent one frame, however many there are", () => {
		const hub = new Hub({ ...defaultLimits, bufferedBytesInAll: 1 });
		const sent: string[] = [];
		hub
			.admit("a", {
				send: (frame) => sent.push(frame),
				buffered: () => 0,
				drop: () => undefined,
			})
			.receive('{"type":"ping"}');
		expect(sent).toEqual(['{"type":"pong"}']);
	});

	it("are dropped above 1 MiB, and the others hear everything", async () => {
		const relay = await openRelay({
			limits: {
				perConnection: { frames: 1e6, bytes: 1e12 },
				perAddress: { frames: 1e6, bytes: 1e12 },
			},
		});
		const [slow, good, publisher] = [
			await Client.open(relay.url),
			await Client.open(relay.url),
			await Client.open(relay.url),
		];
		for (const client of [slow, good])
			client.send({ type: "subscribe", topics: ["x"] });
		await Promise.all([slow.settled(), good.settled()]);
		slow.socket.pause();
		const frame = frameOf(60_000);
		let sent = 0;
		while (relay.hub.kept.connections === 3 && sent < 2_000) {
			publisher.socket.send(frame);
			sent++;
			await publisher.settled();
		}
		expect(relay.hub.kept.connections).toBe(2);
		const heard = await good.settled();
		expect(heard).toHaveLength(sent);
		slow.socket.resume();
		expect(await slow.closed).toBe(1006);
	});
});
