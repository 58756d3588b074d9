/** Round trips, floods and ticks over any library's link: the same code for all that are measured. */
import type { RivalPage, Wire } from "../../rival.ts";

const PING = 0;
const PONG = 1;
const DATA = 2;
const COUNT = 3;
const ALL_HERE = 4;
const TICK = 5;

/** What the page of a library calls: once with a link, then with each message. */
export interface Driver {
	linked(wire: Wire): void;
	receive(message: Uint8Array): void;
}

/** Where and with whom a page is to meet, from the fragment of its address. */
export const meeting = Object.fromEntries(
	new URLSearchParams(location.hash.slice(1)),
) as {
	readonly room: string;
	readonly server: string;
	readonly role: string;
	/** Of records that a guest waits for. */
	readonly count?: string;
};

export function drive(): Driver {
	let wire: Wire | undefined;
	let ponged: (() => void) | undefined;
	let allHere: (() => void) | undefined;
	let received = 0;
	let expected = Number.POSITIVE_INFINITY;
	const send = (tag: number, bytes = 9, number = 0): void | Promise<void> => {
		const message = new Uint8Array(Math.max(9, bytes));
		message[0] = tag;
		new DataView(message.buffer).setFloat64(1, number);
		return wire?.send(message);
	};
	const settle = (): void => {
		if (received < expected) return;
		received = 0;
		expected = Number.POSITIVE_INFINITY;
		send(ALL_HERE);
	};
	const page: RivalPage = {
		lastTick: 0,
		async roundTrips(count, bytes) {
			const times: number[] = [];
			while (times.length < count) {
				const begun = performance.now();
				await new Promise<void>((resolve) => {
					ponged = resolve;
					send(PING, bytes);
				});
				times.push(performance.now() - begun);
			}
			return times;
		},
		async flood(count, bytes) {
			const begun = performance.now();
			const done = new Promise<void>((resolve) => {
				allHere = resolve;
			});
			send(COUNT, 9, count);
			for (let index = 0; index < count; index++) {
				const waiting = send(DATA, bytes, index);
				if (waiting !== undefined) await waiting;
			}
			await done;
			return performance.now() - begun;
		},
		say() {
			send(TICK);
		},
		tick() {
			let number = 0;
			setInterval(() => send(TICK, 9, number++), 50);
		},
	};
	globalThis.rival = page;
	return {
		linked(to) {
			wire = to;
			page.linkedAt ??= performance.timeOrigin + performance.now();
		},
		receive(message) {
			const [tag] = message;
			if (tag === PING) send(PONG, message.length);
			else if (tag === PONG) ponged?.();
			else if (tag === ALL_HERE) allHere?.();
			else if (tag === TICK) page.lastTick = Date.now();
			else if (tag === DATA) {
				received++;
				settle();
			} else if (tag === COUNT) {
				expected = new DataView(message.buffer, message.byteOffset).getFloat64(
					1,
				);
				settle();
			}
		},
	};
}
