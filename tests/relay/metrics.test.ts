/** [R7] What the relay counts, and whom it tells. */
import { request } from "node:http";
import { get } from "node:https";
import { describe, expect, it } from "vitest";
import { lanAddresses } from "../../relay/addresses.ts";
import { isFromHere } from "../../relay/metrics.ts";
import type { Relay } from "../../relay/server.ts";
import {
	Client,
	carries,
	isError,
	openRelay,
	temporaryFolder,
} from "./harness.ts";

async function read(relay: Relay): Promise<ReadonlyMap<string, number>> {
	const response = await fetch(`${relay.url}/relay/metrics`);
	expect(response.headers.get("content-type")).toContain("version=0.0.4");
	const lines = (await response.text()).trimEnd().split("\n");
	return new Map(
		lines
			.filter((line) => !line.startsWith("#"))
			.map((line) => {
				const at = line.lastIndexOf(" ");
				return [line.slice(0, at), Number(line.slice(at + 1))];
			}),
	);
}

function statusWith(
	url: string,
	headers: Readonly<Record<string, string>>,
): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		request(url, { headers, agent: false }, (response) => {
			response.resume();
			resolve(response.statusCode);
		})
			.on("error", reject)
			.end();
	});
}

describe("[R7] metrics", () => {
	it("count connections, topics, frames, bytes and what was refused, by reason", async () => {
		const relay = await openRelay({
			limits: { connectionsPerAddress: 2, refusalMs: 0 },
		});
		const [a, b] = [await Client.open(relay.url), await Client.open(relay.url)];
		await expect(Client.open(relay.url)).rejects.toThrow("429");
		a.send({ type: "subscribe", topics: ["x"] });
		await a.settled();
		b.send({ type: "publish", topic: "x", data: "works" });
		await a.hear(carries("works"));
		b.socket.send("{");
		await b.hear(isError("malformed"));
		const before = await read(relay);
		expect(Object.fromEntries(before)).toMatchObject({
			shoal_relay_connections: 2,
			shoal_relay_topics: 1,
			shoal_relay_visitors: 1,
			'shoal_relay_frames_total{direction="in"}': 4,
			// A pong, a copy, an error.
			'shoal_relay_frames_total{direction="out"}': 3,
			'shoal_relay_refused_total{reason="malformed"}': 1,
			'shoal_relay_refused_total{reason="full"}': 1,
			'shoal_relay_refused_total{reason="slow-down"}': 0,
			shoal_relay_slow_readers_dropped_total: 0,
		});
		expect(
			before.get('shoal_relay_bytes_total{direction="in"}'),
		).toBeGreaterThan(60);
		b.socket.send("x".repeat(64 * 1024 + 1));
		expect(await b.closed).toBe(1009);
		const after = await read(relay);
		expect(after.get('shoal_relay_refused_total{reason="too-large"}')).toBe(1);
	});

	it("are text that a Prometheus reads: every sample under a family with help and type", async () => {
		const relay = await openRelay();
		const text = await (await fetch(`${relay.url}/relay/metrics`)).text();
		expect(text.endsWith("\n")).toBe(true);
		let family = "";
		for (const line of text.trimEnd().split("\n")) {
			const help = line.match(/^# HELP ([a-z_]+) \S.*$/);
			const type = line.match(/^# TYPE ([a-z_]+) (counter|gauge)$/);
			const sample = line.match(/^([a-z_]+)(\{[a-z]+="[a-z-]+"\})? \d+$/);
			if (help !== null) family = help[1] ?? "";
			else expect((type ?? sample)?.[1], line).toBe(family);
		}
	});

	it.each([
		["Forwarded", "for=192.0.2.1"],
		["X-Forwarded-For", "127.0.0.1"],
		["X-Forwarded-Proto", "https"],
		["X-Real-IP", "127.0.0.1"],
		["Via", "1.1 proxy"],
		["CF-Connecting-IP", "192.0.2.1"],
		["Host", "rebound.example"],
	])(
		"are refused where %s says that somebody else asks",
		async (name, value) => {
			const relay = await openRelay();
			const url = `http://127.0.0.1:${relay.port}/relay/metrics`;
			expect(await statusWith(url, {})).toBe(200);
			expect(await statusWith(url, { [name]: value })).toBe(403);
		},
	);

	it.each([
		["127.0.0.1", "localhost:8787", true],
		["127.9.9.9", "127.0.0.1:8787", true],
		["::1", "[::1]:8787", true],
		["::ffff:127.0.0.1", "localhost", true],
		["192.168.1.5", "localhost:8787", false],
		["::ffff:192.168.1.5", "localhost", false],
		["fe80::1", "localhost", false],
		["::", "localhost", false],
		["127.0.0.1", "192.168.1.5:8788", false],
		["127.0.0.1", undefined, false],
		[undefined, "localhost", false],
	])("for %s at %s: %s", (address, host, allowed) => {
		expect(isFromHere(address, host === undefined ? {} : { host })).toBe(
			allowed,
		);
	});

	it.skipIf(lanAddresses().length === 0)(
		"are not told over the network, not even to this computer",
		async () => {
			const [host = ""] = lanAddresses();
			const relay = await openRelay({
				lan: { port: 0, hosts: [host], dataFolder: await temporaryFolder() },
			});
			const [address = ""] = relay.addresses();
			const status = new Promise((resolve, reject) => {
				get(
					`${address}/relay/metrics`,
					{ ca: relay.authority, agent: false },
					(response) => {
						response.resume();
						resolve(response.statusCode);
					},
				).on("error", reject);
			});
			expect(await status).toBe(403);
		},
	);
});
