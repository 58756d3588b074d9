/**
 * The relay's client: topics over one WebSocket, or over server-sent events and POST where the browser refuses the
 * socket (facts B2). Speaks y-webrtc's signalling protocol; what it carries has been sealed before.
 */
import type { Signaling, SignalingState } from "../mesh/ports.ts";
import { fromBase64Url, toBase64Url } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import {
	RELAY_RESTART_SPREAD_MS,
	RELAY_RETRY_BASE_MS,
	RELAY_RETRY_MAX_MS,
} from "../wire/constants.ts";
import type { RelayWire, RelayWireEvents } from "./relay-wire.ts";

/** The close code of a server that restarts (IANA's WebSocket close code registry). */
const SERVICE_RESTART = 1012;

type Listener = (from: string, sealed: Uint8Array) => void;

/** @param base address of the page's server: `http://host:port/` */
export function createRelayClient(
	base: string,
	clock: Clock,
	random: Random,
): Signaling {
	const topics = new Map<string, Set<Listener>>();
	const stateListeners = new Set<(state: SignalingState) => void>();
	let state: SignalingState = "connecting";
	let wire: RelayWire | undefined;
	let failures = 0;
	let socketWorks = false;
	let closed = false;
	let cancelRetry: (() => void) | undefined;

	function become(next: SignalingState): void {
		if (state === next) return;
		state = next;
		for (const listener of [...stateListeners]) listener(next);
	}

	const say = (message: object): void => {
		if (state === "connected") wire?.send(JSON.stringify(message));
	};

	function connect(): void {
		let opened = false;
		// Every second try is the fallback, until the socket has worked once: a refused certificate looks like any other failure.
		const open = socketWorks || failures % 2 === 0 ? openSocket : openSse;
		const current = open(base, {
			onOpen: () => {
				opened = true;
				failures = 0;
				socketWorks ||= open === openSocket;
				if (topics.size > 0)
					current.send(
						JSON.stringify({ type: "subscribe", topics: [...topics.keys()] }),
					);
				become("connected");
			},
			onFrame: take,
			onClose: (restarting) => {
				if (closed || wire !== current) return;
				wire = undefined;
				if (!opened) failures++;
				become(failures > 1 ? "unreachable" : "connecting");
				const ceiling = Math.min(
					RELAY_RETRY_MAX_MS,
					RELAY_RETRY_BASE_MS * 2 ** failures,
				);
				const spread = restarting ? RELAY_RESTART_SPREAD_MS : ceiling / 2;
				cancelRetry = clock.after(
					ceiling / 2 + spread * random.fraction(),
					connect,
				);
			},
		});
		wire = current;
	}

	function take(frame: string): void {
		let message: unknown;
		try {
			message = JSON.parse(frame);
		} catch {
			return;
		}
		if (typeof message !== "object" || message === null) return;
		const { type, topic, from, data } = message as Record<string, unknown>;
		if (type === "ping") say({ type: "pong" });
		if (
			type !== "publish" ||
			typeof topic !== "string" ||
			typeof from !== "string" ||
			typeof data !== "string"
		)
			return;
		const sealed = fromBase64Url(data);
		if (sealed === undefined) return;
		for (const listener of [...(topics.get(topic) ?? [])])
			listener(from, sealed);
	}

	connect();
	return {
		get state() {
			return state;
		},
		subscribe(topic, listener) {
			let listeners = topics.get(topic);
			if (listeners === undefined) {
				listeners = new Set();
				topics.set(topic, listeners);
				say({ type: "subscribe", topics: [topic] });
			}
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
				if (listeners.size > 0 || topics.get(topic) !== listeners) return;
				topics.delete(topic);
				say({ type: "unsubscribe", topics: [topic] });
			};
		},
		publish: (topic, from, sealed) =>
			say({ type: "publish", topic, from, data: toBase64Url(sealed) }),
		onState(listener) {
			stateListeners.add(listener);
			return () => stateListeners.delete(listener);
		},
		renew() {
			cancelRetry?.();
			const old = wire;
			wire = undefined;
			old?.close();
			failures = 0;
			become("connecting");
			connect();
		},
		close() {
			closed = true;
			cancelRetry?.();
			wire?.close();
		},
	};
}

function openSocket(base: string, events: RelayWireEvents): RelayWire {
	const address = new URL("relay", base);
	address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
	const socket = new WebSocket(address);
	socket.onopen = () => events.onOpen();
	socket.onmessage = ({ data }) => {
		if (typeof data === "string") events.onFrame(data);
	};
	socket.onclose = ({ code }) => events.onClose(code === SERVICE_RESTART);
	return {
		send: (frame) => {
			if (socket.readyState === WebSocket.OPEN) socket.send(frame);
		},
		close: () => socket.close(),
	};
}

/** The fallback is fetched where it is needed: most browsers take the socket. */
function openSse(base: string, events: RelayWireEvents): RelayWire {
	const opening = import("./relay-sse.ts").then((part) =>
		part.openSse(base, events),
	);
	opening.catch(() => events.onClose(false));
	const later = (act: (wire: RelayWire) => void): void => {
		opening.then(act).catch(() => undefined);
	};
	return {
		send: (frame) => later((wire) => wire.send(frame)),
		close: () => later((wire) => wire.close()),
	};
}
