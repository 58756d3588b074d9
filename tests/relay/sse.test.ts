/** [B2] The relay without WebSocket: server-sent events and POST. */
import { createConnection } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Relay } from "../../relay/server.ts";
import { Client, carries, type Frame, openRelay } from "./harness.ts";

interface Event {
	readonly event: string;
	readonly data: string;
}

/** Reads an event stream as the HTML standard says, as far as this server uses it. */
class Stream {
	readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
	readonly #decoder = new TextDecoder();
	readonly #address: string;
	#text = "";
	session = "";

	private constructor(relay: Relay, body: ReadableStream<Uint8Array>) {
		this.#address = relay.url;
		this.#reader = body.getReader();
	}

	static async open(relay: Relay): Promise<Stream> {
		const abort = new AbortController();
		onTestFinished(() => abort.abort());
		const response = await fetch(`${relay.url}/relay/sse`, {
			signal: abort.signal,
		});
		expect(response.headers.get("content-type")).toContain("text/event-stream");
		if (response.body === null) throw new Error("no stream");
		const stream = new Stream(relay, response.body);
		const first = await stream.next();
		expect(first?.event).toBe("session");
		stream.session = first?.data ?? "";
		return stream;
	}

	/** The next event, comments left out; `undefined` at the end. */
	async next(): Promise<Event | undefined> {
		for (;;) {
			const end = this.#text.indexOf("\n\n");
			if (end >= 0) {
				const block = this.#text.slice(0, end);
				this.#text = this.#text.slice(end + 2);
				const field = (name: string) =>
					block.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
				const data = field("data");
				if (data === undefined) continue;
				return { event: field("event") ?? "message", data };
			}
			const { done, value } = await this.#reader.read();
			if (done) return undefined;
			this.#text += this.#decoder.decode(value, { stream: true });
		}
	}

	async frame(): Promise<Frame> {
		const event = await this.next();
		return JSON.parse(event?.data ?? "null");
	}

	post(body: string | Frame): Promise<Response> {
		return fetch(`${this.#address}/relay/send?session=${this.session}`, {
			method: "POST",
			body: typeof body === "string" ? body : JSON.stringify(body),
		});
	}

	close(): Promise<void> {
		return this.#reader.cancel();
	}
}

describe("the fallback", () => {
	it("carries frames between a stream and a WebSocket, both ways", async () => {
		const relay = await openRelay();
		const stream = await Stream.open(relay);
		const socket = await Client.open(relay.url);
		const topics = ["room"];
		expect((await stream.post({ type: "subscribe", topics })).status).toBe(204);
		socket.send({ type: "subscribe", topics });
		await socket.settled();
		socket.send({ type: "publish", topic: "room", data: "line\nend" });
		expect(await stream.frame()).toEqual({
			type: "publish",
			topic: "room",
			data: "line\nend",
			clients: 2,
		});
		await stream.post({ type: "publish", topic: "room", data: "back" });
		await socket.hear(carries("back"));
		await stream.post({ type: "ping" });
		expect(await stream.frame()).toMatchObject({ data: "back" });
		expect(await stream.frame()).toEqual({ type: "pong" });
	});

	it("leaves its topics when the stream ends, and its token is worth nothing then", async () => {
		const relay = await openRelay();
		const stream = await Stream.open(relay);
		await stream.post({ type: "subscribe", topics: ["room"] });
		expect(relay.hub.kept).toMatchObject({ connections: 1, topics: 1 });
		await stream.close();
		await expect
			.poll(() => relay.hub.kept)
			.toMatchObject({ connections: 0, topics: 0 });
		expect((await stream.post({ type: "ping" })).status).toBe(404);
	});

	it.each([
		["{", 400, "malformed"],
		["a".repeat(64 * 1024 + 1), 413, "too-large"],
	])(
		"refuses a bad frame with a status and an error event",
		async (body, status, code) => {
			const relay = await openRelay();
			const stream = await Stream.open(relay);
			const response = await stream.post(body);
			expect(response.status).toBe(status);
			expect(await stream.frame()).toMatchObject({ type: "error", code });
			expect((await stream.post({ type: "ping" })).status).toBe(204);
		},
	);

	it("takes a frame that comes in hundreds of pieces", async () => {
		const relay = await openRelay();
		const stream = await Stream.open(relay);
		const body = JSON.stringify({ type: "ping", padding: "x".repeat(300) });
		const socket = createConnection(relay.port, "127.0.0.1");
		onTestFinished(() => {
			socket.destroy();
		});
		socket.write(
			`POST /relay/send?session=${stream.session} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`,
		);
		for (const letter of body) socket.write(`1\r\n${letter}\r\n`);
		socket.write("0\r\n\r\n");
		expect(await stream.frame()).toEqual({ type: "pong" });
	});

	it("is charged like a socket", async () => {
		const relay = await openRelay({
			limits: { perConnection: { frames: 2, bytes: 1e6 }, refillMs: 1e9 },
		});
		const stream = await Stream.open(relay);
		const statuses: number[] = [];
		for (let i = 0; i < 3; i++)
			statuses.push((await stream.post({ type: "ping" })).status);
		expect(statuses).toEqual([204, 204, 429]);
	});

	it.each([
		["GET", "/relay/send?session=x", 405],
		["POST", "/relay/send?session=x", 404],
		["POST", "/relay/send", 404],
		["POST", "/relay/sse", 405],
		["GET", "/relay", 426],
	])("answers %s %s with %i", async (method, path, status) => {
		const relay = await openRelay();
		const response = await fetch(relay.url + path, { method });
		expect(response.status).toBe(status);
	});

	it("opens no stream for pages of other origins", async () => {
		const relay = await openRelay();
		const response = await fetch(`${relay.url}/relay/sse`, {
			headers: { Origin: "https://example.org" },
		});
		expect(response.status).toBe(403);
	});

	it("ends a stream whose client has fallen silent", async () => {
		const relay = await openRelay({
			limits: { keepaliveMs: 30, streamSilenceMs: 20 },
		});
		const stream = await Stream.open(relay);
		await expect(stream.next()).rejects.toThrow("terminated");
		await expect.poll(() => relay.hub.kept.connections).toBe(0);
	});

	it("drops a stream that is not read", async () => {
		const plenty = { frames: 1e6, bytes: 1e12 };
		const relay = await openRelay({
			limits: { perConnection: plenty, perAddress: plenty },
		});
		const socket = createConnection(relay.port, "127.0.0.1");
		onTestFinished(() => {
			socket.destroy();
		});
		socket.write("GET /relay/sse HTTP/1.1\r\nHost: localhost\r\n\r\n");
		const head = await new Promise<string>((resolve) => {
			let text = "";
			socket.on("data", (data) => {
				text += String(data);
				if (/^data: \S+$/m.test(text)) resolve(text);
			});
		});
		socket.pause();
		const session = head.match(/^data: (\S+)$/m)?.[1] ?? "";
		const send = (frame: Frame) =>
			fetch(`${relay.url}/relay/send?session=${session}`, {
				method: "POST",
				body: JSON.stringify(frame),
			});
		await send({ type: "subscribe", topics: ["x"] });
		const publisher = await Client.open(relay.url);
		const frame = { type: "publish", topic: "x", data: "a".repeat(60_000) };
		for (let i = 0; i < 2_000 && relay.hub.kept.connections === 2; i++) {
			publisher.send(frame);
			await publisher.settled();
		}
		expect(relay.hub.kept.connections).toBe(1);
	});

	it("ends its streams when the relay stops", async () => {
		const relay = await openRelay();
		const stream = await Stream.open(relay);
		await relay.close();
		expect(await stream.next()).toMatchObject({ event: "restart" });
		expect(await stream.next()).toBeUndefined();
	});
});
