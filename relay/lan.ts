/**
 * The relay on the local network. One port speaks HTTPS, and to those who come with plain HTTP it hands out the
 * authority's certificate and sends them on: a page of `http://<ip>` would open without most of what it needs (facts B1).
 */
import type {
	IncomingMessage,
	RequestListener,
	ServerResponse,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createNet, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { lanAddresses, urlHost } from "./addresses.ts";
import { type LanCertificates, openCertificates } from "./certificates.ts";
import { securityHeaders } from "./headers.ts";
import type { Limits } from "./limits.ts";
import {
	closed,
	createHttpServer,
	hasCode,
	listen,
	type SocketCounter,
	serverOptions,
} from "./listen.ts";
import { respond } from "./respond.ts";

export interface LanOptions {
	/** 0 for a free one. */
	readonly port: number;
	/** Where the authority is kept between starts. */
	readonly dataFolder: string;
	/** Listen on these addresses alone, instead of on all that the network gives. */
	readonly hosts?: readonly string[];
	/** Told when the network has given other addresses. */
	readonly onChange?: (urls: readonly string[]) => void;
}

/** What a LAN server needs of the rest. */
export interface LanDeps {
	readonly limits: Limits;
	readonly counter: SocketCounter;
	readonly handle: RequestListener;
	readonly upgrade: (
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
	) => void;
}

export interface Lan {
	readonly port: number;
	/** URLs that other devices can open now, likeliest first. */
	urls(): readonly string[];
	/** The authority's certificate, PEM. */
	readonly authority: string;
	close(): Promise<void>;
}

/** How often the network is asked for its addresses: a laptop that changes rooms should not need a restart. */
const addressCheckMs = 10_000;
/** The first byte of a TLS connection: a handshake record (RFC 8446, section 5.1). */
const tlsHandshake = 22;

export async function openLan(
	options: LanOptions,
	deps: LanDeps,
): Promise<Lan> {
	const { limits } = deps;
	let addresses = options.hosts ?? lanAddresses();
	const certificates = await openCertificates(options.dataFolder, addresses);
	const { authority } = certificates;
	const secure = createHttps(
		{
			...serverOptions(limits),
			...contextOf(certificates),
			handshakeTimeout: limits.headersMs,
		},
		deps.handle,
	);
	secure.on("upgrade", deps.upgrade);
	const plain = createHttpServer(limits, (request, response) =>
		sendOn(authority, request, response),
	);
	// Node starts the clocks of request timeouts when a server listens; these two get their sockets from another.
	secure.emit("listening");
	plain.emit("listening");

	function sort(socket: Socket): void {
		const silence = setTimeout(() => socket.destroy(), limits.headersMs);
		socket.once("close", () => clearTimeout(silence));
		socket.on("error", () => socket.destroy());
		socket.once("data", (chunk: Buffer) => {
			clearTimeout(silence);
			socket.pause();
			socket.unshift(chunk);
			const server = chunk[0] === tlsHandshake ? secure : plain;
			server.emit("connection", socket);
			process.nextTick(() => socket.resume());
		});
	}

	const hosts = options.hosts ?? ["::"];
	const doors = hosts.map(() => createNet({ noDelay: true }, sort));
	for (const door of doors) deps.counter.watch(door);
	let port = options.port;
	for (const [index, door] of doors.entries()) {
		const host = hosts[index] ?? "::";
		port = await listen(door, port, host).catch((error: unknown) => {
			if (host !== "::" || !hasCode(error, "EAFNOSUPPORT", "EADDRNOTAVAIL"))
				throw error;
			return listen(door, port, "0.0.0.0");
		});
	}
	const urls = () =>
		addresses.map((address) => `https://${urlHost(address)}:${port}`);

	async function follow(next: readonly string[]): Promise<void> {
		const renewed = await openCertificates(options.dataFolder, next);
		secure.setSecureContext(contextOf(renewed));
		addresses = next;
		options.onChange?.(urls());
	}
	const check = setInterval(() => {
		const next = lanAddresses();
		if (options.hosts !== undefined || next.join() === addresses.join()) return;
		// The old certificate still serves the old addresses; the next turn tries again.
		follow(next).catch((error: unknown) => console.error(error));
	}, addressCheckMs);

	return {
		port,
		urls,
		authority,
		async close() {
			clearInterval(check);
			await Promise.all(doors.map(closed));
			// Never listened themselves: this ends their timeouts' clocks.
			secure.close();
			plain.close();
		},
	};
}

/** Hands out the authority's certificate. */
export function sendAuthority(
	authority: string,
	response: ServerResponse,
): void {
	respond(
		response,
		200,
		{
			"Content-Type": "application/x-x509-ca-cert",
			"Content-Disposition": 'attachment; filename="shoal-ca.crt"',
		},
		authority,
	);
}

function contextOf({ leaf, authority }: LanCertificates) {
	return { key: leaf.key, cert: leaf.certificate + authority };
}

function sendOn(
	authority: string,
	request: IncomingMessage,
	response: ServerResponse,
): void {
	for (const [name, value] of Object.entries(securityHeaders))
		response.setHeader(name, value);
	const { host } = request.headers;
	const target = `https://${host ?? ""}${request.url ?? "/"}`;
	if (request.method !== "GET" && request.method !== "HEAD")
		respond(response, 405, { Allow: "GET, HEAD" });
	else if (request.url === "/ca.crt") sendAuthority(authority, response);
	else if (host === undefined || !URL.canParse(target)) respond(response, 400);
	else respond(response, 307, { Location: new URL(target).href });
}
