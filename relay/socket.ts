/** The relay over WebSocket, on any path, so that y-webrtc's clients need no special address. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { isOwnOrigin, visitorOf } from "./addresses.ts";
import type { Connection, Hub, Member } from "./hub.ts";
import { hasCode } from "./listen.ts";
import type { RefusalReason } from "./metrics.ts";

/** The WebSocket side of the relay. */
export interface Sockets {
	/** Takes an HTTP server's `upgrade` event. */
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Tells everybody that the service restarts (1012: come back, after a moment of your own choice) and takes nobody more. */
	close(): void;
}

/** Sockets are asked whether they are there in this many steps of a round: all at once would keep everybody waiting. */
const stepsOfRound = 100;

/** One connection. It takes its events in a method: listeners of its own would be much of what an idle one weighs. */
class RelaySocket extends WebSocket implements Connection {
	/** Undefined until it is open. */
	listener: Listener | undefined;
	member: Member | undefined;
	/** Since it was last asked whether it is there. */
	heard = true;
	/** Of ws, and not public; where it is not, frames wait for the end of the turn. */
	declare readonly _receiver?: { _allowSynchronousEvents: boolean };

	/** Whether the next frame is read in the turn in which it comes. */
	set prompt(prompt: boolean) {
		if (this._receiver !== undefined)
			this._receiver._allowSynchronousEvents = prompt;
	}

	buffered(): number {
		return this.bufferedAmount;
	}

	drop(): void {
		this.terminate();
	}

	override emit(event: string | symbol, ...values: unknown[]): boolean {
		if (this.listener === undefined) return super.emit(event, ...values);
		this.listener(this, event, values[0]);
		return true;
	}
}

type Listener = (
	socket: RelaySocket,
	event: string | symbol,
	value: unknown,
) => void;

export function createSockets(hub: Hub): Sockets {
	const { limits, tally } = hub;
	let closing = false;
	const server = new WebSocketServer({
		noServer: true,
		WebSocket: RelaySocket,
		clientTracking: false,
		// Closes the connection with 1009 before the rest of the frame is read.
		maxPayload: limits.frameBytes,
		maxFragments: 64,
		// A piece costs some 400 bytes, however short it is. A full frame comes in 50, or 130 where packets are small.
		maxBufferedChunks: 256,
		autoPong: false,
		// Its contexts cost 300 kB a connection, and ciphertext does not shrink.
		perMessageDeflate: false,
		// One frame a turn: a flood that came in one piece would otherwise be read to its end before anybody else is.
		allowSynchronousEvents: false,
	});
	const sockets = new Set<RelaySocket>();
	/** Who has said something in this turn. */
	let spoken: RelaySocket[] = [];
	let round = sockets.values();
	let due = 0;
	const keepalive = setInterval(() => {
		due += sockets.size / stepsOfRound;
		for (; due >= 1; due--) {
			const next = round.next();
			if (next.done) round = sockets.values();
			else ask(next.value);
		}
	}, limits.keepaliveMs / stepsOfRound);

	function ask(socket: RelaySocket): void {
		if (socket.heard) {
			socket.heard = false;
			socket.ping();
		} else {
			tally.silent++;
			socket.terminate();
		}
	}

	function open(socket: RelaySocket, address: string): void {
		socket.member = hub.admit(address, socket);
		socket.listener = listen;
		socket.prompt = true;
		sockets.add(socket);
	}

	/** The first frame of a turn is read at once; what came with it waits, so that the others are heard in between. */
	function hear(socket: RelaySocket): void {
		socket.heard = true;
		socket.prompt = false;
		if (spoken.push(socket) === 1) setImmediate(endTurn);
	}

	function endTurn(): void {
		for (const socket of spoken) socket.prompt = true;
		spoken = [];
	}

	const listen: Listener = (socket, event, value) => {
		const { member } = socket;
		if (event === "message" && value instanceof Buffer) {
			const refusal = member?.receive(value.toString(), value.length);
			if (refusal !== undefined) member?.refuse(refusal);
			hear(socket);
		} else if (event === "ping" && value instanceof Buffer) {
			hear(socket);
			if (!member?.charge(value.length)) {
				tally.refused["slow-down"]++;
				member?.refuse("slow-down");
			} else if (member.reads(value.length)) socket.pong(value);
		} else if (event === "pong") {
			hear(socket);
		} else if (event === "error") {
			// What ws objects to (too large, not UTF-8, broken frames) ends that connection and nothing else.
			tally.refused[
				hasCode(value, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
					? "too-large"
					: "malformed"
			]++;
			member?.leave();
		} else if (event === "close") {
			sockets.delete(socket);
			member?.leave();
		}
	};

	function refuse(reason: RefusalReason, socket: Duplex, status: string): void {
		tally.refused[reason]++;
		socket.end(
			`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
		);
	}

	return {
		upgrade(request, socket, head) {
			// Until ws takes over: a reset during the handshake must not be an uncaught error.
			socket.on("error", destroy);
			const address = visitorOf(request.socket.remoteAddress);
			if (closing) refuse("closing", socket, "503 Service Unavailable");
			else if (!isOwnOrigin(request.headers.origin, request.headers.host))
				refuse("origin", socket, "403 Forbidden");
			else if (!hub.hasRoomFor(address))
				refuse("full", socket, "429 Too Many Requests");
			else
				server.handleUpgrade(request, socket, head, (client) => {
					socket.off("error", destroy);
					open(client, address);
				});
		},
		close() {
			closing = true;
			clearInterval(keepalive);
			for (const socket of sockets) socket.close(1012);
			server.close();
		},
	};
}

function destroy(this: Duplex): void {
	this.destroy();
}
