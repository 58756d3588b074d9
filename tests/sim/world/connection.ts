/** Connection set-up: offer and answer carry a token instead of SDP; both ends' "fingerprints" travel in them, as in SDP. */
import type { Connection, ConnectionEvents } from "../../../src/mesh/ports.ts";
import type { Clock } from "../../../src/wire/clock.ts";
import { type Medium, SimTransport } from "./transport.ts";

/** What connections are made over. */
interface Exchange extends Medium {
	delay(): number;
	canConnect(a: string, b: string): boolean;
	/** @returns the name under which the other end finds it */
	offer(connection: SimConnection): string;
	offered(id: string): SimConnection | undefined;
}

export class SimConnection implements Connection {
	readonly host: string;
	readonly print: string;
	readonly #exchange: Exchange;
	readonly #clock: Clock;
	readonly #events: ConnectionEvents;
	readonly #id: string;
	#remotePrint: string | undefined;
	#isDone = false;

	constructor(
		exchange: Exchange,
		clock: Clock,
		host: string,
		initiator: boolean,
		events: ConnectionEvents,
	) {
		this.#exchange = exchange;
		this.#clock = clock;
		this.host = host;
		this.#events = events;
		this.#id = exchange.offer(this);
		this.print = `print-of-${this.#id}`;
		if (initiator) clock.after(1, () => this.#say("offer"));
	}

	signal(data: string): void {
		const [kind, id = "", print = ""] = data.split("|");
		const other = this.#exchange.offered(id);
		if (this.#isDone || other === undefined) return;
		this.#remotePrint = print;
		if (kind === "offer") this.#say("answer");
		else
			this.#clock.after(this.#exchange.delay(), () => {
				if (!this.#exchange.canConnect(this.host, other.host)) return;
				if (!this.#isDone && !other.#isDone) this.#join(other);
			});
	}

	close(): void {
		this.#isDone = true;
	}

	#say(kind: "offer" | "answer"): void {
		if (!this.#isDone)
			this.#events.onSignal(`${kind}|${this.#id}|${this.print}`);
	}

	/** DTLS lets only the certificate through that the signals named. */
	#join(other: SimConnection): void {
		const ends = [this, other] as const;
		for (const end of ends) end.#isDone = true;
		if (
			this.#remotePrint !== other.print ||
			other.#remotePrint !== this.print
		) {
			for (const end of ends)
				end.#events.onFail("DTLS refused the certificate");
			return;
		}
		const first = this.#transport(other.print);
		const second = other.#transport(this.print);
		first.other = second;
		second.other = first;
		first.events = this.#events.onOpen(first);
		second.events = other.#events.onOpen(second);
	}

	#transport(remote: string): SimTransport {
		return new SimTransport(this.#exchange, this.#clock, this.host, {
			local: this.print,
			remote,
		});
	}
}
