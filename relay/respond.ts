/** Short answers: a status, and a text where there is something to say. */
import { type ServerResponse, STATUS_CODES } from "node:http";

/** Ends a response. The body of a refusal is the status in words. */
export function respond(
	response: ServerResponse,
	status: number,
	headers: Readonly<Record<string, string>> = {},
	body: string | Buffer = status >= 400
		? `${STATUS_CODES[status] ?? ""}\n`
		: "",
): void {
	const bytes = Buffer.from(body);
	response.writeHead(status, {
		...(status === 204 ? {} : { "Content-Length": String(bytes.length) }),
		...(bytes.length > 0
			? { "Content-Type": "text/plain; charset=utf-8" }
			: {}),
		"Cache-Control": "no-store",
		...headers,
	});
	// Node leaves the body out for HEAD.
	response.end(bytes);
}
