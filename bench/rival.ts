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

/** Left in a rival's page of records as `globalThis.records`. */
export interface RecordsPage {
	/** Writes so many records as five authors, so many at once. */
	fill(count: number, each: number): Promise<void>;
	/** Writes a value of so many characters. */
	put(key: string, length: number): void;
	has(key: string): boolean;
	/** The same on pages that hold the same records. */
	digest(): Promise<string>;
	/** Milliseconds since 1970 at which all were here. */
	equalAt?: number;
}

declare global {
	var records: RecordsPage | undefined;
	/** Milliseconds since 1970 at which the first peer could be sent to. */
	var linkedAt: number | undefined;
	var rival: RivalPage | undefined;
}
