/**
 * The page's side of connections. RTCPeerConnection exists only on the page (facts W1), so the page hosts them and
 * passes bytes; the code for it is fetched when the first other device appears (facts V6).
 */
import type { Asked, Connections, PeerClass } from "./rtc-connections.ts";
import type { FromHost, ToHost } from "./rtc-protocol.ts";

type Code = readonly [
	typeof import("./rtc-connections.ts"),
	{ readonly default: PeerClass },
];

let coming: Promise<Code> | undefined;

/** Fetches what makes connections: one is wanted, or will be soon. */
export function fetchRtc(): Promise<Code> {
	coming ??= Promise.all([
		import("./rtc-connections.ts"),
		import("simple-peer/simplepeer.min.js"),
	]).catch((error: unknown) => {
		// Tried again with the next connection.
		coming = undefined;
		throw error;
	});
	return coming;
}

/** @param port the other end is `createRtcConnector` in the worker */
export function hostRtc(port: MessagePort): void {
	const say = (message: FromHost, transfer: Transferable[] = []): void =>
		port.postMessage(message, transfer);
	let connections: Connections | undefined;
	/** Asked for while the code is on its way. */
	let waiting: Asked[] = [];
	let farewell: Extract<ToHost, { op: "farewell" }> | undefined;

	function fetchFor(asked: Asked): void {
		waiting.push(asked);
		if (waiting.length > 1) return;
		fetchRtc().then(
			([code, { default: Peer }]) => {
				connections ??= new code.Connections(Peer, say);
				for (const one of waiting.splice(0)) connections.take(one);
			},
			() => {
				const reason = "its code did not load";
				const lost = waiting;
				waiting = [];
				for (const { op, id } of lost)
					if (op === "open") say({ op: "closed", id, reason });
			},
		);
	}

	port.onmessage = ({ data }: MessageEvent<ToHost>) => {
		if (data.op === "farewell") farewell = data;
		else if (connections === undefined) fetchFor(data);
		else connections.take(data);
	};

	const tellVisibility = (): void =>
		say(
			document.visibilityState === "visible"
				? { op: "wake", persisted: false }
				: { op: "hidden" },
		);
	addEventListener("pagehide", () => {
		if (farewell === undefined) return;
		connections?.farewell(farewell.frame);
		for (const { name, message } of farewell.tabs) {
			const channel = new BroadcastChannel(name);
			channel.postMessage(message);
			channel.close();
		}
	});
	addEventListener("pageshow", ({ persisted }) => {
		if (persisted) say({ op: "wake", persisted });
	});
	document.addEventListener("visibilitychange", () => {
		tellVisibility();
	});
	if (document.visibilityState !== "visible") tellVisibility();
}
