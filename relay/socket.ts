/** The relay over WebSocket, on any path, so that y-webrtc's clients need no special address. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isOwnOrigin, visitorOf } from "./addresses.ts";
import type { Connection, Hub } from "./hub.ts";
import { hasCode } from "./listen.ts";
import type { RefusalReason } from "./metrics.ts";

/** The WebSocket side of the relay. */
export interface Sockets {
	/** Takes an HTTP server's `upgrade` event. */
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Tells everybody that the service restarts (1012: come back, after a moment of your own choice) and takes nobody more. */
	close(): void;
}

export function createSockets(hub: Hub): Sockets {
	const { limits, tally } = hub;
	let closing = false;
	const server = new WebSocketServer({
		noServer: true,
		// Closes the connection with 1009 before the rest of the frame is read.
		maxPayload: limits.frameBytes,
		maxFragments: 64,
		maxBufferedChunks: 4_096,
		// Its contexts cost 300 kB a connection, and ciphertext does not shrink.
		perMessageDeflate: false,
		// One frame a turn: a flood that came in one piece would otherwise be read to its end before anybody else is.
		allowSynchronousEvents: false,
	});
	const heard = new WeakSet<WebSocket>();
	const keepalive = setInterval(() => {
		for (const socket of server.clients) {
			if (heard.delete(socket)) socket.ping();
			else {
				tally.silent++;
				socket.terminate();
			}
		}
	}, limits.keepaliveMs);

	function open(socket: WebSocket, address: string): void {
		const connection: Connection = {
			send: (frame) => socket.send(frame),
			buffered: () => socket.bufferedAmount,
			drop: () => socket.terminate(),
		};
		const member = hub.admit(address, connection);
		heard.add(socket);
		socket.on("message", (data) => {
			heard.add(socket);
			const refusal = member.receive(String(data));
			if (refusal !== undefined) member.refuse(refusal);
		});
		socket.on("ping", (data) => {
			heard.add(socket);
			if (member.charge(data.length)) return;
			tally.refused["slow-down"]++;
			member.refuse("slow-down");
		});
		socket.on("pong", () => heard.add(socket));
		// What ws objects to (too large, not UTF-8, broken frames) ends that connection and nothing else.
		socket.on("error", (error) => {
			tally.refused[
				hasCode(error, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
					? "too-large"
					: "malformed"
			]++;
			member.leave();
		});
		socket.on("close", () => member.leave());
	}

	function refuse(reason: RefusalReason, socket: Duplex, status: string): void {
		tally.refused[reason]++;
		socket.end(
			`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
		);
	}

	return {
		upgrade(request, socket, head) {
			// Until ws takes over: a reset during the handshake must not be an uncaught error.
			socket.on("error", () => socket.destroy());
			const address = visitorOf(request.socket.remoteAddress);
			if (closing) refuse("closing", socket, "503 Service Unavailable");
			else if (!isOwnOrigin(request.headers.origin, request.headers.host))
				refuse("origin", socket, "403 Forbidden");
			else if (!hub.hasRoomFor(address))
				refuse("full", socket, "429 Too Many Requests");
			else
				server.handleUpgrade(request, socket, head, (client) =>
					open(client, address),
				);
		},
		close() {
			closing = true;
			clearInterval(keepalive);
			for (const socket of server.clients) socket.close(1012);
			server.close();
		},
	};
}
