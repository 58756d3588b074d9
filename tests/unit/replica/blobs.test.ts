/** Bodies travel by hash, from whoever has them (S12). */
import { sha256 } from "@noble/hashes/sha2.js";
import { beforeEach, describe, expect, it } from "vitest";
import {
	decodeBlobMessage,
	encodeBlobMessage,
} from "../../../src/replica/blob-messages.ts";
import { type Blobs, createBlobs } from "../../../src/replica/blobs.ts";
import { createMemoryBlobStore } from "../../../src/replica/memory-store.ts";
import type { BlobStore } from "../../../src/replica/store.ts";
import { equalBytes, toHex } from "../../../src/wire/bytes.ts";
import {
	BLOB_PIECE_BYTES,
	BLOB_STALL_MS,
} from "../../../src/wire/constants.ts";
import { ShoalError } from "../../../src/wire/error.ts";
import { VirtualClock } from "../../sim/world/clock.ts";
import { seededRandom } from "../../sim/world/random.ts";

interface Node {
	readonly name: string;
	readonly blobs: Blobs;
	readonly store: BlobStore;
}
interface Said {
	readonly from: string;
	readonly to: string;
	readonly kind: string;
}

let clock: VirtualClock;
let nodes: Map<string, Node>;
let said: Said[];
/** Changes a message on its way; `undefined` loses it. */
let meddle: (
	from: string,
	to: string,
	bytes: Uint8Array,
) => Uint8Array | undefined;

function node(name: string, store = createMemoryBlobStore()): Node {
	const blobs = createBlobs({
		store,
		clock,
		random: seededRandom(3),
		peers: () => [...nodes.keys()].filter((other) => other !== name),
		async send(to, bytes) {
			const target = nodes.get(to);
			if (target === undefined) throw new ShoalError("link-lost", "gone");
			said.push({ from: name, to, kind: decodeBlobMessage(bytes).kind });
			const arrived = meddle(name, to, bytes);
			if (arrived !== undefined)
				clock.after(1, () => target.blobs.receive(name, arrived));
			await new Promise<void>((resolve) => clock.after(2, resolve));
		},
	});
	const made = { name, blobs, store };
	nodes.set(name, made);
	return made;
}

function cut(name: string): void {
	nodes.delete(name);
	for (const { blobs } of nodes.values()) blobs.linkDown(name);
}

const body = (size: number): Uint8Array =>
	Uint8Array.from({ length: size }, (_, at) => (at * 31) & 0xff);

beforeEach(() => {
	clock = new VirtualClock();
	nodes = new Map();
	said = [];
	meddle = (_from, _to, bytes) => bytes;
});

describe("getting", () => {
	it("[S12] fetches in pieces, checks the hash, and stores", async () => {
		const [a, b] = [node("a"), node("b")];
		const bytes = body(2 * BLOB_PIECE_BYTES + 17);
		const id = await a.blobs.add(bytes);
		expect(id).toBe(toHex(sha256(bytes)));
		const got = b.blobs.get(id);
		await clock.run(100);
		expect(equalBytes(await got, bytes)).toBe(true);
		expect(await b.blobs.has(id)).toBe(true);
		expect(said.map(({ kind }) => kind)).toEqual([
			"ask",
			"piece",
			"piece",
			"piece",
		]);
		said = [];
		expect(equalBytes(await b.blobs.get(id), bytes)).toBe(true);
		expect(said).toEqual([]);
	});

	it("[S12] fetches once for all who want it", async () => {
		const [a, b] = [node("a"), node("b")];
		const id = await a.blobs.add(body(10));
		const gets = [b.blobs.get(id), b.blobs.get(id), b.blobs.get(id)];
		await clock.run(100);
		expect(await Promise.all(gets)).toEqual([body(10), body(10), body(10)]);
		expect(said.filter(({ kind }) => kind === "ask")).toHaveLength(1);
	});

	it("fetches an empty body, and one of exactly a piece", async () => {
		const [a, b] = [node("a"), node("b")];
		for (const size of [0, BLOB_PIECE_BYTES]) {
			const id = await a.blobs.add(body(size));
			const got = b.blobs.get(id);
			await clock.run(100);
			expect(equalBytes(await got, body(size))).toBe(true);
		}
	});

	it("[S12] asks the peers that were named first, then the others", async () => {
		const [, b, c] = [node("a"), node("b"), node("c")];
		const id = await b.blobs.add(body(10));
		const got = c.blobs.get(id, { from: ["gone", "a"] });
		await clock.run(100);
		expect(await got).toEqual(body(10));
		const asked = said.filter(({ kind }) => kind === "ask");
		expect(asked.map(({ to }) => to)).toEqual(["a", "b"]);
	});

	it("rejects with not-available when nobody has it", async () => {
		const [a] = [node("a"), node("b"), node("c")];
		const got = a.blobs.get("00".repeat(32)).catch((e) => e.code);
		await clock.run(100);
		expect(await got).toBe("not-available");
		cut("b");
		cut("c");
		await expect(a.blobs.get("00".repeat(32))).rejects.toMatchObject({
			code: "not-available",
		});
		await expect(a.blobs.get("../etc")).rejects.toMatchObject({
			code: "bad-input",
		});
	});

	it("[S12] takes it from another peer when one sends something else", async () => {
		const [a, b, c] = [node("a"), node("b"), node("c")];
		const id = await a.blobs.add(body(100));
		await b.blobs.add(body(100));
		meddle = (from, _to, bytes) => {
			const message = decodeBlobMessage(bytes);
			return from === "a" && message.kind === "piece"
				? encodeBlobMessage({ ...message, bytes: new Uint8Array(100) })
				: bytes;
		};
		const got = c.blobs.get(id, { from: ["a"] });
		await clock.run(100);
		expect(await got).toEqual(body(100));
		expect(await c.store.get(id)).toEqual(body(100));
	});

	it("[S12] takes it from another peer when one falls silent or goes away", async () => {
		const [a, b, c] = [node("a"), node("b"), node("c")];
		const id = await a.blobs.add(body(100));
		await b.blobs.add(body(100));
		meddle = (from, _to, bytes) => (from === "a" ? undefined : bytes);
		const silent = c.blobs.get(id, { from: ["a"] });
		await clock.run(BLOB_STALL_MS - 1);
		expect(await c.blobs.has(id)).toBe(false);
		await clock.run(100);
		expect(await silent).toEqual(body(100));
		await c.store.delete(id);
		const left = c.blobs.get(id, { from: ["a"] });
		await clock.run(5);
		cut("a");
		await clock.run(100);
		expect(await left).toEqual(body(100));
	});

	it("refuses pieces in crumbs, out of order, and of nobody it asked", async () => {
		const [a, b] = [node("a"), node("b")];
		const id = await a.blobs.add(body(100));
		const crumb = (offset: number, length: number) =>
			encodeBlobMessage({
				kind: "piece",
				id,
				size: 100,
				offset,
				bytes: body(length),
			});
		for (const bytes of [crumb(0, 1), crumb(50, 50), new Uint8Array(9)]) {
			meddle = (from, _to, sent) =>
				from === "a" && decodeBlobMessage(sent).kind === "piece" ? bytes : sent;
			const got = b.blobs.get(id).catch((e) => e.code);
			b.blobs.receive("nobody", crumb(0, 100));
			await clock.run(BLOB_STALL_MS + 100);
			expect(await got).toBe("not-available");
			expect(await b.blobs.has(id)).toBe(false);
		}
	});

	it("stops the sender when everybody who wanted it has left", async () => {
		const [a, b] = [node("a"), node("b")];
		const id = await a.blobs.add(body(20 * BLOB_PIECE_BYTES));
		const one = new AbortController();
		const two = new AbortController();
		const gets = [one, two].map(({ signal }) =>
			b.blobs.get(id, { signal }).catch((e) => e.code),
		);
		await clock.run(8);
		one.abort();
		await clock.run(4);
		two.abort();
		await clock.run(500);
		expect(await Promise.all(gets)).toEqual(["aborted", "aborted"]);
		expect(said.filter(({ kind }) => kind === "piece").length).toBeLessThan(12);
		await expect(
			b.blobs.get(id, { signal: AbortSignal.abort() }),
		).rejects.toMatchObject({ code: "aborted" });
	});
});

describe("offering", () => {
	it("[S12] puts a copy on another device", async () => {
		const [a, b] = [node("a"), node("b")];
		const id = await a.blobs.add(body(3 * BLOB_PIECE_BYTES));
		const offer = a.blobs.offer(id, "b");
		await clock.run(100);
		await offer;
		const kept = await b.blobs.get(id);
		expect(equalBytes(kept, body(3 * BLOB_PIECE_BYTES))).toBe(true);
		said = [];
		const again = a.blobs.offer(id, "b");
		await clock.run(100);
		await again;
		expect(said.map(({ kind }) => kind)).toEqual(["offer", "kept"]);
	});

	it("[S12] keeps every one of many bodies offered at once", async () => {
		const [a] = [node("a"), node("b")];
		const ids = await Promise.all(
			Array.from({ length: 100 }, (_, i) =>
				a.blobs.add(new Uint8Array([i, i])),
			),
		);
		const offers = Promise.all(ids.map((id) => a.blobs.offer(id, "b")));
		await clock.run(1000);
		expect(await offers).toHaveLength(100);
	});

	it("[S12] does not say kept where it could not be stored", async () => {
		const a = node("a");
		node("b", {
			...createMemoryBlobStore(),
			put: () => Promise.reject(new ShoalError("not-saved", "full")),
		});
		const id = await a.blobs.add(body(10));
		const offer = a.blobs.offer(id, "b").catch((e) => e.code);
		await clock.run(3 * BLOB_STALL_MS);
		expect(await offer).toBe("timeout");
	});

	it("rejects when the other device goes away, or the body is not here", async () => {
		const a = node("a");
		node("b");
		const id = await a.blobs.add(body(10));
		meddle = () => undefined;
		const offer = a.blobs.offer(id, "b").catch((e) => e.code);
		await clock.run(10);
		cut("b");
		expect(await offer).toBe("link-lost");
		const gone = a.blobs.offer(id, "b").catch((e) => e.code);
		expect(await gone).toBe("link-lost");
		await expect(a.blobs.offer("00".repeat(32), "b")).rejects.toMatchObject({
			code: "not-available",
		});
	});
});
