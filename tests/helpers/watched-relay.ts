/** A relay that the test controls: it records what passes, and may change, drop, repeat or hold it back (L3). */
import { join } from "node:path";
import { startRelay } from "../../relay/server.ts";
import { root } from "../../scripts/process.ts";
import type { TestServer } from "./browser.ts";

/** A frame on its way. `connection` counts from 0 in the order in which pages connected. */
export interface Passing {
	readonly way: "to-relay" | "to-page";
	readonly connection: number;
	readonly frame: string;
}

/** What is handed on instead of a frame: as many as wanted, in this order. */
export type Meddle = (passing: Passing) => readonly string[];

export interface WatchedRelay extends TestServer {
	/** Every frame as it came, before it was meddled with. */
	readonly passed: readonly Passing[];
	/** Connections since the start, closed ones too. */
	readonly connections: number;
	/** From now on; `undefined` lets everything pass as it is. */
	meddle(rule: Meddle | undefined): void;
	/** Sends a frame of the relay's own to every page that is connected. */
	tellAll(frame: string): void;
	/** Ends every connection; pages come back. */
	dropAll(): void;
}

export async function startWatchedRelay(): Promise<WatchedRelay> {
	const relay = await startRelay({ port: 0, folder: join(root, "dist") });
	const passed: Passing[] = [];
	const open = new Map<number, { send(frame: string): void; drop(): void }>();
	let connections = 0;
	let rule: Meddle | undefined;
	const pass = (passing: Passing, handOn: (frame: string) => void): void => {
		passed.push(passing);
		for (const frame of rule?.(passing) ?? [passing.frame]) handOn(frame);
	};

	const admit = relay.hub.admit.bind(relay.hub);
	relay.hub.admit = (address, connection) => {
		const number = connections++;
		open.set(number, connection);
		const member = admit(address, {
			send: (frame) =>
				pass({ way: "to-page", connection: number, frame }, (each) =>
					connection.send(each),
				),
			buffered: () => connection.buffered(),
			drop: () => connection.drop(),
		});
		return {
			charge: (bytes) => member.charge(bytes),
			reads: (bytes) => member.reads(bytes),
			refuse: (code) => member.refuse(code),
			receive(text) {
				let refusal: ReturnType<typeof member.receive>;
				pass({ way: "to-relay", connection: number, frame: text }, (each) => {
					refusal = member.receive(each);
				});
				return refusal;
			},
			leave() {
				open.delete(number);
				member.leave();
			},
		};
	};

	return {
		url: relay.url,
		port: relay.port,
		stop: () => relay.close(),
		passed,
		get connections() {
			return connections;
		},
		meddle(next) {
			rule = next;
		},
		tellAll(frame) {
			for (const connection of open.values()) connection.send(frame);
		},
		dropAll() {
			for (const connection of [...open.values()]) connection.drop();
		},
	};
}

/** A published frame as pages write it. */
export interface Published {
	readonly type: "publish";
	readonly topic: string;
	readonly from: string;
	/** Sealed, base64url. */
	readonly data: string;
}

/** The frame as a published one, or `undefined` for any other. */
export function publishedOf(frame: string): Published | undefined {
	const message = JSON.parse(frame) as Partial<Published>;
	return message.type === "publish" && typeof message.data === "string"
		? (message as Published)
		: undefined;
}
