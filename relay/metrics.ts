/**
 * What the relay has seen, in Prometheus' text format (version 0.0.4), for programs of this computer alone: how many
 * talk here, and when, is nobody else's business. No figure carries an address or a topic's name.
 */
import type { IncomingHttpHeaders } from "node:http";
import { hostnameOf, isLoopback, visitorOf } from "./addresses.ts";
import type { RefusalCode } from "./frames.ts";

/** Why something was not taken: a frame, a request for a connection, or (`sockets`) a TCP connection. */
export type RefusalReason =
	| RefusalCode
	| "origin"
	| "full"
	| "closing"
	| "sockets";

/** Counts since the start. Written by the hub and its transports. */
export class Tally {
	framesIn = 0;
	framesOut = 0;
	bytesIn = 0;
	bytesOut = 0;
	/** Connections dropped because they did not read. */
	slowReaders = 0;
	/** Connections dropped because they did not answer. */
	silent = 0;
	readonly refused: Record<RefusalReason, number> = {
		malformed: 0,
		"slow-down": 0,
		"too-large": 0,
		"too-many-topics": 0,
		"topic-full": 0,
		"topic-name": 0,
		origin: 0,
		full: 0,
		closing: 0,
		sockets: 0,
	};
}

/** What is there now. */
export interface Gauges {
	readonly connections: number;
	readonly topics: number;
	readonly visitors: number;
}

export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

export function metricsText(tally: Tally, now: Gauges): string {
	const lines: string[] = [];
	const family = (
		name: string,
		type: "counter" | "gauge",
		help: string,
		samples: readonly (readonly [labels: string, value: number])[],
	): void => {
		lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
		for (const [labels, value] of samples)
			lines.push(`${name}${labels} ${value}`);
	};
	const direction = (received: number, sent: number) =>
		[
			['{direction="in"}', received],
			['{direction="out"}', sent],
		] as const;
	family("shoal_relay_connections", "gauge", "Sockets and event streams.", [
		["", now.connections],
	]);
	family("shoal_relay_topics", "gauge", "Topics that have a member.", [
		["", now.topics],
	]);
	family("shoal_relay_visitors", "gauge", "Addresses that are remembered.", [
		["", now.visitors],
	]);
	family(
		"shoal_relay_frames_total",
		"counter",
		"Frames that came and copies that were handed on.",
		direction(tally.framesIn, tally.framesOut),
	);
	family(
		"shoal_relay_bytes_total",
		"counter",
		"Bytes of those frames.",
		direction(tally.bytesIn, tally.bytesOut),
	);
	family(
		"shoal_relay_refused_total",
		"counter",
		"Frames and connections not taken.",
		Object.entries(tally.refused).map(([reason, count]) => [
			`{reason="${reason}"}`,
			count,
		]),
	);
	family(
		"shoal_relay_slow_readers_dropped_total",
		"counter",
		"Connections that did not read what they were sent.",
		[["", tally.slowReaders]],
	);
	family(
		"shoal_relay_silent_dropped_total",
		"counter",
		"Connections that did not answer.",
		[["", tally.silent]],
	);
	family("process_resident_memory_bytes", "gauge", "Resident memory.", [
		["", process.memoryUsage.rss()],
	]);
	return `${lines.join("\n")}\n`;
}

/** A proxy on this computer connects from loopback on behalf of anybody; any of these says that it did. */
const forwarding =
	/^(forwarded|via|x-real-ip|x-client-ip|x-forwarded-.+|cf-.+|true-client-ip)$/;

/**
 * Whether a request was made by a program of this computer, for itself. The host is looked at because a page of the web
 * can have its own name point here (DNS rebinding).
 */
export function isFromHere(
	remoteAddress: string | undefined,
	headers: IncomingHttpHeaders,
): boolean {
	return (
		isLoopbackAddress(remoteAddress) &&
		isLoopback(hostnameOf(headers.host) ?? "") &&
		!Object.keys(headers).some((name) => forwarding.test(name))
	);
}

function isLoopbackAddress(address: string | undefined): boolean {
	return address === "::1" || isLoopback(visitorOf(address));
}
