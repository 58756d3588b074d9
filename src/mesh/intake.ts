/**
 * What a linked peer sends is verified one message after another, at a bounded rate and within bounded memory (E3): the
 * bucket is charged before a signature is looked at. Whoever is faster waits; whoever floods loses the link.
 */
import type { Clock } from "../wire/clock.ts";
import {
	INTAKE_BURST,
	INTAKE_PER_SECOND,
	MAX_INTAKE_BYTES,
} from "../wire/constants.ts";

export interface IntakeDeps {
	readonly clock: Clock;
	/** Verifies and works in one message. */
	deliver(bytes: Uint8Array): Promise<void>;
	/** More is waiting than a peer may make us hold. */
	onFlood(): void;
}

export class Intake {
	readonly #deps: IntakeDeps;
	readonly #waiting: Uint8Array[] = [];
	#bytes = 0;
	#tokens = INTAKE_BURST;
	#asOf: number;
	#isBusy = false;
	#isStopped = false;
	#cancelWait: (() => void) | undefined;

	constructor(deps: IntakeDeps) {
		this.#deps = deps;
		this.#asOf = deps.clock.now();
	}

	add(bytes: Uint8Array): void {
		if (this.#isStopped) return;
		this.#bytes += bytes.length;
		this.#waiting.push(bytes);
		if (this.#bytes > MAX_INTAKE_BYTES) {
			this.stop();
			this.#deps.onFlood();
		} else if (!this.#isBusy) void this.#work();
	}

	stop(): void {
		this.#isStopped = true;
		this.#cancelWait?.();
		this.#waiting.length = 0;
	}

	async #work(): Promise<void> {
		this.#isBusy = true;
		for (;;) {
			const next = this.#waiting[0];
			if (next === undefined) break;
			const missing = costOf(next) - this.#refill();
			if (missing > 0) {
				const ms = Math.ceil((missing * 1000) / INTAKE_PER_SECOND);
				this.#cancelWait = this.#deps.clock.after(ms, () => void this.#work());
				return;
			}
			this.#tokens -= costOf(next);
			this.#waiting.shift();
			this.#bytes -= next.length;
			await this.#deps.deliver(next);
		}
		this.#isBusy = false;
	}

	#refill(): number {
		const now = this.#deps.clock.now();
		const gained = ((now - this.#asOf) * INTAKE_PER_SECOND) / 1000;
		this.#tokens = Math.min(INTAKE_BURST, this.#tokens + gained);
		this.#asOf = now;
		return this.#tokens;
	}
}

/** One for the signature, and as much again for every 16 KiB that are hashed for it. Never more than a full bucket. */
const costOf = (bytes: Uint8Array): number =>
	Math.min(INTAKE_BURST, 1 + bytes.length / 16_384);
