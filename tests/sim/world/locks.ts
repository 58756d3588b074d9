/** The locks of one browser profile, as Web Locks grant, steal and lose them. */
import type { UplinkPort } from "../../../src/mesh/uplink.ts";
import type { Clock } from "../../../src/wire/clock.ts";

interface Request {
	readonly host: string;
	held(): void;
	lost(): void;
}

export class Locks {
	/** By name: who holds it, then who waits. */
	readonly #queues = new Map<string, Request[]>();
	readonly #clock: Clock;
	readonly #arrive: (host: string, task: () => void) => void;

	/** @param arrive does at a host what arrives there, once it is awake */
	constructor(clock: Clock, arrive: (host: string, task: () => void) => void) {
		this.#clock = clock;
		this.#arrive = arrive;
	}

	port(host: string, isVisible: () => boolean = () => true): UplinkPort {
		return {
			isVisible,
			lock: (name, steal, events) => {
				const queue = this.#queues.get(name) ?? [];
				this.#queues.set(name, queue);
				const request = { host, ...events };
				if (steal) {
					const holder = queue.shift();
					if (holder !== undefined) this.#tell(holder, () => holder.lost());
					queue.unshift(request);
				} else queue.push(request);
				if (queue[0] === request) this.#grant(name);
				return () => this.#drop(name, request);
			},
		};
	}

	/** Its process is gone. */
	release(host: string): void {
		for (const [name, queue] of this.#queues)
			for (const request of [...queue])
				if (request.host === host) this.#drop(name, request);
	}

	#drop(name: string, request: Request): void {
		const queue = this.#queues.get(name) ?? [];
		const at = queue.indexOf(request);
		if (at < 0) return;
		queue.splice(at, 1);
		if (at === 0) this.#grant(name);
	}

	#grant(name: string): void {
		const first = this.#queues.get(name)?.[0];
		if (first !== undefined)
			this.#tell(first, () => {
				if (this.#queues.get(name)?.[0] === first) first.held();
			});
	}

	#tell({ host }: Request, task: () => void): void {
		this.#clock.after(1, () => this.#arrive(host, task));
	}
}
