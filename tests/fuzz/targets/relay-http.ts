/** What the relay reads of HTTP requests, and what a page reads of a relay, which anybody may run. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOwnOrigin, visitorOf } from "../../../relay/addresses.ts";
import { isFromHere } from "../../../relay/metrics.ts";
import { createStaticFiles } from "../../../relay/static.ts";
import { createRelayClient } from "../../../src/platform/relay-client.ts";
import { parseRoute } from "../../../src/ui/route.ts";
import { utf8 } from "../../../src/wire/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { ensure, type Target, texts } from "../target.ts";

function textsIn(input: Uint8Array): string[] | undefined {
	try {
		const list = decodeCbor(input, { maxBytes: 65_536 });
		return Array.isArray(list)
			? list.map((item) => (typeof item === "string" ? item : ""))
			: undefined;
	} catch {
		return undefined; // not an input of this target
	}
}

/** An input is an address and the headers `Origin`, `Host` and `X-Forwarded-For`. */
const headers: Target = {
	name: "relay-headers",
	begin: () => ({
		inputs: [
			["127.0.0.1", "http://localhost:8787", "localhost:8787", ""],
			["::1", "http://[::1]:8787", "[::1]:8787", ""],
			["fe80::1%eth0", "https://192.168.1.5", "192.168.1.5:8788", "1.2.3.4"],
			["::ffff:10.0.0.9", "http://shoal.test", "shoal.test", ""],
		].map(encodeCbor),
		tokens: texts(
			"::",
			"%",
			"[",
			"]",
			"localhost",
			"@",
			"127.",
			":",
			"/",
			"null",
		),
		take(input) {
			const given = textsIn(input);
			if (given === undefined) return "refused";
			const [address, origin = "", host = "", forwarded] = given;
			ensure(
				visitorOf(address).length <= (address ?? "").length + 24,
				"a long name",
			);
			const own = isOwnOrigin(origin, host);
			isFromHere(address, { host, "x-forwarded-for": forwarded });
			ensure(
				!isOwnOrigin("https://evil.example", host) ||
					host.toLowerCase().includes("evil.example"),
				"a page of the web may speak",
			);
			return own ? "accepted" : "refused";
		},
	}),
};

const SECRET = "nobody may read this";

/** An input is the path of a request, beside a folder with a file that must not be served. */
const files: Target = {
	name: "relay-files",
	weight: 0.2,
	begin() {
		const outside = mkdtempSync(join(tmpdir(), "fuzz-files-"));
		const folder = join(outside, "site");
		mkdirSync(join(folder, "assets"), { recursive: true });
		writeFileSync(join(outside, "secret.txt"), SECRET);
		writeFileSync(join(folder, ".secret"), SECRET);
		writeFileSync(join(folder, "index.html"), "page");
		writeFileSync(join(folder, "assets", "a.js"), "script");
		const served = createStaticFiles(folder);
		return {
			inputs: texts("", "assets/a.js", "index.html"),
			tokens: texts(
				...[
					"/",
					"..",
					"%2e",
					"%2f",
					"\\",
					"%5c",
					"%00",
					"secret.txt",
					".secret",
				],
				...["//", "%", "%c0%af", ":", "/../secret.txt", "/assets/../.."],
			),
			async take(input) {
				const path = `/${new TextDecoder().decode(input)}`;
				let status = 0;
				let body = "";
				const response = {
					writeHead: (code: number) => {
						status = code;
						return response;
					},
					end: (content?: unknown) => {
						body = String(content ?? "");
					},
				};
				await served.answer(
					{ method: "GET", headers: {} } as IncomingMessage,
					response as unknown as ServerResponse,
					// As the server hands it over.
					URL.canParse(`http://relay${path}`)
						? new URL(`http://relay${path}`).pathname
						: path,
				);
				ensure(!body.includes(SECRET), "a file that is nobody's was served");
				ensure(status === 200 || status === 404, `status ${status}`);
				return status === 200 ? "accepted" : "refused";
			},
		};
	},
};

/** Frames of a relay that says what it likes. */
const client: Target = {
	name: "relay-client",
	begin(random) {
		const sockets: FakeSocket[] = [];
		class FakeSocket {
			static readonly OPEN = 1;
			readonly readyState = 1;
			onopen = (): void => undefined;
			onmessage = (_: { data: unknown }): void => undefined;
			constructor() {
				sockets.push(this);
			}
			send = (): void => undefined;
			close = (): void => undefined;
		}
		Object.assign(globalThis, { WebSocket: FakeSocket });
		const clock = { now: () => 0, wall: () => 0, after: () => () => undefined };
		let heard: Uint8Array[] = [];
		const signaling = createRelayClient("http://relay.test/", clock, random);
		const [socket] = sockets;
		socket?.onopen();
		signaling.subscribe("topic", (_, sealed) => heard.push(sealed));
		return {
			inputs: [
				{
					type: "publish",
					topic: "topic",
					from: "ab",
					data: "AAAA",
					clients: 2,
				},
				{ type: "publish", topic: "topic", from: "", data: "" },
			].map((frame) => utf8(JSON.stringify(frame))),
			tokens: texts(
				'"type":"ping"',
				"publish",
				'"topic"',
				"__proto__",
				"[",
				"{",
			),
			take(input) {
				heard = [];
				socket?.onmessage({ data: new TextDecoder().decode(input) });
				ensure(
					heard.every((sealed) => sealed instanceof Uint8Array),
					"something else than bytes",
				);
				return heard.length > 0 ? "accepted" : "refused";
			},
		};
	},
};

/** The fragment of an address that somebody was made to open. */
const route: Target = {
	name: "route",
	begin: () => ({
		inputs: texts("#/swarm", "#/swarm/did%3Akey%3Az6Mk", "#/job/abc/1.2", "#/"),
		tokens: texts("%", "/", "%E0%A4%A", "#", "..", "job", "swarm"),
		take(input) {
			const read = parseRoute(new TextDecoder().decode(input));
			if (read.place === "job")
				ensure(/^[\w-]{1,100}$/.test(read.job), "not the name of a job");
			return "accepted";
		},
	}),
};

export const httpTargets: readonly Target[] = [headers, files, client, route];
