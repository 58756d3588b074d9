/** What a page of another library offers to the benchmarks, so that all are driven by the same code. */

/** A link to the other page of a room: whole messages, in order. */
export interface Wire {
	/** Resolves, or returns, when more may be sent. */
	send(message: Uint8Array<ArrayBuffer>): void | Promise<void>;
}

/** Left in a rival's page as `globalThis.rival`. */
export interface RivalPage {
	/** Milliseconds since 1970 at which the first peer could be sent to; missing until then. */
	linkedAt?: number;
	/** Milliseconds of so many round trips of so many bytes, one after the other. */
	roundTrips(count: number, bytes: number): Promise<number[]>;
	/** Milliseconds from the first of so many messages sent to the other page's word that it has them all. */
	flood(count: number, bytes: number): Promise<number>;
	/** Sends one message every 50 ms from now on, marked with its number. */
	tick(): void;
	/** Says one small thing. */
	say(): void;
	/** When the last tick of the other page came, milliseconds since 1970; 0 where none did. */
	lastTick: number;
}

declare global {
	var rival: RivalPage | undefined;
}
