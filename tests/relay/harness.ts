/** A relay on free ports, and plain clients of its protocol that wait for what they are told to wait for. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import {
	type Relay,
	type RelayOptions,
	startRelay,
} from "../../relay/server.ts";

export type Frame = Readonly<Record<string, unknown>>;

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "shoal-relay-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

/** Closed after the test. */
export async function openRelay(
	options: Partial<RelayOptions> = {},
): Promise<Relay> {
	const folder = options.folder ?? (await temporaryFolder());
	const relay = await startRelay({ port: 0, ...options, folder });
	onTestFinished(() => relay.close());
	return relay;
}

/** A client that keeps every frame it hears. */
export class Client {
	readonly socket: WebSocket;
	readonly heard: Frame[] = [];
	/** Resolves with the close code. */
	readonly closed: Promise<number>;
	readonly #waiting = new Set<() => void>();

	private constructor(socket: WebSocket) {
		this.socket = socket;
		this.closed = new Promise((resolve) => socket.once("close", resolve));
		socket.on("message", (data) => {
			this.heard.push(JSON.parse(String(data)));
			for (const wake of [...this.#waiting]) wake();
		});
	}

	static async open(
		url: string,
		options: {
			headers?: Record<string, string>;
			ca?: string;
			localAddress?: string;
		} = {},
	): Promise<Client> {
		const socket = new WebSocket(url.replace(/^http/, "ws"), options);
		const client = new Client(socket);
		onTestFinished(() => socket.terminate());
		await new Promise((resolve, reject) => {
			socket.once("open", resolve);
			socket.once("error", reject);
		});
		socket.on("error", (error) => {
			client.heard.push({ type: "socket-error", message: error.message });
		});
		return client;
	}

	send(frame: Frame): void {
		this.socket.send(JSON.stringify(frame));
	}

	/** The first frame like this, heard already or yet to come. */
	async hear(like: (frame: Frame) => boolean): Promise<Frame> {
		for (;;) {
			const found = this.heard.find(like);
			if (found !== undefined) return found;
			await new Promise<void>((resolve) => {
				const wake = () => {
					this.#waiting.delete(wake);
					resolve();
				};
				this.#waiting.add(wake);
			});
		}
	}

	/** Everything heard up to now: the relay answers in order, so a pong comes after what was on its way. */
	async settled(): Promise<readonly Frame[]> {
		const pongs = this.heard.filter(isPong).length;
		this.send({ type: "ping" });
		await this.hear(
			(frame) => isPong(frame) && this.heard.filter(isPong).length > pongs,
		);
		return this.heard.filter((frame) => !isPong(frame));
	}
}

export function isPong(frame: Frame): boolean {
	return frame["type"] === "pong";
}

export function isError(code: string): (frame: Frame) => boolean {
	return (frame) => frame["type"] === "error" && frame["code"] === code;
}

export function carries(data: unknown): (frame: Frame) => boolean {
	return (frame) => frame["type"] === "publish" && frame["data"] === data;
}
