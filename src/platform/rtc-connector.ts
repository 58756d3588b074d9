/** The mesh's connector in the node worker. What connects is fetched with the first connection, as on the page. */
import type { Connection, Connector } from "../mesh/ports.ts";
import type { Dialler } from "./rtc-dialler.ts";
import type { FromHost, ToHost } from "./rtc-protocol.ts";

export interface RtcConnector extends Connector {
	/** Connections asked for in this page's life, closed ones too (L8). */
	readonly opened: number;
	farewell(message: Omit<Extract<ToHost, { op: "farewell" }>, "op">): void;
	onWake(listener: (persisted: boolean) => void): void;
	/** Whether somebody looks at the page. */
	readonly isVisible: boolean;
}

/** L8: Chrome allows 500 connections a page, closed ones included until they are collected (facts W6). */
const MAX_CONNECTIONS = 400;

/**
 * @param port the other end is `hostRtc` on the page
 * @param iceServers what the relay's operator configured; empty otherwise (L9)
 * @param isSoon a connection will surely be wanted: what makes it is fetched at once
 */
export function createRtcConnector(
	port: MessagePort,
	iceServers: readonly RTCIceServer[],
	isSoon: boolean,
): RtcConnector {
	let opened = 0;
	let isVisible = true;
	let onWake: ((persisted: boolean) => void) | undefined;
	let coming: Promise<Dialler> | undefined;
	let dialler: Dialler | undefined;
	const say = (message: ToHost, transfer: Transferable[] = []): void =>
		port.postMessage(message, transfer);

	function fetchDialler(): Promise<Dialler> {
		coming ??= import("./rtc-dialler.ts").then(
			(code) => {
				dialler = new code.Dialler(say);
				return dialler;
			},
			(error: unknown) => {
				// Tried again with the next connection.
				coming = undefined;
				throw error;
			},
		);
		return coming;
	}

	if (isSoon) fetchDialler().catch(() => undefined);
	port.onmessage = ({ data }: MessageEvent<FromHost>) => {
		if (data.op === "hidden") isVisible = false;
		else if (data.op === "wake") {
			isVisible = true;
			onWake?.(data.persisted);
		} else dialler?.take(data);
	};

	return {
		get opened() {
			return opened;
		},
		get isVisible() {
			return isVisible;
		},
		farewell: (message) => say({ op: "farewell", ...message }),
		onWake(listener) {
			onWake = listener;
		},
		connect(initiator, events) {
			if (opened >= MAX_CONNECTIONS) {
				queueMicrotask(() =>
					events.onFail("this page has opened too many connections"),
				);
				return noConnection;
			}
			const id = ++opened;
			let isClosed = false;
			const dialled = fetchDialler().then((there) => {
				if (!isClosed)
					there.dial({ op: "open", id, initiator, iceServers }, events);
				return there;
			});
			dialled.catch(() => {
				if (!isClosed) events.onFail("its code did not load");
			});
			return {
				signal(data) {
					dialled.then(
						() => say({ op: "signal", id, data }),
						() => undefined,
					);
				},
				close() {
					isClosed = true;
					dialler?.end(id);
				},
			};
		},
	};
}

const noConnection: Connection = {
	signal: () => undefined,
	close: () => undefined,
};
