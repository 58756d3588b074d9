/** The relay over WebSocket, on any path, so that y-webrtc's clients need no special address. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isOwnOrigin, visitorOf } from "./addresses.ts";
import type { Connection, Hub } from "./hub.ts";

/** The WebSocket side of the relay. */
export interface Sockets {
	/** Takes an HTTP server's `upgrade` event. */
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Says goodbye to everybody ("going away") and ends those who do not answer. */
	close(): void;
}

export function createSockets(hub: Hub): Sockets {
	const { limits } = hub;
	const server = new WebSocketServer({
		noServer: true,
		// Closes the connection with 1009 before the rest of the frame is read.
		maxPayload: limits.frameBytes,
		maxFragments: 64,
		maxBufferedChunks: 4_096,
		// Its contexts cost 300 kB a connection, and ciphertext does not shrink.
		perMessageDeflate: false,
	});
	const heard = new WeakSet<WebSocket>();
	const keepalive = setInterval(() => {
		for (const socket of server.clients) {
			if (heard.delete(socket)) socket.ping();
			else socket.terminate();
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
			if (!member.charge(data.length)) member.refuse("slow-down");
		});
		socket.on("pong", () => heard.add(socket));
		// What ws objects to (too large, not UTF-8, broken frames) ends that connection and nothing else.
		socket.on("error", () => member.leave());
		socket.on("close", () => member.leave());
	}

	return {
		upgrade(request, socket, head) {
			// Until ws takes over: a reset during the handshake must not be an uncaught error.
			socket.on("error", () => socket.destroy());
			const address = visitorOf(request.socket.remoteAddress);
			if (!isOwnOrigin(request.headers.origin, request.headers.host))
				refuseUpgrade(socket, "403 Forbidden");
			else if (!hub.hasRoomFor(address))
				refuseUpgrade(socket, "429 Too Many Requests");
			else
				server.handleUpgrade(request, socket, head, (client) =>
					open(client, address),
				);
		},
		close() {
			clearInterval(keepalive);
			for (const socket of server.clients) socket.close(1001);
			server.close();
		},
	};
}

function refuseUpgrade(socket: Duplex, status: string): void {
	socket.end(
		`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
	);
}
