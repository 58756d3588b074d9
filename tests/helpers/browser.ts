/** What browser tests stand on: a Chromium, and a relay that serves the built page. */
import { join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright";
import type { RelayOptions } from "../../relay/server.ts";
import { findChromium } from "../../scripts/browser.ts";
import { root } from "../../scripts/process.ts";

/** Background traffic of the browser's own, which would disturb recordings of the page's requests (V3). */
const quiet = [
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
