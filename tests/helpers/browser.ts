/** What browser tests stand on: a Chromium, and a relay that serves the built page. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
	type Browser,
	type BrowserContext,
	chromium,
	firefox,
	type LaunchOptions,
} from "playwright";
import type { RelayOptions } from "../../relay/server.ts";
import { findChromium } from "../../scripts/browser.ts";
import { root } from "../../scripts/process.ts";

/** Background traffic of the browser's own, which would disturb recordings of the page's requests (V3). */
export const quiet: readonly string[] = [
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--disable-quic",
	"--no-first-run",
];

/**
 * Starts the Chromium of this machine, headless. Close it when done; contexts of it are separate devices to the page.
 *
 * @param more switches and options besides the usual ones
 * @throws Error when there is none; `npm test` installs one.
 */
export async function launchChromium({
	args = [],
	...more
}: Pick<LaunchOptions, "args" | "proxy"> = {}): Promise<Browser> {
	const executablePath = findChromium();
	if (executablePath === undefined)
		throw new Error("There is no Chromium here; npm test installs one");
	const isRoot = process.getuid?.() === 0;
	return chromium.launch({
		...more,
		executablePath,
		args: [...(isRoot ? ["--no-sandbox"] : []), ...quiet, ...args],
	});
}

/**
 * Starts the Chromium of this machine on a profile folder, which outlives it.
 *
 * @returns its one context; `kill` ends all of its processes at once, as a power cut does
 */
export async function launchProfile(
	folder: string,
): Promise<{ context: BrowserContext; kill(): Promise<void> }> {
	const executablePath = findChromium();
	if (executablePath === undefined)
		throw new Error("There is no Chromium here; npm test installs one");
	const told = join(folder, "DevToolsActivePort");
	await rm(told, { force: true });
	const child = spawn(
		executablePath,
		[
			...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
			...quiet,
			"--headless",
			"--remote-debugging-port=0",
			`--user-data-dir=${folder}`,
			"about:blank",
		],
		{ detached: true, stdio: "ignore" },
	);
	const ended = new Promise<void>((resolve) =>
		child.once("exit", () => resolve()),
	);
	let port = "";
	for (let tries = 0; port === "" && tries < 600; tries++) {
		await new Promise((resolve) => setTimeout(resolve, 50));
		const [line = ""] = existsSync(told)
			? readFileSync(told, "utf8").split("\n")
			: [];
		port = line;
	}
	const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
	const [context] = browser.contexts();
	if (context === undefined) throw new Error("The browser has no profile.");
	return {
		context,
		async kill() {
			// The group: its renderers and its network and storage services die with it.
			if (child.pid !== undefined && child.exitCode === null)
				process.kill(-child.pid, "SIGKILL");
			await ended;
		},
	};
}

/** Starts a Firefox as it is sold, headless, over WebDriver BiDi (V2). */
export function launchFirefox(executablePath: string): Promise<Browser> {
	return firefox.launch({ channel: "moz-firefox", executablePath });
}

/** A relay in this process, serving the page. `stop` resolves when its port is free. */
export interface TestServer {
	readonly url: string;
	readonly port: number;
	stop(): Promise<void>;
}

/** Starts the relay on a free port, unless told which, serving `dist/`, unless told what. */
export async function startServer(
	options: Partial<RelayOptions> = {},
): Promise<TestServer> {
	const { startRelay } = await import("../../relay/server.ts");
	const relay = await startRelay({
		port: 0,
		folder: join(root, "dist"),
		...options,
	});
	return { url: relay.url, port: relay.port, stop: () => relay.close() };
}
