/**
 * The relay over server-sent events and POST, for browsers that refuse its WebSocket: iOS opens no `wss` on a
 * certificate that was clicked through (facts B2). `GET /relay/sse` is what a client hears: first an event `session`
 * whose data is a token, then one unnamed event a frame; `restart` is
 * the relay's goodbye. `POST /relay/send?session=…` is what it says, a frame a request.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isOwnOrigin, visitorOf } from "./addresses.ts";
import type { RefusalCode } from "./frames.ts";
import type { Connection, Hub, Member } from "./hub.ts";
import type { RefusalReason } from "./metrics.ts";
import { respond } from "./respond.ts";

/** The HTTP side of the relay. */
export interface Streams {
	/** Opens an event stream. */
	listen(request: IncomingMessage, response: ServerResponse): void;
	/** Takes one posted frame. */
	send(request: IncomingMessage, response: ServerResponse, url: URL): void;
	close(): void;
}

interface Session {
	readonly member: Member;
	readonly response: ServerResponse;
	heardAt: number;
}

/** Of a posted frame, held apart. */
const maxPieces = 64;

const statusOf: Readonly<Record<RefusalCode, number>> = {
	malformed: 400,
	"slow-down": 429,
	"too-large": 413,
	"too-many-topics": 409,
	"topic-full": 409,
	"topic-name": 400,
};

export function createStreams(hub: Hub): Streams {
	const { limits, tally } = hub;
	let closing = false;
	const sessions = new Map<string, Session>();
	const keepalive = setInterval(() => {
		for (const { response, heardAt } of sessions.values()) {
			if (performance.now() - heardAt > limits.streamSilenceMs) {
				tally.silent++;
				response.destroy();
			}
			// A comment, so that proxies and idle timeouts see traffic.
			else if (response.writableLength <= limits.bufferedBytes)
				response.write(":\n\n");
		}
	}, limits.keepaliveMs);

	function open(
		request: IncomingMessage,
		response: ServerResponse,
		address: string,
	): void {
		const token = randomBytes(16).toString("base64url");
		const connection: Connection = {
			// A frame is JSON on one line, so it needs no splitting.
			send: (frame) => response.write(`data: ${frame}\n\n`),
			buffered: () => response.writableLength,
			drop: () => response.destroy(),
		};
		const member = hub.admit(address, connection);
		sessions.set(token, { member, response, heardAt: performance.now() });
		response.on("error", () => response.destroy());
		response.on("close", () => {
			sessions.delete(token);
			member.leave();
		});
		request.socket.setNoDelay(true);
		response.writeHead(200, {
			"Content-Type": "text/event-stream; charset=utf-8",
			"Cache-Control": "no-store",
			// Asks a proxy in between not to gather the stream.
			"X-Accel-Buffering": "no",
		});
		response.write(`event: session\ndata: ${token}\n\n`);
	}

	function refuse(
		reason: RefusalReason,
		response: ServerResponse,
		status: number,
	): void {
		tally.refused[reason]++;
		respond(response, status);
	}

	return {
		listen(request, response) {
			const address = visitorOf(request.socket.remoteAddress);
			if (closing) refuse("closing", response, 503);
			else if (!isOwnOrigin(request.headers.origin, request.headers.host))
				refuse("origin", response, 403);
			else if (!hub.hasRoomFor(address)) refuse("full", response, 429);
			else open(request, response, address);
		},
		send(request, response, url) {
			// The token is unguessable and only its own page can read it: no other page can post.
			const session = sessions.get(url.searchParams.get("session") ?? "");
			if (session === undefined) {
				respond(response, 404);
				return;
			}
			readBody(request, limits.frameBytes, (body) => {
				session.heardAt = performance.now();
				if (body === undefined) tally.refused["too-large"]++;
				const refusal =
					body === undefined ? "too-large" : session.member.receive(body);
				if (refusal !== undefined) session.member.refuse(refusal);
				respond(response, refusal === undefined ? 204 : statusOf[refusal]);
			});
		},
		close() {
			closing = true;
			clearInterval(keepalive);
			for (const { response } of sessions.values())
				response.end("event: restart\ndata: 1012\n\n");
		},
	};
}

/**
 * Calls back once with the text, or with `undefined` as soon as it is too large. An aborted request never calls back.
 * What is too large is read on for a while and thrown away: closing at once would lose the answer.
 */
function readBody(
	request: IncomingMessage,
	maxBytes: number,
	done: (body: string | undefined) => void,
): void {
	let chunks: Buffer[] | undefined = [];
	let bytes = 0;
	request.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes <= maxBytes) {
			chunks?.push(chunk);
			// A piece costs more than its bytes: one who sends them singly must not make us hold hundreds each.
			if (chunks !== undefined && chunks.length > maxPieces)
				chunks = [Buffer.concat(chunks)];
		} else if (chunks !== undefined) {
			chunks = undefined;
			done(undefined);
		} else if (bytes > 16 * maxBytes) request.destroy();
	});
	request.on("end", () => {
		if (chunks !== undefined) done(Buffer.concat(chunks).toString("utf8"));
	});
	request.on("error", () => request.destroy());
}
