/** One process, one port: the page, the relay's WebSocket, its fallback over HTTP, `/relay/info` and `/relay/metrics`. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Answers } from "./answers.ts";
import { securityHeaders } from "./headers.ts";
import { Hub } from "./hub.ts";
import { type Lan, type LanOptions, openLan, sendAuthority } from "./lan.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import {
	closed,
	createHttpServer,
	hasCode,
	listen,
	SocketCounter,
} from "./listen.ts";
import { isFromHere, metricsText, metricsType } from "./metrics.ts";
import { respond } from "./respond.ts";
import { createSockets, type Sockets } from "./socket.ts";
import { createStreams, type Streams } from "./sse.ts";
import { createStaticFiles, type StaticFiles } from "./static.ts";

export interface RelayOptions {
	/** 0 for a free one. */
	readonly port: number;
	/** The built page. It need not exist. */
	readonly folder: string;
	/** What `/relay/info` says. */
	readonly version?: string;
	readonly lan?: LanOptions;
	readonly limits?: Partial<Limits>;
}

/** A relay that listens. */
export interface Relay {
	readonly port: number;
	/** `http://localhost:<port>` */
	readonly url: string;
	/** URLs that other devices can open, likeliest first; none without `lan`. */
	addresses(): readonly string[];
	/** The certificate authority's PEM, with `lan`. */
	readonly authority: string | undefined;
	readonly hub: Hub;
	/** Says goodbye to everybody and resolves when the ports are free, within about a second. */
	close(): Promise<void>;
}

/** What `GET /relay/info` answers, so that an invite carries an address that others can open. */
export interface RelayInfo {
	readonly addresses: readonly string[];
	readonly lan: boolean;
	readonly version: string;
}

const json = { "Content-Type": "application/json; charset=utf-8" };
const sweepMs = 10_000;
const closeGraceMs = 1_000;

/**
 * Starts the relay on the loopback addresses, and with `lan` on the network's.
 * @throws the system's error where a port is taken (`code` is `EADDRINUSE`)
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
	const limits = { ...defaultLimits, ...options.limits };
	const hub = new Hub(limits);
	const parts: Parts = {
		sockets: createSockets(hub),
		streams: createStreams(hub),
		files: createStaticFiles(options.folder),
		info: () => ({
			addresses: lan?.urls() ?? [],
			lan: lan !== undefined,
			version: options.version ?? "0.0.0",
		}),
		metrics: () => metricsText(hub.tally, hub.kept),
		authority: () => lan?.authority,
	};
	const counter = new SocketCounter(limits.socketsPerAddress, () => {
		hub.tally.refused.sockets++;
	});
	const answers = new Answers();
	const handle = (request: IncomingMessage, response: ServerResponse) => {
		answers.begin(request, response);
		// Not for the whole server: a WebSocket would keep the timer that it does not need.
		request.socket.setTimeout(limits.idleMs);
		route(parts, request, response);
	};
	const upgrade: Sockets["upgrade"] = (request, socket, head) => {
		answers.forget(request);
		parts.sockets.upgrade(request, socket, head);
	};
	const create = () => {
		const server = createHttpServer(limits, handle);
		server.on("upgrade", upgrade);
		counter.watch(server);
		return server;
	};
	const sweep = setInterval(() => hub.sweep(), sweepMs);
	let servers: readonly Server[] = [];
	let lan: Lan | undefined;
	let closing: Promise<void> | undefined;

	async function close(): Promise<void> {
		clearInterval(sweep);
		// Nobody more first; then goodbye; what is being answered has the grace to end in.
		const ends = [...servers.map(closed), lan?.close()];
		parts.sockets.close();
		parts.streams.close();
		answers.finish();
		const late = setTimeout(() => counter.endAll(), closeGraceMs);
		await Promise.all(ends);
		clearTimeout(late);
	}

	try {
		servers = await listenOnLoopback(options.port, create);
		if (options.lan !== undefined) {
			const deps = { limits, counter, handle, upgrade };
			lan = await openLan(options.lan, deps);
		}
	} catch (error) {
		await close();
		throw error;
	}
	const port = portOf(servers);
	return {
		port,
		url: `http://localhost:${port}`,
		addresses: () => lan?.urls() ?? [],
		authority: lan?.authority,
		hub,
		close: () => {
			closing ??= close();
			return closing;
		},
	};
}

interface Parts {
	readonly sockets: Sockets;
	readonly streams: Streams;
	readonly files: StaticFiles;
	readonly info: () => RelayInfo;
	readonly metrics: () => string;
	readonly authority: () => string | undefined;
}

function route(
	parts: Parts,
	request: IncomingMessage,
	response: ServerResponse,
): void {
	for (const [name, value] of Object.entries(securityHeaders))
		response.setHeader(name, value);
	const target = `http://relay${request.url ?? ""}`;
	if (!request.url?.startsWith("/") || !URL.canParse(target)) {
		respond(response, 400);
		return;
	}
	const url = new URL(target);
	const authority = parts.authority();
	if (url.pathname === "/relay/info") {
		if (allows(["GET", "HEAD"], request, response))
			respond(response, 200, json, JSON.stringify(parts.info()));
	} else if (url.pathname === "/relay/metrics") {
		if (!isFromHere(request.socket.remoteAddress, request.headers))
			respond(response, 403);
		else if (allows(["GET", "HEAD"], request, response))
			respond(response, 200, { "Content-Type": metricsType }, parts.metrics());
	} else if (url.pathname === "/relay/sse") {
		if (allows(["GET"], request, response))
			parts.streams.listen(request, response);
	} else if (url.pathname === "/relay/send") {
		if (allows(["POST"], request, response))
			parts.streams.send(request, response, url);
	} else if (url.pathname === "/relay") {
		respond(response, 426, { Upgrade: "websocket" });
	} else if (url.pathname === "/ca.crt" && authority !== undefined) {
		if (allows(["GET", "HEAD"], request, response))
			sendAuthority(authority, response);
	} else if (allows(["GET", "HEAD"], request, response)) {
		parts.files
			.answer(request, response, url.pathname)
			.catch((error: unknown) => {
				console.error(error);
				if (response.headersSent) response.destroy();
				else respond(response, 500);
			});
	}
}

/** Answers a request of another method with 405. */
function allows(
	methods: readonly string[],
	request: IncomingMessage,
	response: ServerResponse,
): boolean {
	if (methods.includes(request.method ?? "")) return true;
	respond(response, 405, { Allow: methods.join(", ") });
	return false;
}

/** `localhost` is either address, and browsers try both: whoever held the other one would be taken for Shoal. */
async function listenOnLoopback(
	wanted: number,
	create: () => Server,
): Promise<Server[]> {
	for (let attempt = 1; ; attempt++) {
		const v4 = create();
		const port = await listen(v4, wanted, "127.0.0.1");
		const v6 = create();
		try {
			await listen(v6, port, "::1");
			return [v4, v6];
		} catch (error) {
			if (hasCode(error, "EAFNOSUPPORT", "EADDRNOTAVAIL")) return [v4];
			await closed(v4);
			// The free port that the system chose on one address is taken on the other: choose again.
			if (wanted === 0 && attempt < 10 && hasCode(error, "EADDRINUSE"))
				continue;
			throw error;
		}
	}
}

function portOf(servers: readonly Server[]): number {
	const address = servers[0]?.address();
	if (address === null || typeof address !== "object")
		throw new Error("The relay listens on no port.");
	return address.port;
}
