/** The protocol over real sockets, as y-webrtc's own server speaks it. */
import { describe, expect, it } from "vitest";
import { Client, carries, isPong, openRelay } from "./harness.ts";

describe("WebSocket", () => {
	it.each(["/relay", "/", "/any/room?x=1"])("listens on %s", async (path) => {
		const relay = await openRelay();
		const client = await Client.open(relay.url + path);
		client.send({ type: "ping" });
		expect(await client.hear(isPong)).toEqual({ type: "pong" });
	});

	it("forwards what is published, unknown members included, with the number of clients", async () => {
		const relay = await openRelay();
		const [a, b, c] = await Promise.all(
			[1, 2, 3].map(() => Client.open(relay.url)),
		);
		if (!a || !b || !c) throw new Error("three clients");
		a.send({ type: "subscribe", topics: ["room"] });
		b.send({ type: "subscribe", topics: ["room", "other"] });
		await Promise.all([a.settled(), b.settled()]);
		const frame = {
			type: "publish",
			topic: "room",
			data: { from: "c", to: "b", signal: { sdp: "…" } },
			extra: [1, null],
		};
		c.send(frame);
		await c.settled();
		expect(await a.settled()).toEqual([{ ...frame, clients: 2 }]);
		expect(await b.settled()).toEqual([{ ...frame, clients: 2 }]);
		expect(await c.settled()).toEqual([]);
	});

	it("takes binary frames as text, as y-webrtc's server does", async () => {
		const relay = await openRelay();
		const client = await Client.open(relay.url);
		client.socket.send(Buffer.from('{"type":"ping"}'));
		await client.hear(isPong);
	});

	it("forgets those who unsubscribe and those who go", async () => {
		const relay = await openRelay();
		const [a, b] = [await Client.open(relay.url), await Client.open(relay.url)];
		for (const client of [a, b])
			client.send({ type: "subscribe", topics: ["room"] });
		await Promise.all([a.settled(), b.settled()]);
		b.send({ type: "unsubscribe", topics: ["room"] });
		await b.settled();
		a.send({ type: "publish", topic: "room", data: 1 });
		expect(await a.hear(carries(1))).toMatchObject({ clients: 1 });
		a.socket.close();
		expect(await a.closed).toBe(1005);
		await b.settled();
		expect(relay.hub.kept).toMatchObject({ connections: 1, topics: 0 });
	});

	it("says goodbye when it stops", async () => {
		const relay = await openRelay();
		const client = await Client.open(relay.url);
		await relay.close();
		expect(await client.closed).toBe(1012);
		await expect(Client.open(relay.url)).rejects.toThrow("ECONNREFUSED");
	});
});

describe("who may connect", () => {
	it.each([
		["a page of the same host", "http://localhost:5173", "/"],
		["a page of this computer", "http://127.0.0.1:9999", "/"],
		["a program", undefined, "/"],
	])("lets in %s", async (_, origin, path) => {
		const relay = await openRelay();
		const client = await Client.open(relay.url + path, {
			headers: origin === undefined ? {} : { Origin: origin },
		});
		await client.settled();
	});

	it.each([
		"https://example.org",
		"null",
		"http://localhost.example.org",
		"http://192.168.1.1",
	])(
		"refuses a page of %s, which would use up this computer's allowance",
		async (origin) => {
			const relay = await openRelay();
			await expect(
				Client.open(relay.url, { headers: { Origin: origin } }),
			).rejects.toThrow("403");
		},
	);
});
