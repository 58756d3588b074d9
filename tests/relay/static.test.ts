/** The page's server: headers, caching, compression, and paths that must lead nowhere. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createConnection } from "node:net";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Relay } from "../../relay/server.ts";
import { openRelay, temporaryFolder } from "./harness.ts";

const script = "console.log('shoal');\n".repeat(500);

async function openSite(): Promise<{ relay: Relay; folder: string }> {
	const outside = await temporaryFolder();
	const folder = join(outside, "dist");
	await mkdir(join(folder, "assets"), { recursive: true });
	await writeFile(join(outside, "secret.txt"), "secret");
	await writeFile(
		join(folder, "index.html"),
		"<!doctype html><title>x</title>",
	);
	await writeFile(join(folder, "sw.js"), "// worker");
	await writeFile(join(folder, "manifest.webmanifest"), "{}");
	await writeFile(join(folder, ".built-from"), "hash");
	await writeFile(join(folder, "assets", "main-abc123.js"), script);
	await writeFile(join(folder, "assets", "icon.png"), Buffer.alloc(9, 255));
	await symlink(join(outside, "secret.txt"), join(folder, "link.txt"));
	return { relay: await openRelay({ folder }), folder };
}

interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: Buffer;
}

/** Without what `fetch` does by itself: no decoding, no cache, the path as it is. */
function get(
	relay: Relay,
	path: string,
	headers: Record<string, string> = {},
	method = "GET",
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const { port } = relay;
		const sent = request(
			{ host: "127.0.0.1", port, path, headers, method },
			(response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => chunks.push(chunk));
				response.on("end", () =>
					resolve({
						status: response.statusCode ?? 0,
						headers: response.headers,
						body: Buffer.concat(chunks),
					}),
				);
			},
		);
		sent.on("error", reject);
		sent.end();
	});
}

describe("[X2] the policy", () => {
	it.each([
		["/", 200],
		["/assets/main-abc123.js", 200],
		["/nothing", 404],
		["/relay/info", 200],
		["/relay", 426],
	])("comes with %s", async (path, expected) => {
		const { relay } = await openSite();
		const { status, headers } = await get(relay, path);
		expect(status).toBe(expected);
		const policy = String(headers["content-security-policy"]).split("; ");
		expect(policy).toEqual(
			expect.arrayContaining([
				"default-src 'none'",
				"script-src 'self'",
				"style-src 'self'",
				"connect-src 'self'",
				"base-uri 'none'",
				"form-action 'none'",
				"frame-ancestors 'none'",
				"require-trusted-types-for 'script'",
				"trusted-types default",
			]),
		);
		expect(policy.join()).not.toMatch(/unsafe|https?:|\*/);
		expect(headers).toMatchObject({
			"x-content-type-options": "nosniff",
			"referrer-policy": "no-referrer",
			"cross-origin-opener-policy": "same-origin",
			"cross-origin-resource-policy": "same-origin",
		});
		expect(headers["permissions-policy"]).toContain("microphone=()");
		expect(headers["access-control-allow-origin"]).toBeUndefined();
	});
});

describe("caching", () => {
	it("[L7] lets hashed assets be kept for ever", async () => {
		const { relay } = await openSite();
		const { headers } = await get(relay, "/assets/main-abc123.js");
		expect(headers["cache-control"]).toBe(
			"public, max-age=31536000, immutable",
		);
		expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
	});

	it.each([
		["/", "text/html; charset=utf-8"],
		["/index.html", "text/html; charset=utf-8"],
		["/sw.js", "text/javascript; charset=utf-8"],
		["/manifest.webmanifest", "application/manifest+json; charset=utf-8"],
	])(
		"has %s asked for again, and answers 304 when it has not changed",
		async (path, type) => {
			const { relay } = await openSite();
			const first = await get(relay, path);
			expect(first.headers["cache-control"]).toBe("no-cache");
			expect(first.headers["content-type"]).toBe(type);
			const again = await get(relay, path, {
				"If-None-Match": `"other", ${first.headers["etag"]}`,
			});
			expect(again.status).toBe(304);
			expect(again.body).toHaveLength(0);
		},
	);

	it("serves a rebuilt page without a restart", async () => {
		const { relay, folder } = await openSite();
		const before = await get(relay, "/");
		await writeFile(join(folder, "index.html"), "<!doctype html>changed");
		const after = await get(relay, "/", {
			"If-None-Match": String(before.headers["etag"]),
		});
		expect(String(after.body)).toBe("<!doctype html>changed");
	});
});

describe("compression", () => {
	it.each([
		["br, gzip", "br", brotliDecompressSync],
		["gzip", "gzip", gunzipSync],
		["br;q=0, gzip;q=0.5", "gzip", gunzipSync],
		["identity", undefined, (body: Buffer) => body],
	])("of a script, when asked with %j", async (accepted, encoding, decode) => {
		const { relay } = await openSite();
		const headers = { "Accept-Encoding": accepted };
		for (const _ of ["made", "kept"]) {
			const answer = await get(relay, "/assets/main-abc123.js", headers);
			expect(answer.headers["content-encoding"]).toBe(encoding);
			expect(answer.headers["vary"]).toBe("Accept-Encoding");
			expect(answer.headers["content-length"]).toBe(String(answer.body.length));
			expect(String(decode(answer.body))).toBe(script);
		}
	});

	it("leaves pictures as they are", async () => {
		const { relay } = await openSite();
		const { headers } = await get(relay, "/assets/icon.png", {
			"Accept-Encoding": "br",
		});
		expect(headers["content-encoding"]).toBeUndefined();
	});
});

describe("methods", () => {
	it("answers HEAD like GET, without the body", async () => {
		const { relay } = await openSite();
		const { status, headers, body } = await get(relay, "/", {}, "HEAD");
		expect(status).toBe(200);
		expect(Number(headers["content-length"])).toBeGreaterThan(0);
		expect(body).toHaveLength(0);
	});

	it.each(["POST", "PUT", "DELETE", "OPTIONS"])(
		"refuses %s",
		async (method) => {
			const { relay } = await openSite();
			const { status, headers } = await get(relay, "/", {}, method);
			expect(status).toBe(405);
			expect(headers["allow"]).toBe("GET, HEAD");
		},
	);
});

describe("paths", () => {
	it.each([
		"/../secret.txt",
		"/assets/../../secret.txt",
		"/%2e%2e/secret.txt",
		"/..%2fsecret.txt",
		"/..%5csecret.txt",
		"/%252e%252e/secret.txt",
		"//secret.txt",
		"/assets//../../secret.txt",
		"/link.txt",
		"/.built-from",
		"/index.html%00.js",
		"/index.html/",
		"/assets",
		"/assets/",
		"/%",
		"/\u00ff",
		`/${"a".repeat(5_000)}`,
	])("%s leads nowhere", async (path) => {
		const { relay } = await openSite();
		const answer = await raw(relay, `GET ${path} HTTP/1.1`);
		expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
		expect(answer).not.toContain("secret\n");
		expect(answer).not.toMatch(/\r\n\r\nsecret/);
	});

	it.each([
		"GET http://elsewhere/ HTTP/1.1",
		"OPTIONS * HTTP/1.1",
		"GET x HTTP/1.1",
		"CONNECT localhost:80 HTTP/1.1",
		"NONSENSE",
	])("%s is refused", async (line) => {
		const { relay } = await openSite();
		expect(await raw(relay, line)).toMatch(/^(HTTP\/1\.1 40[05] |$)/);
		expect((await get(relay, "/")).status).toBe(200);
	});

	it("is 404 where there is no page yet", async () => {
		const folder = join(await temporaryFolder(), "dist");
		const relay = await openRelay({ folder });
		expect((await get(relay, "/")).status).toBe(404);
		await mkdir(folder);
		await writeFile(join(folder, "index.html"), "built");
		expect((await get(relay, "/")).status).toBe(200);
	});
});

describe("/relay/info", () => {
	it("says that no other device can open the page without --lan", async () => {
		const relay = await openRelay({ version: "1.2.3" });
		const { headers, body } = await get(relay, "/relay/info");
		expect(JSON.parse(String(body))).toEqual({
			addresses: [],
			lan: false,
			version: "1.2.3",
		});
		expect(headers["cache-control"]).toBe("no-store");
		expect((await get(relay, "/ca.crt")).status).toBe(404);
	});
});

/** All that comes back for one request line, sent as it is. */
function raw(relay: Relay, line: string): Promise<string> {
	return new Promise((resolve) => {
		const socket = createConnection(relay.port, "127.0.0.1");
		let text = "";
		socket.on("data", (data) => {
			text += String(data);
		});
		socket.on("close", () => resolve(text));
		socket.on("error", () => resolve(text));
		socket.write(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
	});
}
