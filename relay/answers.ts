/**
 * Which HTTP connections are in the middle of an answer, so that a relay that ends lets them finish and ends the others at
 * once. Node's own `server.close()` cuts answers that are written and not yet sent.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export class Answers {
	/** Answers under way, by connection. A connection that waits for its next request has none. */
	readonly #underWay = new Map<Socket, number>();
	#closing = false;

	/** To be called for each request, before it is answered. */
	begin({ socket }: IncomingMessage, response: ServerResponse): void {
		const known = this.#underWay.get(socket);
		if (known === undefined)
			socket.once("close", () => this.#underWay.delete(socket));
		this.#underWay.set(socket, (known ?? 0) + 1);
		response.once("close", () => {
			const left = (this.#underWay.get(socket) ?? 0) - 1;
			if (left >= 0) this.#underWay.set(socket, left);
			if (left === 0 && this.#closing) socket.end();
		});
	}

	/** The connection speaks no HTTP any more. */
	forget({ socket }: IncomingMessage): void {
		this.#underWay.delete(socket);
	}

	/** Ends connections as they have nothing left to answer. */
	finish(): void {
		this.#closing = true;
		for (const [socket, answers] of this.#underWay)
			if (answers === 0) socket.end();
	}
}
