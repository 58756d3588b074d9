/**
 * What Shoal is measured beside: other libraries' pages, and their servers on loopback. They live in `bench/peers` with
 * an install of their own, so that a user's `npm ci` stays light.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import { build, type PreviewServer, preview } from "vite";
import { newDevice } from "../scripts/headless-swarm.ts";
import { root, run } from "../scripts/process.ts";
import type {} from "./rival.ts";

const folder = join(root, "bench", "peers");
const modules = join(folder, "node_modules");

export const rivals = ["bare", "y-webrtc", "peerjs", "trystero"] as const;
export type RivalName = (typeof rivals)[number];

/** Pages that hold records instead of driving a link; introduced by y-webrtc's server. */
export const recordPages = ["records-y-webrtc", "records-automerge"] as const;
export type RecordPageName = (typeof recordPages)[number];

/** The program of each signalling server; a bare channel is introduced by y-webrtc's. */
const servers: Readonly<Record<RivalName, readonly string[]>> = {
	bare: [join(modules, "y-webrtc", "bin", "server.js")],
	"y-webrtc": [join(modules, "y-webrtc", "bin", "server.js")],
	peerjs: [join(modules, "peer", "dist", "bin", "peerjs.js")],
	trystero: [join(folder, "nostr-relay.mjs")],
};

/** Everything that runs for the rivals. `close` ends it. */
export interface Arena {
	/** The address of a rival's page, for one room and one role in it. */
	address(
		name: RivalName | RecordPageName,
		room: string,
		role: string,
		more?: Readonly<Record<string, string>>,
	): string;
	close(): Promise<void>;
}

/** Installs the rivals where they are missing, or of other versions. */
export async function installRivals(
	onNote: (note: string) => void,
): Promise<void> {
	if (areInstalled()) return;
	onNote("Installing what Shoal is measured beside, once…");
	const npm = process.platform === "win32" ? "npm.cmd" : "npm";
	const { ok, output } = await run(npm, ["ci", "--prefix", folder]);
	if (!ok) throw new Error(`The rivals could not be installed:\n${output}`);
}

function areInstalled(): boolean {
	const { dependencies } = readPackage(folder);
	return Object.entries(dependencies).every(([name, version]) => {
		const at = join(modules, name);
		return existsSync(at) && readPackage(at).version === version;
	});
}

const readPackage = (
	at: string,
): { version?: string; dependencies: Record<string, string> } =>
	JSON.parse(readFileSync(join(at, "package.json"), "utf8"));

/** Installs the rivals where they are missing, builds their pages and starts their servers. */
export async function openArena(
	onNote: (note: string) => void,
): Promise<Arena> {
	await installRivals(onNote);
	const pages = await mkdtemp(join(tmpdir(), "shoal-rivals-"));
	const running: ChildProcess[] = [];
	const ports = new Map<RivalName | RecordPageName, number>();
	let web: PreviewServer | undefined;
	const close = async (): Promise<void> => {
		for (const child of running) child.kill();
		await web?.close();
		await rm(pages, { recursive: true, force: true });
	};
	try {
		await build({
			configFile: false,
			logLevel: "error",
			root: join(folder, "pages"),
			build: {
				outDir: pages,
				emptyOutDir: true,
				rolldownOptions: {
					input: [...rivals, ...recordPages].map((name) =>
						join(folder, "pages", `${name}.html`),
					),
				},
			},
		});
		for (const name of rivals) {
			const port = await freePort();
			ports.set(name, port);
			const { program, args } = commandOf(name, port);
			const child = spawn(process.execPath, [program, ...args], {
				env: { ...process.env, PORT: String(port) },
				stdio: "ignore",
			});
			running.push(child);
			await untilListening(port);
		}
		// Not by our relay: its policy lets a page talk to no other server.
		web = await preview({
			configFile: false,
			logLevel: "error",
			root: pages,
			build: { outDir: pages },
			preview: { host: "127.0.0.1", port: await freePort() },
		});
	} catch (error) {
		await close();
		throw error;
	}
	const [origin = ""] = web.resolvedUrls?.local ?? [];
	return {
		close,
		address(name, room, role, more = {}) {
			const scheme = name === "peerjs" ? "http" : "ws";
			const port = ports.get(name) ?? ports.get("y-webrtc");
			const server = `${scheme}://127.0.0.1:${port}`;
			const fragment = new URLSearchParams({ room, role, server, ...more });
			return `${origin}${name}.html#${fragment}`;
		},
	};
}

/** A room of two. */
export interface RivalPair {
	readonly host: Page;
	readonly guest: Page;
	/** From opening the guest's page, on a new device, to its link. */
	readonly joinMs: number;
	close(): Promise<void>;
}

/** Opens the two pages of a room, each on a device of its own, and waits until the guest is linked. */
export async function openPair(
	browser: Browser,
	arena: Arena,
	name: RivalName,
	prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<RivalPair> {
	const room = `${name}-${Math.random().toString(36).slice(2)}`;
	const contexts = [
		await newDevice(browser),
		await newDevice(browser),
	] as const;
	const [host, guest] = await Promise.all(
		contexts.map(async (context) => {
			await prepare(context);
			return context.newPage();
		}),
	);
	if (host === undefined || guest === undefined) throw new Error("no pages");
	await host.goto(arena.address(name, room, "host"));
	await host.waitForLoadState("networkidle");
	const begun = performance.timeOrigin + performance.now();
	await guest.goto(arena.address(name, room, "guest"));
	for (const page of [host, guest])
		await page.waitForFunction(() => globalThis.rival?.linkedAt, null, {
			timeout: 30_000,
		});
	const linkedAt = await guest.evaluate(() => rival?.linkedAt ?? Number.NaN);
	return {
		host,
		guest,
		joinMs: linkedAt - begun,
		async close() {
			for (const context of contexts) await context.close();
		},
	};
}

/** How a rival's signalling server is started; the port is also to be in `PORT`. */
export function commandOf(
	name: RivalName,
	port: number,
): { program: string; args: readonly string[] } {
	const [program = "", ...args] = servers[name];
	return {
		program,
		args: name === "peerjs" ? [...args, "--port", String(port)] : args,
	};
}

export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.on("error", reject);
		probe.listen(0, "127.0.0.1", () => {
			const address = probe.address();
			probe.close(() =>
				typeof address === "object" && address !== null
					? resolve(address.port)
					: reject(new Error("no port")),
			);
		});
	});
}

/** @throws when nothing listens within ten seconds */
export async function untilListening(port: number): Promise<void> {
	const { connect } = await import("node:net");
	for (let tries = 0; tries < 100; tries++) {
		const open = await new Promise<boolean>((resolve) => {
			const socket = connect(port, "127.0.0.1");
			socket.on("connect", () => {
				socket.destroy();
				resolve(true);
			});
			socket.on("error", () => resolve(false));
		});
		if (open) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`Nothing listens on port ${port}.`);
}
