/** Opening and closing ports. */
import {
	createServer as createHttp,
	type RequestListener,
	type Server,
} from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { visitorOf } from "./addresses.ts";
import type { Limits } from "./limits.ts";

/** Options of an HTTP or HTTPS server that bound what a slow or silent client can hold. */
export function serverOptions(limits: Limits) {
	return {
		headersTimeout: limits.headersMs,
		requestTimeout: limits.requestMs,
		connectionsCheckingInterval: Math.ceil(limits.headersMs / 4),
		keepAliveTimeout: 5_000,
		maxHeaderSize: 16 * 1024,
		noDelay: true,
	};
}

/** An HTTP server that is not listening yet. */
export function createHttpServer(
	limits: Limits,
	listener: RequestListener,
): Server {
	return createHttp(serverOptions(limits), listener);
}

/**
 * Listens on one address.
 * @returns the port, which is a free one where `port` was 0
 * @throws the system's error, with `code` (`EADDRINUSE`, `EADDRNOTAVAIL`, …)
 */
export function listen(
	server: NetServer,
	port: number,
	host: string,
): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, host }, () => {
			server.off("error", reject);
			const { port: open } = server.address() as AddressInfo;
			resolve(open);
		});
	});
}

/** Keeps count of the TCP connections of each visitor and ends those beyond the limit. */
export class SocketCounter {
	readonly #limit: number;
	readonly #onRefused: () => void;
	/** Whose each open one is: a closed socket does not know its address any more. */
	readonly #open = new Map<Socket, string>();
	readonly #counts = new Map<string, number>();
	/** One for all of them: a closure each would be what an idle connection weighs. */
	readonly #onClose: (this: Socket) => void;

	constructor(limit: number, onRefused: () => void) {
		this.#limit = limit;
		this.#onRefused = onRefused;
		const remove = (socket: Socket) => this.#remove(socket);
		this.#onClose = function onClose() {
			remove(this);
		};
	}

	/** Watches a listening server. */
	watch(server: NetServer): void {
		server.on("connection", (socket: Socket) => this.#add(socket));
	}

	/** Ends whatever is still open. */
	endAll(): void {
		for (const socket of this.#open.keys()) socket.destroy();
	}

	#add(socket: Socket): void {
		const visitor = visitorOf(socket.remoteAddress);
		const count = (this.#counts.get(visitor) ?? 0) + 1;
		this.#counts.set(visitor, count);
		this.#open.set(socket, visitor);
		socket.on("close", this.#onClose);
		if (count <= this.#limit) return;
		this.#onRefused();
		socket.destroy();
	}

	#remove(socket: Socket): void {
		const visitor = this.#open.get(socket);
		if (visitor === undefined) return;
		this.#open.delete(socket);
		const left = (this.#counts.get(visitor) ?? 1) - 1;
		if (left > 0) this.#counts.set(visitor, left);
		else this.#counts.delete(visitor);
	}
}

/** Stops accepting; resolves when every connection is closed. Ends none itself. */
export function closed(server: NetServer): Promise<void> {
	return new Promise((resolve) => {
		NetServer.prototype.close.call(server, () => {
			// Again as what it is: an HTTP server's own close ends the clock of its timeouts, and now there is nothing to cut.
			server.close();
			resolve();
		});
	});
}

/** Whether an error of the system has one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
	return (
		error instanceof Error &&
		"code" in error &&
		codes.includes(String(error.code))
	);
}
