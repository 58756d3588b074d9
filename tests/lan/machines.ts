/** What runs on the hosts of the network: the product as people start it, a proxy before it, and browsers. */
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, firefox } from "playwright";
import { findChromium } from "../../scripts/browser.ts";
import { root } from "../../scripts/process.ts";
import { quiet } from "../helpers/browser.ts";
import type { Host } from "./network.ts";

/** `npm start -- --lan` on a host. */
export interface Product {
	/** HTTPS, as the program prints it. */
	readonly secure: string;
	/** The same through a proxy that speaks plain HTTP: no secure context. */
	readonly plain: string;
	/** Ends it, without a goodbye to anybody. */
	kill(): void;
}

/** Passes what comes from the network on to the port on loopback: the "proxy of your own" of the README. */
const proxy = `
const net = require("node:net");
const pass = (from) => {
	const to = net.connect(8787, "127.0.0.1");
	for (const [one, other] of [[from, to], [to, from]]) one.on("error", () => other.destroy()).pipe(other);
};
net.createServer(pass).listen(8787, process.argv[1], () => console.log("open"));
`;

/**
 * Resolves when the product is served on that host.
 * @param folder keeps its certificate authority
 */
export async function serve(host: Host, folder: string): Promise<Product> {
	const program = host.run(process.execPath, [
		join(root, "scripts/start.mjs"),
		...["--lan", "--data", folder],
	]);
	const [, secure = ""] = await said(program, /open (https:\/\/\S+)/);
	const before = host.run(process.execPath, ["-e", proxy, host.address]);
	await said(before, /open/);
	return {
		secure,
		plain: `http://${host.address}:8787`,
		kill() {
			before.kill("SIGKILL");
			program.kill("SIGKILL");
		},
	};
}

/** Waits for a program to print something like this. */
function said(child: ChildProcess, like: RegExp): Promise<RegExpMatchArray> {
	return new Promise((resolve, reject) => {
		let text = "";
		child.stdout?.on("data", (chunk: Buffer) => {
			text += chunk.toString("utf8");
			const match = text.match(like);
			if (match !== null) resolve(match);
		});
		child.once("exit", () => reject(new Error(`It ended and said: ${text}`)));
	});
}

/** A headless Chromium on a host, as it is sold: candidates on the network are mDNS names. `folder` is for a script. */
export function chromiumOn(host: Host, folder: string): Promise<Browser> {
	const path = script(
		folder,
		`chromium-${host.name}`,
		`exec ip netns exec ${host.name} '${findChromium() ?? ""}' "$@"`,
	);
	return chromium.launch({
		executablePath: path,
		args: ["--no-sandbox", ...quiet],
	});
}

/** A headless Firefox on a host. Its remote control listens on that host's loopback: `inside.ts` passes it on. */
export function firefoxOn(
	host: Host,
	program: string,
	folder: string,
): Promise<Browser> {
	const path = script(
		folder,
		`firefox-${host.name}`,
		`exec '${process.execPath}' --import '${import.meta.resolve("tsx")}' '${join(root, "tests/lan/inside.ts")}' ${host.name} '${program}' "$@"`,
	);
	return firefox.launch({ channel: "moz-firefox", executablePath: path });
}

function script(folder: string, name: string, line: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
	return path;
}
