/** The floor: one connection, one negotiated data channel, signals through topics of a relay. */
import type { Wire } from "../../rival.ts";
import { meeting } from "./drive.ts";

const HIGH_WATER = 1024 * 1024;
const PIECE = 64 * 1024;

/** Who is told of the link and of what comes over it. */
export interface Ends {
	linked(wire: Wire): void;
	receive(message: Uint8Array): void;
}

/** Meets the other page of the room; the guest calls. */
export function openBareLink(ends: Ends): void {
	const calls = meeting.role === "guest";
	const socket = new WebSocket(meeting.server);
	const say = (signal: unknown): void =>
		socket.send(
			JSON.stringify({
				type: "publish",
				topic: meeting.room,
				from: meeting.role,
				signal,
			}),
		);

	let connection: RTCPeerConnection | undefined;
	let early: RTCIceCandidateInit[] = [];

	function connect(): RTCPeerConnection {
		const made = new RTCPeerConnection({ iceServers: [] });
		early = [];
		const channel = made.createDataChannel("bare", { negotiated: true, id: 0 });
		channel.binaryType = "arraybuffer";
		channel.bufferedAmountLowThreshold = PIECE;
		channel.onopen = () =>
			ends.linked({ send: (message) => sendOn(channel, message) });
		let parts: Uint8Array[] = [];
		channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
			// The first byte says whether more of the message follows.
			const piece = new Uint8Array(data);
			parts.push(piece.subarray(1));
			if (piece[0] === 1) return;
			const whole = parts.length === 1 ? parts[0] : concat(parts);
			parts = [];
			if (whole !== undefined) ends.receive(whole);
		};
		made.onicecandidate = ({ candidate }) => {
			if (candidate !== null) say({ candidate: candidate.toJSON() });
		};
		return made;
	}

	socket.onopen = () => {
		socket.send(JSON.stringify({ type: "subscribe", topics: [meeting.room] }));
		if (calls) say({ hello: true });
	};
	socket.onmessage = async ({ data }: MessageEvent<string>) => {
		const { from, signal } = JSON.parse(data);
		if (from === undefined || from === meeting.role) return;
		if (signal.hello) {
			connection = connect();
			await connection.setLocalDescription();
			say({ description: connection.localDescription });
		} else if (signal.description) {
			connection ??= connect();
			await connection.setRemoteDescription(signal.description);
			if (signal.description.type === "offer") {
				await connection.setLocalDescription();
				say({ description: connection.localDescription });
			}
			for (const candidate of early.splice(0))
				await connection.addIceCandidate(candidate);
		} else if (signal.candidate) {
			if (connection?.remoteDescription)
				await connection.addIceCandidate(signal.candidate);
			else early.push(signal.candidate);
		}
	};
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(
		parts.reduce((sum, { length }) => sum + length, 0),
	);
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

function sendOn(
	channel: RTCDataChannel,
	message: Uint8Array,
): void | Promise<void> {
	for (let at = 0; at < message.length; at += PIECE) {
		const body = message.subarray(at, at + PIECE);
		const piece = new Uint8Array(1 + body.length);
		piece[0] = at + PIECE < message.length ? 1 : 0;
		piece.set(body, 1);
		channel.send(piece);
	}
	if (channel.bufferedAmount < HIGH_WATER) return;
	return new Promise((resolve) => {
		channel.addEventListener("bufferedamountlow", () => resolve(), {
			once: true,
		});
	});
}
