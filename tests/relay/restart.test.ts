/** [R6] A relay that is restarted: what it tells those who are here, what it still answers, and how they come back. */
import { writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { startRelay } from "../../relay/server.ts";
import { createRelayClient } from "../../src/platform/relay-client.ts";
import type { Clock } from "../../src/wire/clock.ts";
import {
	RELAY_RESTART_SPREAD_MS,
	RELAY_RETRY_BASE_MS,
} from "../../src/wire/constants.ts";
import { Client, openRelay, temporaryFolder } from "./harness.ts";

describe("[R6] a relay that ends", () => {
	it("takes nobody more, says that it restarts, and ends its answers whole", async () => {
		const folder = await temporaryFolder();
		await writeFile(join(folder, "large.bin"), Buffer.alloc(8_000_000, 7));
		const relay = await openRelay({ folder });
		const client = await Client.open(relay.url);
		const answer = await fetch(`${relay.url}/large.bin`);
		const closing = relay.close();
		expect(await client.closed).toBe(1012);
		await expect(Client.open(relay.url)).rejects.toThrow("ECONNREFUSED");
		expect(await answer.arrayBuffer()).toHaveProperty("byteLength", 8_000_000);
		await closing;
	});

	it("refuses upgrades on connections that are still open", async () => {
		const relay = await openRelay();
		const socket = createConnection(relay.port, "127.0.0.1");
		const answer = new Promise((resolve) =>
			socket.once("data", (data) => resolve(String(data))),
		);
		await new Promise<void>((resolve) =>
			socket.write("GET /relay HTTP/1.1\r\n", () => resolve()),
		);
		// The relay has read the half of it once it has answered somebody who came later.
		await (await Client.open(relay.url)).settled();
		const closing = relay.close();
		socket.write(
			"Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		);
		expect(await answer).toContain("503 Service Unavailable");
		await closing;
	});

	it("does not wait for those who neither answer nor read", async () => {
		const relay = await openRelay();
		const [mute, half] = [
			await Client.open(relay.url),
			createConnection(relay.port, "127.0.0.1"),
		];
		half.on("error", () => undefined);
		mute.socket.pause();
		await new Promise<void>((resolve) =>
			half.write("GET / HTTP/1.1\r\nHost: ", () => resolve()),
		);
		// The test's own patience is the bound.
		await relay.close();
		mute.socket.resume();
		await mute.closed;
		half.destroy();
	});
});

/** A clock that runs only what is asked for; it keeps how long each task was to wait. */
function handClock() {
	const tasks: { ms: number; task: () => void }[] = [];
	const clock: Clock = {
		now: () => 0,
		wall: () => 0,
		after(ms, task) {
			tasks.push({ ms, task });
			return () => undefined;
		},
	};
	return { clock, tasks };
}

/** A browser's socket: one that cannot connect says so by closing, and throws nowhere. */
class QuietSocket extends WebSocket {
	constructor(url: URL) {
		super(url);
		this.on("error", () => undefined);
	}
}

const chance = (fraction: number) => ({
	bytes: (length: number) => new Uint8Array(length),
	fraction: () => fraction,
});

describe("[R6] pages come back", () => {
	beforeEach(() => {
		vi.stubGlobal("WebSocket", QuietSocket);
	});
	afterEach(() => {
		vi.unstubAllGlobals();
	});

	it.each([0, 0.5, 0.999])(
		"at a moment of their own within the spread (chance %d), and hear their topics again",
		async (fraction) => {
			const relay = await openRelay();
			const { clock, tasks } = handClock();
			const client = createRelayClient(
				`http://127.0.0.1:${relay.port}/`,
				clock,
				chance(fraction),
			);
			const heard: Uint8Array[] = [];
			client.subscribe("topic", (_, sealed) => heard.push(sealed));
			await expect.poll(() => client.state).toBe("connected");
			await relay.close();
			await expect.poll(() => tasks).toHaveLength(1);
			expect(tasks[0]?.ms).toBe(
				RELAY_RETRY_BASE_MS / 2 + fraction * RELAY_RESTART_SPREAD_MS,
			);
			const again = await startRelay({
				port: relay.port,
				folder: await temporaryFolder(),
			});
			tasks[0]?.task();
			await expect.poll(() => client.state).toBe("connected");
			await expect.poll(() => again.hub.kept.topics).toBe(1);
			client.publish("topic", "me", Uint8Array.of(1, 2));
			await expect.poll(() => heard).toEqual([Uint8Array.of(1, 2)]);
			client.close();
			await again.close();
		},
	);

	it("by the socket, once that has worked, however often the relay was not there", async () => {
		const events = vi.fn(() => {
			throw new Error("the fallback was tried");
		});
		vi.stubGlobal("EventSource", events);
		const relay = await openRelay();
		const { clock, tasks } = handClock();
		const client = createRelayClient(
			`http://127.0.0.1:${relay.port}/`,
			clock,
			chance(0),
		);
		await expect.poll(() => client.state).toBe("connected");
		await relay.close();
		for (let tries = 1; tries <= 4; tries++) {
			await expect.poll(() => tasks).toHaveLength(tries);
			tasks.at(-1)?.task();
		}
		await expect.poll(() => tasks).toHaveLength(5);
		expect(events).not.toHaveBeenCalled();
		client.close();
	});
});
