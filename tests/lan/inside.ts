/**
 * `inside.ts NAMESPACE PROGRAM ARGUMENTS…` runs a browser in a network namespace and lets its remote control, which
 * listens on the loopback in there, be reached at the same port out here.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const [, , namespace = "", program = "", ...args] = process.argv;
const enter = ["netns", "exec", namespace];
const child = spawn("ip", [...enter, program, ...args], {
	stdio: ["ignore", "inherit", "pipe"],
});

/** One process for each connection; a remote control has one. */
const connect = (port: string): string =>
	`const s = require("node:net").connect(${port}, "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout); s.on("error", () => process.exit(1)); s.on("close", () => process.exit(0))`;

function pass(port: string): Promise<void> {
	const door = createServer((socket) => {
		const inner = spawn(
			"ip",
			[...enter, process.execPath, "-e", connect(port)],
			{
				stdio: ["pipe", "pipe", "inherit"],
			},
		);
		socket.on("error", () => inner.kill());
		socket.on("close", () => inner.kill());
		inner.stdin.on("error", () => socket.destroy());
		inner.on("exit", () => socket.destroy());
		socket.pipe(inner.stdin);
		inner.stdout.pipe(socket);
	});
	return new Promise((resolve, reject) => {
		door.once("error", reject);
		door.listen(Number(port), "127.0.0.1", resolve);
	});
}

const listening = /listening on ws:\/\/127\.0\.0\.1:(\d+)/;
child.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT"] as const)
	process.on(signal, () => child.kill(signal));
for await (const line of createInterface({ input: child.stderr })) {
	const port = listening.exec(line)?.[1];
	if (port !== undefined) await pass(port);
	process.stderr.write(`${line}\n`);
}
