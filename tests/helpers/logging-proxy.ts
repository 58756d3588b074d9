/**
 * A proxy that every request of a browser goes through, those of workers and service workers included: it lets only
 * one origin through, records the rest, and asks the pages to report what their content policy stopped (X1, X2).
 */
import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
	request as send,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

const REPORTS = "/csp-reports";

export interface LoggingProxy {
	/** For Playwright's `proxy.server`. */
	readonly url: string;
	/** Method and address of everything asked for; `CONNECT host:port` for sockets. */
	readonly requests: readonly string[];
	/** What went out of a page besides that: headers and bodies, for searching. */
	readonly sent: readonly string[];
	/** Reports of violated policies, as the browser wrote them. */
	readonly reports: readonly string[];
	stop(): Promise<void>;
}

/** @param own the one origin that is let through, `http://host:port` */
export async function startLoggingProxy(own: string): Promise<LoggingProxy> {
	const { host, hostname, port } = new URL(own);
	const requests: string[] = [];
	const sent: string[] = [];
	const reports: string[] = [];
	const sockets = new Set<Duplex>();

	function forward(request: IncomingMessage, response: ServerResponse): void {
		const url = new URL(request.url ?? "", own);
		requests.push(`${request.method} ${url.href}`);
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const body = Buffer.concat(chunks);
			if (url.host !== host) {
				response.writeHead(403).end();
				return;
			}
			if (url.pathname === REPORTS) {
				reports.push(body.toString("utf8"));
				response.writeHead(204).end();
				return;
			}
			sent.push(JSON.stringify(request.headers), body.toString("latin1"));
			const { method, headers } = request;
			const path = url.pathname + url.search;
			send({ hostname, port, method, path, headers }, (answer) => {
				response.writeHead(
					answer.statusCode ?? 502,
					withReports(answer.headers),
				);
				answer.pipe(response);
			})
				.on("error", () => response.destroy())
				.end(body);
		});
	}

	const server = createServer(forward);
	server.on("connect", (request, socket: Duplex, head: Buffer) => {
		requests.push(`CONNECT ${request.url}`);
		socket.on("error", () => socket.destroy());
		if (request.url !== host) {
			socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
			return;
		}
		sockets.add(socket);
		const onward = connect(Number(port), hostname, () => {
			socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		onward.on("error", () => socket.destroy());
		socket.on("close", () => {
			sockets.delete(socket);
			onward.destroy();
		});
	});
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const address = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${address.port}`,
		requests,
		sent,
		reports,
		stop: () =>
			new Promise((resolve) => {
				for (const socket of sockets) socket.destroy();
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** The answer's own policy with an address for reports: a worker lives under the policy of its script's answer. */
function withReports(headers: IncomingMessage["headers"]) {
	const policy = headers["content-security-policy"];
	return typeof policy === "string"
		? {
				...headers,
				"content-security-policy": `${policy}; report-uri ${REPORTS}`,
			}
		: headers;
}
